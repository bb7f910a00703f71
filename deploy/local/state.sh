# shellcheck shell=bash
# Where things are. STATE is the directory the caller named (default .aftercare in the checkout): ports, pids, logs,
# environment. PLACE holds what running processes must reach: data, secrets, binaries. For an ordinary user both are
# the same. As root nothing runs as root, and the users it runs as may not be able to enter the checkout (it may lie
# under a private home); so PLACE is /var/lib/aftercare/HASH-OF-STATE, linked from STATE. CACHE holds downloads.

readonly PLACE_ROOT=/var/lib/aftercare
readonly SERVICE_USER=aftercare
readonly POSTGRES_USER=postgres

# Each directory of STATE that lives in PLACE.
readonly PLACED=(postgresql kafka secrets bin)

place_of() {
	if ((EUID != 0)); then
		printf '%s' "$1"
	else
		printf '%s/%s' "$PLACE_ROOT" "$(printf '%s' "$1" | sha256sum | cut -c1-12)"
	fi
}

# Sets STATE, PLACE and CACHE from --data; makes nothing.
state_locate() {
	STATE=$(realpath -m -- "${1:-$ROOT/.aftercare}")
	PLACE=$(place_of "$STATE")
	CACHE=$(place_of "$ROOT/.aftercare")/cache
}

# Each of PostgreSQL, Kafka, Java and the services reads the directory's name from a configuration with signs of its own:
# quotes, commas, colons, what isn't ASCII. A name that all of them take as it is has none of these.
state_name_check() {
	local odd=${STATE//[A-Za-z0-9\/._+@~ -]/}
	if [[ -n $odd ]]; then
		fail "the name of $STATE has signs that a configuration can't hold: $odd" '' \
			'name a directory of letters, digits, blanks and . _ + @ ~ - with --data DIR'
	fi
}

# Makes the directories; run before anything is started. A directory with other things in it is refused, for it is
# going to be closed to others and may one day be wiped.
state_make() {
	local name
	state_name_check
	if [[ $STATE != "$ROOT/.aftercare" && ! -e $STATE/ports && -n $(ls -A "$STATE" 2>/dev/null) ]]; then
		fail "$STATE holds something else" '' 'name a new or empty directory with --data DIR'
	fi
	mkdir -p "$STATE"/{log,run} 2>/dev/null ||
		fail "cannot write to $STATE" '' 'name a directory of your own with --data DIR'
	if [[ ! -O $STATE ]]; then
		fail "$STATE belongs to $(stat -c %U "$STATE")" '' 'run as that user, or name another directory with --data DIR'
	fi
	for name in "${PLACED[@]}"; do
		if [[ $PLACE != "$STATE" ]]; then
			mkdir -p "$PLACE/$name"
			ln -sfn "$PLACE/$name" "$STATE/$name"
		else
			mkdir -p "$STATE/$name"
		fi
	done
	chmod 700 "$STATE"
	touch "$STATE/ports"
	mkdir -p "$CACHE"
	printf '%s\n' "$STATE" >"$PLACE/origin"
}

state_exists() {
	[[ -s $STATE/ports ]]
}

# Removes data, secrets, ports and logs; downloads stay.
state_wipe() {
	local name
	for name in "${PLACED[@]}" origin reports; do
		rm -rf "${PLACE:?}/$name" "${STATE:?}/$name"
	done
	rm -rf "$STATE"/{log,run,ports,lock,seeded,status.json}
	rmdir "$PLACE" "$STATE" 2>/dev/null || true
}

# One command at a time changes a state directory. The lock is released when the script ends; what it starts does
# not inherit it (see process_launch).
state_lock() {
	exec 9>"$STATE/lock"
	flock -w 60 9 || fail "another ./aftercare has been working on $STATE for a minute" '' 'wait for it, then try again'
}

# Root starts processes through this prefix as another user; anyone else as himself.
as_user() {
	AS_USER=()
	if ((EUID == 0)); then
		AS_USER=(setpriv "--reuid=$1" "--regid=$1" --init-groups --inh-caps=-all --)
	fi
}

# Gives files to the user who is going to need them, where that is someone else.
give_to() {
	local user=$1
	shift
	if ((EUID == 0)); then
		chown -R "$user:$user" -- "$@"
	fi
}

# The system user under which root runs Kafka and the services.
service_user_make() {
	if ((EUID == 0)) && ! getent passwd "$SERVICE_USER" >/dev/null; then
		useradd --system --user-group --no-create-home --home-dir /nonexistent \
			--shell /usr/sbin/nologin "$SERVICE_USER"
	fi
}
