# shellcheck shell=bash
# Measures on a release build and a stack of its own. A bench is a file tests/bench/bench_NAME.py.

bench_names() {
	local file
	for file in "$ROOT"/tests/bench/bench_*.py; do
		file=${file##*/bench_}
		echo "${file%.py}"
	done
}

command_bench() {
	local bench benches
	mapfile -t benches < <(bench_names)
	for bench in "$@"; do
		among "$bench" "${benches[@]}" all || misuse "there is no bench $bench; the benches are ${benches[*]} all"
	done
	stack_begin bench
	build_preset "$PRESET" "${SERVICES[@]}" router_bench
	stack_services
	demo_environment
	stack_environment
	stack_python
	mkdir -p "$ROOT/.aftercare/bench"
	job_run env "${STACK_ENVIRONMENT[@]}" "AFTERCARE_BENCH_OUTPUT=$ROOT/.aftercare/bench" \
		"AFTERCARE_BENCH_SHORT=${OPTION[short]:-}" \
		"$ROOT/.aftercare/venv/bin/python" "$ROOT/tests/bench/run" "$@"
}
