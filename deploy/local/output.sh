# shellcheck shell=bash
# What the script says: one line a step with its time; a failure says what failed, where its log is, what to do next.

STEP=''
STEP_BEGAN=0

# Seconds since $1 (microseconds, from now_us), as "1.2".
seconds_since() {
	local us=$((${EPOCHREALTIME/[.,]/} - $1))
	printf '%d.%d' $((us / 1000000)) $((us % 1000000 / 100000))
}

now_us() {
	echo "${EPOCHREALTIME/[.,]/}"
}

say() {
	printf '%s\n' "$*"
}

# Begins a step; on a terminal its name is shown until it is done.
step() {
	STEP=$1
	STEP_BEGAN=$(now_us)
	if [[ -t 1 ]]; then
		printf '  … %s' "$STEP"
	fi
}

# end_step MARK WORDS...: ends the step; the mark has three characters.
end_step() {
	local clear='' mark=$1
	shift
	if [[ -t 1 ]]; then
		clear=$'\r\e[K'
	fi
	printf '%s  %s %-12s %6s s  %s\n' "$clear" "$mark" "$STEP" "$(seconds_since "$STEP_BEGAN")" "$*"
	STEP=''
}

# Ends the step with what came of it.
done_step() {
	end_step 'ok ' "$@"
}

# fail WHAT [LOG] [NEXT]: ends the script. LOG is a file (its last lines are shown), NEXT what the reader can do.
fail() {
	local what=$1 log=${2:-} next=${3:-}
	if [[ -n $STEP ]]; then
		if [[ -t 1 ]]; then printf '\r\e[K'; fi
		printf '  FAILED  %s after %s s\n' "$STEP" "$(seconds_since "$STEP_BEGAN")"
	fi
	{
		printf 'aftercare: %s\n' "$what"
		if [[ -n $log && -s $log ]]; then
			printf '  its log, %s, ends with:\n' "$log"
			tail -n 12 "$log" | cut -c1-400 | sed 's/^/    /'
		fi
		if [[ -n $next ]]; then
			printf '  next: %s\n' "$next"
		fi
	} >&2
	exit 1
}

# A wrong command line: says so, shows the usage, exits with 2.
misuse() {
	printf 'aftercare: %s\nusage: ./aftercare %s\n' "$1" "${USAGE[$COMMAND]:-COMMAND}" >&2
	exit 2
}
