# shellcheck shell=bash
# What bash completes, from the same table of commands.

command_completion() {
	cat "$ROOT/deploy/local/completion.bash"
}

# What may stand behind an option that takes a value; fails where it takes none.
completion_values() {
	case $1 in
	--role) printf '%s\n' "${DEMO_ROLES[@]}" platform ;;
	--preset) printf '%s\n' dev asan tsan ;;
	--port | --tenant) ;;
	*) return 1 ;;
	esac
}

# completion_words COMMAND POSITION BEFORE: candidates for the word at POSITION, which follows BEFORE.
completion_words() {
	if (($2 < 2)); then
		printf '%s\n' "${COMMAND_NAMES[@]}" --help
		return 0
	fi
	if completion_values "${3:-}" || [[ ${3:-} == -- ]]; then
		return 0 # behind -- another program's words stand
	fi
	{
		echo --help
		grep -oE -- '--[a-z-]+|\[-f\]' <<<"${USAGE[$1]:-}" || true
	} | tr -d '[]'
	case $1 in
	logs | start | stop) printf '%s\n' "${PARTS[@]}" ;;
	snapshot) printf '%s\n' "${SERVICES[@]}" ;;
	psql) printf '%s\n' "${SERVICES[@]}" -- ;;
	events) printf '%s\n' "${SERVICES[@]}" "${SERVICES[@]/#/aftercare.}" ;;
	build) printf '%s\n' "${PRESETS[@]}" ;;
	bench) bench_names ;;
	test) printf '%s\n' "${TEST_SUITES[@]}" ;;
	esac
}
