# shellcheck shell=bash
# The parts (postgres, kafka, each service) behind one way to start, wait for and know them.

readonly SERVICE_SECONDS=30

part_check() {
	if [[ " ${PARTS[*]} " != *" $1 "* ]]; then
		misuse "there is no part $1; the parts are ${PARTS[*]}"
	fi
}

service_launch() {
	environment_read "$1"
	cp "$STATE/run/$1.env" "$STATE/run/$1.env.running"
	process_launch "$1" "$SERVICE_USER" "${ENVIRONMENT[@]}" "$(binary_placed "$1")"
}

# Whether the running service is what would be started now.
service_current() {
	binary_current "$1" && cmp -s "$STATE/run/$1.env" "$STATE/run/$1.env.running"
}

service_ready() {
	curl -sf -m 2 -o /dev/null "http://127.0.0.1:$(port_of "$1_internal")/readyz"
}

service_wait() {
	wait_until "$SERVICE_SECONDS" "$1" service_ready "$1" ||
		fail "$1 did not get ready" "$STATE/log/$1.log" \
			"curl http://127.0.0.1:$(port_of "$1_internal")/readyz says what it waits for"
}

# Schema and topics of a service, by the binary that is going to run.
service_migrate() {
	local log=$STATE/log/$1-migrate.log
	environment_read "$1"
	as_user "$SERVICE_USER"
	job_run "${AS_USER[@]}" env "${ENVIRONMENT[@]}" "$(binary_next "$1")" --migrate >"$log" 2>&1 ||
		fail "$1 could not migrate; what runs goes on" "$log" \
			"see the SQL of services/$1; with data nobody needs, $(self down) --wipe begins anew"
}

part_launch() {
	case $1 in
	postgres) postgres_launch ;;
	kafka) kafka_launch ;;
	*) service_launch "$1" ;;
	esac
}

part_wait() {
	case $1 in
	postgres) postgres_wait ;;
	kafka) kafka_wait ;;
	*) service_wait "$1" ;;
	esac
}

part_ready() {
	case $1 in
	postgres) process_alive postgres && "$POSTGRES_BIN/pg_isready" -q -h 127.0.0.1 -p "$(port_of postgres)" ;;
	kafka) process_alive kafka && kafka_answers >/dev/null 2>&1 ;;
	*) process_alive "$1" && service_ready "$1" ;;
	esac
}

# Starts those of the named parts that don't run, together, and waits for them. Prints nothing.
parts_start() {
	local part started=()
	for part in "$@"; do
		if ! process_alive "$part"; then
			part_launch "$part"
			started+=("$part")
		fi
	done
	for part in "${started[@]}"; do
		part_wait "$part"
	done
}

command_start() {
	part_check "$1"
	state_exists || fail "nothing has been set up in $STATE" '' './aftercare up'
	state_lock
	if process_alive "$1"; then
		say "$1 is running already"
		return 0
	fi
	guard_begin
	parts_start "$1"
	guard_release
	say "$1 runs, pid $(process_pid "$1")"
}

command_stop() {
	part_check "$1"
	state_exists || fail "nothing has been set up in $STATE" '' './aftercare up'
	state_lock
	if ! process_alive "$1"; then
		say "$1 doesn't run"
	elif [[ -n ${OPTION[kill]:-} ]]; then
		part_kill "$1"
		say "$1 killed"
	else
		part_stop "$1"
		say "$1 stopped"
	fi
}
