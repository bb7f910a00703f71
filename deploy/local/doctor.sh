# shellcheck shell=bash
# Checks the machine. One line a check: ok, or what misses and what to do.

readonly MEMORY_MIB=2000
readonly DISK_MIB=4000

DOCTOR_FOUND=0

# doctor_line NAME OK TEXT
doctor_line() {
	local mark=ok
	if [[ $2 != 0 ]]; then
		mark=MISSES
		DOCTOR_FOUND=1
	fi
	printf '  %-7s %-12s %s\n' "$mark" "$1" "$3"
}

# doctor_version NAME WANTED-PREFIX COMMAND...: the first number the command prints.
doctor_version() {
	local name=$1 wanted=$2 found
	shift 2
	found=$("$@" 2>&1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1) || found='not there'
	if [[ $found == "$wanted"* ]]; then
		doctor_line "$name" 0 "$found"
	else
		doctor_line "$name" 1 "$found, but $wanted is wanted"
	fi
}

doctor_packages() {
	local group missing
	for group in build test; do
		missing=$(packages_missing "$group" | paste -sd ' ')
		if [[ -z $missing ]]; then
			doctor_line "$group" 0 'packages all there'
		else
			doctor_line "$group" 1 "as root: apt-get install $missing"
		fi
	done
}

doctor_room() {
	local memory disk at=$PLACE
	memory=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
	doctor_line memory $((memory < MEMORY_MIB)) "$memory MiB available, $MEMORY_MIB wanted"
	while [[ ! -d $at ]]; do
		at=$(dirname "$at")
	done
	disk=$(df -Pm "$at" | awk 'NR == 2 { print $4 }')
	doctor_line disk $((disk < DISK_MIB)) "$disk MiB free at $at, $DISK_MIB wanted"
}

# A kept port that someone else uses.
doctor_ports() {
	local name port
	if ! state_exists; then
		doctor_line ports 0 'none chosen yet'
		return 0
	fi
	for name in $(port_names); do
		if port=$(port_of "$name") && port_taken "$port" && ! process_alive "$(port_owner "$name")"; then
			doctor_line "$name" 1 "port $port is in use by another program"
			return 0
		fi
	done
	doctor_line ports 0 'ours or free'
}

# Root's data of checkouts that are gone.
doctor_orphans() {
	local origin
	for origin in "$PLACE_ROOT"/*/origin; do
		if [[ -r $origin && ! -e $(<"$origin") ]]; then
			doctor_line leftover 1 "${origin%/origin} belonged to $(<"$origin"), which is gone; remove it"
		fi
	done
}

command_doctor() {
	doctor_version debian 12 cat /etc/debian_version
	doctor_packages
	doctor_version cmake 3. cmake --version
	doctor_version java 17. java -version
	doctor_version postgresql 15. "$POSTGRES_BIN/postgres" --version
	doctor_version maven 3. mvn --version
	doctor_room
	doctor_ports
	doctor_orphans
	if ((DOCTOR_FOUND)); then
		exit 3
	fi
}
