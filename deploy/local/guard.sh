# shellcheck shell=bash
# No half-started system. Between guard_begin and guard_release, what this invocation started is stopped when it ends,
# however it ends: by the traps below, and after kill -9 by a guardian process that watches it.
#
# run/starting holds the pid and start time of the script, then a line for each part it started.

JOB=''

guard_begin() {
	local self
	self="$$ $(process_start_time $$)"
	echo "$self" >"$STATE/run/starting"
	trap guard_end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	# shellcheck disable=SC2086 # two words on purpose
	setsid "$ROOT/aftercare" _guard --data "$STATE" $self </dev/null >/dev/null 2>&1 9>&- &
}

# All is well: what was started stays.
guard_release() {
	rm -f "$STATE/run/starting"
}

# Stops what run/starting names, last first, and the job that was being waited for.
guard_clean() {
	local part parts
	if { read -r JOB <"$STATE/run/job"; } 2>/dev/null; then
		kill -TERM -- "-$JOB" 2>/dev/null || true
		rm -f "$STATE/run/job"
	fi
	if [[ -e $STATE/run/starting ]]; then
		mapfile -t parts < <(tail -n +2 "$STATE/run/starting" | tac)
		for part in "${parts[@]}"; do
			part_stop "$part"
		done
		rm -f "$STATE/run/starting"
	fi
}

guard_end() {
	local status=$?
	trap '' HUP INT TERM
	if ((status != 0)) && [[ $(wc -l <"$STATE/run/starting" 2>/dev/null) -gt 1 ]]; then
		printf 'aftercare: stopping what was started\n' >&2
	fi
	guard_clean
	exit "$status"
}

# The guardian: waits for process $1 (started at $2) to end; cleans up if it could not do so itself.
command__guard() {
	local pid=$1 began=$2
	while [[ $(process_start_time "$pid") == "$began" && -e $STATE/run/starting ]]; do
		sleep 0.3
	done
	if [[ $(head -n 1 "$STATE/run/starting" 2>/dev/null) == "$pid $began" ]]; then
		guard_clean
	fi
}

# job_run COMMAND...: in a process group of its own and waited for in a way that signals interrupt, so that a
# signal to the script ends the whole tree at once.
job_run() {
	local status=0
	setsid env --default-signal=INT,QUIT "$@" 9>&- &
	JOB=$!
	echo "$JOB" >"$STATE/run/job"
	wait "$JOB" || status=$?
	rm -f "$STATE/run/job"
	return "$status"
}
