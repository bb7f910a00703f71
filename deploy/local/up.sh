# shellcheck shell=bash
# up, backing, down.

PRESET=release

# Prepares the state directory, and takes its lock.
setup_begin() {
	state_make
	state_lock
	guard_begin
	step state
	service_user_make
	ports_settle "${OPTION[port]:-}"
	secrets_make
	environment_write
	done_step "$STATE"
}

setup_downloads() {
	step downloads
	kafka_fetch
	swagger_fetch
	done_step 'Kafka jars, Swagger UI'
}

# PostgreSQL and Kafka, both at once, then roles and schemas.
setup_backing() {
	step backing
	parts_start postgres kafka
	done_step "PostgreSQL on port $(port_of postgres), Kafka on port $(port_of kafka)"
	step schemas
	postgres_prepare
	done_step "roles and schemas of ${SERVICES[*]}"
}

command_backing() {
	local service
	setup_begin
	packages_ensure build
	setup_downloads
	setup_backing
	guard_release
	for service in "${SERVICES[@]}"; do
		say "environment of $service: $STATE/run/$service.env"
	done
}

command_down() {
	local part stopped=()
	if ! state_exists; then
		say "nothing runs in $STATE"
		return
	fi
	state_lock
	for part in $(printf '%s\n' "${PARTS[@]}" | tac); do
		if process_alive "$part"; then
			step "$part"
			part_stop "$part"
			done_step stopped
			stopped+=("$part")
		fi
	done
	if ((${#stopped[@]} == 0)); then
		say "nothing runs in $STATE"
	fi
	if [[ -n ${OPTION[wipe]:-} ]]; then
		state_wipe
		say "data, secrets, ports and logs of $STATE are gone"
	fi
}
