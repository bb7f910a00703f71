# shellcheck shell=bash
# No half-started system. Between guard_begin and guard_release, what this invocation started is stopped when it ends,
# however it ends: by the traps below, and after kill -9 by a guardian process that watches it.

# The pid and start time of the script, then a line for each part it started; empty while nothing is guarded.
GUARD=''

# Seconds a job (a build, a test runner) has to end after SIGTERM.
readonly JOB_SECONDS=5

guard_begin() {
	local self
	GUARD=$STATE/run/starting.$$
	# A signal may come while standard output is a log file; guard_end speaks to the caller's.
	exec 7>&1 8>&2
	self="$$ $(process_start_time $$)"
	echo "$self" >"$GUARD"
	trap guard_end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	# shellcheck disable=SC2086 # two words on purpose
	setsid "$ROOT/aftercare" _guard --data "$STATE" $self </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- &
}

# All is well: what was started stays.
guard_release() {
	rm -f "$GUARD"
	GUARD=''
}

# Ends the process group of the job that was being waited for.
job_end() {
	local job tries=$((JOB_SECONDS * 20))
	if ! { read -r job <"$STATE/run/job.$1"; } 2>/dev/null; then
		return 0
	fi
	rm -f "$STATE/run/job.$1"
	kill -TERM -- "-$job" 2>/dev/null || return 0
	while kill -0 -- "-$job" 2>/dev/null && ((tries-- > 0)); do
		sleep 0.05
	done
	kill -KILL -- "-$job" 2>/dev/null || true
}

# Whether the state is a temporary one of script $1 (test, bench).
guard_temporary() {
	[[ -e $STATE/run/temporary && $(<"$STATE/run/temporary") == "$1" ]]
}

# guard_clean PID: stops what the script PID started, last first. A temporary state is stopped whole, for tests start
# parts themselves, and removed.
guard_clean() {
	local file=$STATE/run/starting.$1 part parts=()
	job_end "$1"
	if [[ ! -e $file ]]; then
		return 0
	fi
	if guard_temporary "$1"; then
		parts=("${PARTS[@]}")
	else
		mapfile -t parts < <(tail -n +2 "$file")
	fi
	for part in $(printf '%s\n' "${parts[@]}" | tac); do
		part_stop "$part"
	done
	rm -f "$file"
	if guard_temporary "$1"; then
		state_wipe
	fi
}

guard_end() {
	local status=$?
	trap '' HUP INT TERM
	trap - ERR
	set +e
	exec >&7 2>&8
	if ((status != 0)) && [[ $COMMAND != test && -n $GUARD && $(wc -l <"$GUARD") -gt 1 ]]; then
		printf 'aftercare: stopping what was started\n' >&2
	fi
	guard_clean $$
	if [[ $COMMAND == test ]]; then
		test_summary "$status"
	fi
	exit "$status"
}

# The guardian: waits for process $1 (started at $2) to end; cleans up if it could not do so itself.
command__guard() {
	local file=$STATE/run/starting.$1
	while [[ -e $file && $(process_start_time "$1") == "$2" ]]; do
		sleep 0.3
	done
	if [[ -e $file ]]; then
		guard_clean "$1"
	fi
}

# job_run COMMAND...: in a process group of its own and waited for in a way that signals interrupt, so that a
# signal to the script ends the whole tree at once.
job_run() {
	local status=0 job
	setsid env --default-signal=INT,QUIT "$@" 7>&- 8>&- 9>&- &
	job=$!
	echo "$job" >"$STATE/run/job.$$"
	wait "$job" || status=$?
	rm -f "$STATE/run/job.$$"
	return "$status"
}
