# shellcheck shell=bash
# What people and programs ask a system about: its state, its logs, its data, its events.

# Fails unless a system has been set up and the named parts run.
need() {
	local part
	state_exists || fail "nothing has been set up in $STATE" '' "$(self up)"
	for part in "$@"; do
		process_alive "$part" || fail "$part doesn't run" '' "$(self up)"
	done
}

# How the reader would call this script: self WORDS...
self() {
	local words="./aftercare $*"
	if [[ $STATE != "$ROOT/.aftercare" ]]; then
		words+=" --data $(printf '%q' "$STATE")"
	fi
	printf '%s' "$words"
}

# One line of JSON for a service; one that doesn't run has no pid.
status_service() {
	local pid version='' ready=false
	pid=$(process_pid "$1") || pid=null
	if [[ -x $(binary_placed "$1") ]]; then
		version=$("$(binary_placed "$1")" --version 2>/dev/null) || true
		version=${version##* }
	fi
	if [[ $pid != null ]] && service_ready "$1"; then
		ready=true
	fi
	jq -n --arg name "$1" --argjson port "$(port_of "$1")" --argjson internal_port "$(port_of "$1_internal")" \
		--argjson pid "$pid" --arg version "$version" --argjson ready "$ready" '$ARGS.named'
}

status_json() {
	local service postgres=false kafka=false
	if part_ready postgres; then postgres=true; fi
	if part_ready kafka; then kafka=true; fi
	for service in "${SERVICES[@]}"; do
		status_service "$service"
	done | jq -s --arg gateway "$(gateway_url)" --arg kafka "$(kafka_address)" --arg state "$STATE" \
		--argjson port "$(port_of postgres)" --argjson postgres_ready "$postgres" --argjson kafka_ready "$kafka" '
		{gateway: $gateway, kafka: $kafka, postgres: {host: "127.0.0.1", port: $port, database: "aftercare"},
		 services: ., state: $state, ready: ($postgres_ready and $kafka_ready and all(.[]; .ready))}'
}

command_status() {
	local part port mark json all=0
	need
	if [[ -n ${OPTION[json]:-} ]]; then
		json=$(status_json)
		say "$json"
		[[ $(jq .ready <<<"$json") == true ]] || exit 3
		return 0
	fi
	for part in "${PARTS[@]}"; do
		port=$(port_of "$part")
		mark=stopped
		if part_ready "$part"; then
			mark=ready
		elif process_alive "$part"; then
			mark='not ready'
		fi
		[[ $mark == ready ]] || all=3
		printf '  %-10s %-10s 127.0.0.1:%-6s pid %-8s log %s\n' "$part" "$mark" "$port" \
			"$(process_pid "$part" || echo -)" "$STATE/log/$part.log"
	done
	say "  gateway at $(gateway_url)"
	exit "$all"
}

command_logs() {
	local part=${1:-} files=()
	need
	if [[ -n $part ]]; then
		part_check "$part"
		files=("$STATE/log/$part.log")
	else
		for part in "${PARTS[@]}"; do
			files+=("$STATE/log/$part.log")
		done
	fi
	if [[ -n ${OPTION[f]:-} ]]; then
		exec tail -n 20 -F "${files[@]}"
	fi
	exec tail -n 100 "${files[@]}"
}

command_psql() {
	local service=calls
	need postgres
	if (($# > 0)) && [[ $1 != -* ]]; then
		service=$1
		shift
	fi
	if [[ ${1:-} == -- ]]; then
		shift
	fi
	if [[ " ${SERVICES[*]} " != *" $service "* ]]; then
		misuse "there is no service $service; the services are ${SERVICES[*]}"
	fi
	PGOPTIONS="-c search_path=$service,${service}_data,base" postgres_psql aftercare "$@" || exit
}

# Topics of the services; Kafka's own begin with two underscores.
events_topics() {
	kcat -L -J -b "$(kafka_address)" | jq -r '[.topics[].topic | select(startswith("__") | not)] | sort[]'
}

# One event a line: when, where, headers as name=value, then the data.
events_print() {
	jq -r --unbuffered '
		(.headers // [] | [range(0; length; 2) as $i | "\(.[$i])=\(.[$i + 1])"] | join(" ")) as $headers |
		"\(.ts / 1000 | todate) \(.topic)/\(.partition)@\(.offset) key=\(.key) \($headers) \(.payload)"'
}

command_events() {
	local topics topic name=${1:-} from=(-o end)
	need kafka
	if [[ -n ${OPTION[from-start]:-} ]]; then
		from=(-o beginning -e)
	fi
	mapfile -t topics < <(events_topics)
	if ((${#topics[@]} == 0)); then
		fail 'there are no topics yet' '' "$(self up)"
	fi
	if (($# > 0)); then
		[[ " ${topics[*]} " == *" $name "* ]] || name=aftercare.$name
		[[ " ${topics[*]} " == *" $name "* ]] || misuse "there is no topic $1; the topics are ${topics[*]}"
		topics=("$name")
	else
		mapfile -t topics < <(printf '%s\n' "${topics[@]}" | grep -v '\.dlq$')
	fi
	trap - ERR
	trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
	trap 'exit 130' INT TERM
	for topic in "${topics[@]}"; do
		kcat -C -q -u -J -b "$(kafka_address)" -t "$topic" "${from[@]}" 2>/dev/null &
	done > >(events_print)
	wait || true
}
