# shellcheck shell=bash
# Measures on a release build and a stack of its own. The benches themselves are in tests/bench.

readonly BENCHES=(read gateway create list events router import memory all)

command_bench() {
	local bench log
	for bench in "$@"; do
		among "$bench" "${BENCHES[@]}" || misuse "there is no bench $bench; the benches are ${BENCHES[*]}"
	done
	if [[ ! -x $ROOT/tests/bench/run ]]; then
		fail 'there is no tests/bench/run' '' 'this checkout is incomplete'
	fi
	stack_begin bench
	build_preset "$PRESET" "${SERVICES[@]}" router_bench
	stack_services
	demo_environment
	stack_environment
	stack_python
	mkdir -p "$ROOT/.aftercare/bench"
	job_run env "${STACK_ENVIRONMENT[@]}" "AFTERCARE_BENCH_OUTPUT=$ROOT/.aftercare/bench" \
		"PATH=$ROOT/.aftercare/venv/bin:$PATH" "$ROOT/tests/bench/run" "$@"
}
