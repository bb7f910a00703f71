# shellcheck shell=bash
# A stack of its own for test and bench: state, PostgreSQL, Kafka and services under .aftercare/NAME-PID, on free ports,
# gone when the script ends, however it ends.

stack_begin() {
	state_locate "$ROOT/.aftercare/$1-$$"
	state_make
	service_user_make
	mkdir -p "$PLACE/reports"
	give_to "$SERVICE_USER" "$PLACE/reports"
	setup_begin
	echo "$$" >"$STATE/run/temporary"
	packages_ensure build test
	setup_downloads
	# Tests stop and start parts by this script: they need the lock.
	exec 9>&-
}

stack_backing() {
	if ! process_alive postgres; then
		setup_backing
	fi
}

stack_services() {
	stack_backing
	setup_services
	status_json >"$STATE/status.json"
}

# What test programs are told. DEMO_ENVIRONMENT lets them run deploy/demo/seed and import.
stack_environment() {
	STACK_ENVIRONMENT=(
		"AFTERCARE_TEST_STATE=$STATE"
		"AFTERCARE_TEST_COMMAND=$ROOT/aftercare"
		"AFTERCARE_TEST_BUILD=$(build_directory "$PRESET")"
		"AFTERCARE_TEST_POSTGRES=host=127.0.0.1 port=$(port_of postgres) dbname=aftercare user=postgres"
		"AFTERCARE_TEST_POSTGRES_PASSWORD_FILE=$PLACE/secrets/postgres_password"
		"AFTERCARE_TEST_KAFKA=$(kafka_address)"
		"AFTERCARE_TEST_LONG=${OPTION[long]:-}"
		"${DEMO_ENVIRONMENT[@]}"
	)
}

# A Python environment for tests and benches, made anew when the requirements change.
stack_python() {
	local wanted=$ROOT/tests/requirements.txt home=$ROOT/.aftercare/venv log=$STATE/log/pip.log
	if cmp -s "$wanted" "$home/requirements.txt"; then
		return 0
	fi
	step python
	rm -rf "$home"
	{
		python3 -m venv "$home" && job_run "$home/bin/pip" install -q -r "$wanted"
	} >"$log" 2>&1 || fail 'the Python packages of the tests could not be installed' "$log" 'see tests/requirements.txt'
	cp "$wanted" "$home/requirements.txt"
	done_step "$home"
}
