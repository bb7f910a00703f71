# shellcheck shell=bash
# What bash completes, from the same table of commands.

command_completion() {
	cat "$ROOT/deploy/local/completion.bash"
}

# completion_words COMMAND POSITION: candidates for the word at POSITION.
completion_words() {
	if (($2 < 2)); then
		printf '%s\n' "${COMMAND_NAMES[@]}" --help
		return 0
	fi
	grep -oE -- '--[a-z-]+|\[-f\]' <<<"${USAGE[$1]:-}" | tr -d '[]'
	case $1 in
	logs | start | stop) printf '%s\n' "${PARTS[@]}" ;;
	psql | snapshot) printf '%s\n' "${SERVICES[@]}" ;;
	test) printf '%s\n' "${TEST_SUITES[@]}" ;;
	token) printf '%s\n' "${DEMO_ROLES[@]}" platform ;;
	esac
}
