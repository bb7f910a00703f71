# shellcheck shell=bash
# up, backing, down.

PRESET=release

# Prepares the state directory and takes its lock. From here to guard_release nothing stays half done.
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
	if ! process_alive postgres || ! process_alive kafka; then
		parts_start postgres kafka
		CHANGED=1
	fi
	done_step "PostgreSQL on port $(port_of postgres), Kafka on port $(port_of kafka)"
	step schemas
	postgres_prepare
	done_step "roles and schemas of ${SERVICES[*]}"
}

# The services: those that don't run and those whose binary or environment has changed. They are migrated while what runs
# goes on, so that a migration that fails takes nothing away.
setup_services() {
	local service wanted=()
	beside_bring
	for service in "${SERVICES[@]}"; do
		if ! process_alive "$service" || ! service_current "$service"; then
			wanted+=("$service")
		fi
	done
	if ((${#wanted[@]} == 0)); then
		return 0
	fi
	step migrate
	for service in "${wanted[@]}"; do
		binary_bring "$service"
		service_migrate "$service"
	done
	done_step "schemas and topics of ${wanted[*]}"
	step services
	for service in "${wanted[@]}"; do
		part_stop "$service"
		binary_take "$service"
	done
	parts_start "${wanted[@]}"
	done_step "${wanted[*]} ready"
	CHANGED=1
}

# The demo tenant with its history, unless what makes them has already run to its end.
setup_demo() {
	local log=$STATE/log/seed.log sum
	step demo
	sum=$(find "$ROOT/deploy/demo" -type f -exec sha256sum {} + | sort | sha256sum)
	if [[ -e $STATE/seeded && $(<"$STATE/seeded") == "$sum" ]]; then
		done_step 'filled already'
		return 0
	fi
	demo_environment
	if ! job_run env "${DEMO_ENVIRONMENT[@]}" "$ROOT/deploy/demo/seed" >"$log" 2>&1; then
		if [[ ! -e $STATE/seeded ]]; then
			fail 'the demo tenant could not be filled' "$log" 'what is there stays; up again goes on with the rest'
		fi
		# Who has worked in it since, or an earlier release, may have left no place for what this one adds.
		echo "$sum" >"$STATE/seeded"
		done_step "filled before; not all that is new since fits in: $(tail -n 1 "$log" | cut -c 1-160)"
		return 0
	fi
	done_step "$(tail -n 1 "$log")"
	step history
	demo_import "$ROOT/deploy/demo/data/excavators.csv" >"$log" 2>&1 ||
		fail 'the work orders could not be imported' "$log" 'what is there stays; up again goes on with the rest'
	echo "$sum" >"$STATE/seeded"
	done_step "$(tail -n 1 "$log")"
	CHANGED=1
}

command_up() {
	local began
	began=$(now_us)
	CHANGED=''
	if [[ -n ${OPTION[port]:-} ]]; then
		port_check "${OPTION[port]}"
	fi
	setup_begin
	packages_ensure build
	build_preset "$PRESET" "${SERVICES[@]}"
	setup_downloads
	setup_backing
	setup_services
	setup_demo
	guard_release
	if [[ -z $CHANGED ]]; then
		say 'everything runs already; nothing was changed'
	else
		say "up in $(seconds_since "$began") s"
	fi
	up_summary
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
	if [[ ! -e $STATE/ports ]]; then # a state whose start failed early can be wiped too
		say "nothing runs in $STATE"
		return 0
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
