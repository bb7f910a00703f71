# shellcheck shell=bash
# Debian packages: which are missing, and installing them as root.

# packages_missing GROUP...: prints the missing packages of the groups.
packages_missing() {
	local group package command installed
	installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null)
	while read -r group package command; do
		if [[ " $* " == *" $group "* ]] && ! grep -qx "installed $package" <<<"$installed" &&
			! { [[ -n $command ]] && type -P "$command" >/dev/null; }; then
			echo "$package"
		fi
	done < <(grep -v '^#' "$ROOT/deploy/local/packages.txt")
}

# The package postgresql-15 starts a cluster of its own unless told not to; ours is the only one we want.
packages_prevent_cluster() {
	local file=/etc/postgresql-common/createcluster.conf
	if [[ ! -e $file ]]; then
		mkdir -p "${file%/*}"
		printf '# Written by aftercare before it installed PostgreSQL.\ncreate_main_cluster = false\n' >"$file"
	fi
}

# packages_ensure GROUP...: a step that installs what is missing, or says who must.
packages_ensure() {
	local missing log=$STATE/log/packages.log
	step packages
	mapfile -t missing < <(packages_missing "$@")
	if ((${#missing[@]} == 0)); then
		done_step 'all there'
		return 0
	fi
	if ((EUID != 0)); then
		fail "packages are missing: ${missing[*]}" '' "as root: apt-get install ${missing[*]}"
	fi
	packages_prevent_cluster
	job_run env DEBIAN_FRONTEND=noninteractive sh -c \
		'apt-get update -q && exec apt-get install -q -y --no-install-recommends "$@"' sh "${missing[@]}" \
		>"$log" 2>&1 </dev/null ||
		fail 'apt-get could not install the packages' "$log" "apt-get update; apt-get install ${missing[*]}"
	done_step "${#missing[@]} installed"
}
