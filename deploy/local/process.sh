# shellcheck shell=bash
# Starting and stopping what outlives the script. A pid file holds the pid and the kernel's start time of the process,
# so that a pid given meanwhile to someone else is never taken for ours.

readonly STOP_SECONDS=30

# Prints the start time of process $1; fails when it is gone or a zombie.
process_start_time() {
	local line fields
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -ra fields <<<"${line##*) }"
	[[ ${fields[0]} != Z ]] && printf '%s' "${fields[19]}"
}

# Prints the pid of a running part; fails when it doesn't run.
process_pid() {
	local pid began
	{ read -r pid began <"$STATE/run/$1.pid"; } 2>/dev/null || return 1
	# A file that is being written, or of a process that was gone before it could be asked, names nobody.
	[[ -n $began && $(process_start_time "$pid") == "$began" ]] && printf '%s' "$pid"
}

process_alive() {
	process_pid "$1" >/dev/null
}

# process_launch NAME USER [VARIABLE=VALUE...] COMMAND...: in a session of its own, with an empty environment but for
# what is given, its output in log/NAME.log; the log of the run before is kept as NAME.log.old.
process_launch() {
	local name=$1 pid log=$STATE/log/$1.log
	as_user "$2"
	if [[ -e $log ]]; then
		mv "$log" "$log.old"
	fi
	shift 2
	if [[ -n $GUARD ]]; then
		echo "$name" >>"$GUARD"
	fi
	(
		cd /
		exec 7>&- 8>&- 9>&- setsid env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 TZ=UTC \
			"${AS_USER[@]}" env --default-signal=INT,QUIT "$@"
	) </dev/null >"$log" 2>&1 &
	pid=$!
	echo "$pid $(process_start_time "$pid")" >"$STATE/run/$name.pid"
}

# process_stop NAME [SIGNAL]: asks, waits, and after STOP_SECONDS insists.
process_stop() {
	local name=$1 signal=${2:-TERM} pid tries=$((STOP_SECONDS * 20))
	if pid=$(process_pid "$name"); then
		kill "-$signal" "$pid" 2>/dev/null || true
		while process_alive "$name"; do
			if ((tries-- == 0)); then
				kill -KILL "$pid" 2>/dev/null || true
			fi
			sleep 0.05
		done
	fi
	rm -f "$STATE/run/$name.pid"
}

# The signal that stops a part in good order. PostgreSQL's is "fast": running transactions roll back.
part_signal() {
	case $1 in
	postgres) echo INT ;;
	*) echo TERM ;;
	esac
}

part_stop() {
	process_stop "$1" "$(part_signal "$1")"
}

# As suddenly as a part can end: kill -9; for PostgreSQL its "immediate" stop, which takes all its processes with it.
part_kill() {
	case $1 in
	postgres) process_stop "$1" QUIT ;;
	*) process_stop "$1" KILL ;;
	esac
}

# wait_until SECONDS NAME COMMAND...: until the command succeeds; fails when part NAME ends or the time is over.
wait_until() {
	local tries=$(($1 * 20)) name=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		if ! process_alive "$name" || ((tries-- == 0)); then
			return 1
		fi
		sleep 0.05
	done
}
