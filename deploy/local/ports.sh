# shellcheck shell=bash
# Ports are chosen once among the free ones and kept in STATE/ports, one NAME=PORT a line. They lie below the range
# from which the kernel takes ports for outgoing connections.

readonly PORT_LOW=20000
readonly PORT_COUNT=10000

# Every name that needs a port.
port_names() {
	local service
	printf '%s\n' postgres kafka kafka_controller
	for service in "${SERVICES[@]}"; do
		printf '%s\n' "$service" "${service}_internal"
	done
}

# Prints the port of $1; fails when none has been chosen.
port_of() {
	local name port
	while IFS='=' read -r name port; do
		if [[ $name == "$1" ]]; then
			printf '%s' "$port"
			return 0
		fi
	done 2>/dev/null <"$STATE/ports"
	return 1
}

# Whether someone on this machine listens on port $1 (any address, IPv4 or IPv6).
port_taken() {
	local hex
	printf -v hex ':%04X' "$1"
	awk -v port="$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }' \
		/proc/net/tcp /proc/net/tcp6 2>/dev/null
}

port_choose() {
	local port
	while :; do
		port=$((PORT_LOW + SRANDOM % PORT_COUNT))
		if ! port_taken "$port" && ! grep -qs "=$port\$" "$STATE/ports"; then
			printf '%s' "$port"
			return 0
		fi
	done
}

port_keep() {
	{
		grep -vs "^$1=" "$STATE/ports" || true
		printf '%s=%s\n' "$1" "$2"
	} >"$STATE/ports.new"
	mv "$STATE/ports.new" "$STATE/ports"
}

# The part that listens on the port named $1.
port_owner() {
	case $1 in
	kafka_controller) echo kafka ;;
	*) echo "${1%_internal}" ;;
	esac
}

# Refuses what is no port; before anything is made.
port_check() {
	if [[ ! ($1 =~ ^[1-9][0-9]{0,4}$ && $1 -le 65535) ]]; then
		misuse "--port wants a number from 1 to 65535, not $1"
	fi
}

# Chooses what has not been chosen. A kept port that a stranger has taken meanwhile is replaced, but for the gateway's:
# people know that one. $1 is the gateway's port, if the caller wants one.
ports_settle() {
	local wanted=${1:-} name port
	if [[ -n $wanted && $(port_of gateway) != "$wanted" ]]; then
		if process_alive gateway; then
			fail "the gateway is running on port $(port_of gateway)" '' './aftercare down, then up --port '"$wanted"
		fi
		port_keep gateway "$wanted"
	fi
	for name in $(port_names); do
		if process_alive "$(port_owner "$name")"; then
			continue
		fi
		if ! port=$(port_of "$name"); then
			port_keep "$name" "$(port_choose)"
		elif port_taken "$port"; then
			if [[ $name == gateway ]]; then
				fail "port $port of the gateway is in use by another program" '' \
					"stop that program, or choose another port: ./aftercare up --port N"
			fi
			port_keep "$name" "$(port_choose)"
		fi
	done
}
