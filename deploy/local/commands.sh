# shellcheck shell=bash
# The commands: usage line and help. The usage line is also what the command line is checked against and completed
# from: "[--name VALUE]" takes a value, "[--name]" doesn't, capital words are arguments.

declare -A USAGE HELP
COMMAND_NAMES=()

# command_declare USAGE: with the help on standard input.
command_declare() {
	local name=${1%% *}
	COMMAND_NAMES+=("$name")
	USAGE[$name]=$1
	HELP[$name]=$(cat)
}

command_declare 'up [--port N] [--data DIR]' <<'TEXT'
Starts the platform: installs what is missing (as root), builds, migrates, fills the demo tenant.
On a running system it restarts the services whose binary has changed, and otherwise changes nothing.
--port N is the gateway's port; it is kept, like all ports, which are chosen among the free ones at first.
TEXT
command_declare 'down [--wipe] [--data DIR]' <<'TEXT'
Stops everything that runs in this state directory, in good order.
--wipe also removes its data, secrets, ports and logs. Downloads and builds stay.
TEXT
command_declare 'status [--json] [--data DIR]' <<'TEXT'
Says what runs, where, and whether it is ready. Exits with 0 when all is ready, with 3 otherwise.
TEXT
command_declare 'logs [-f] [--data DIR] [PART]' <<'TEXT'
Shows the end of the logs of all parts or of one.
Parts are postgres, kafka and the services. -f goes on as the logs grow.
TEXT
command_declare 'token --role R [--tenant T] [--data DIR]' <<'TEXT'
Prints an access token of a demo account.
The account is R@demo.local of the tenant "demo", or of tenant T.
The role "platform" is the account that makes tenants.
TEXT
command_declare 'psql [--data DIR] [SERVICE] [[--] ARGUMENT...]' <<'TEXT'
Opens psql on the schemas of a service, as superuser.
The service is calls unless named; further arguments go to psql: psql calls -c 'select 1'
What follows -- goes to psql, --help too.
TEXT
command_declare 'events [--from-start] [--data DIR] [TOPIC]' <<'TEXT'
Prints events as they come, of one topic or of all but those of dead letters (.dlq).
One a line, with its headers. TOPIC is its name or that of its service: aftercare.calls or calls.
--from-start begins with the oldest event and ends with the newest.
TEXT
command_declare 'snapshot [--tenant T] [--data DIR] SERVICE [RESOURCE...]' <<'TEXT'
Has a service send its present state as events, for consumers that start from nothing.
RESOURCE is what its events are called by, as customer or site; without one it is everything. It is the state of the
tenant "demo", or of tenant T, asked for by that tenant's demo administrator. Waits until the events are made.
TEXT
command_declare 'erp-topic [--tenant T] [--data DIR]' <<'TEXT'
Makes the Kafka topic that the ERP of a tenant writes to, and the one of its dead letters, and prints its name.
It is the tenant "demo", or T. What an ERP writes there: docs/erp.md.
TEXT
command_declare 'import [--as COLLECTION] [--data DIR] FILE' <<'TEXT'
Imports a file into the demo tenant and shows how far it is.
Without --as it is CSV of maintenance work orders, which become closed calls; with --as, CSV or NDJSON with a collection's
own fields: --as customers, --as articles.
The file goes up in parts, then a job imports it; its progress is shown, and its bad lines. Lines that are there already
stay as they are. Ctrl-C cancels the rest.
TEXT
command_declare 'test [--preset P] [--long] [WHAT...]' <<'TEXT'
Runs the tests on a PostgreSQL, a Kafka and services of their own.
WHAT: unit sql docs layers lint api faults browser script schemathesis fuzz release, or tests as pytest names them:
tests/api/test_calls.py, tests/api/test_calls.py::test_numbers
or all (the default): layers docs lint browser script schemathesis release fuzz, then unit sql api faults under ASan and UBSan.
--preset names the build, asan, tsan or dev; of all it then runs the last four. --long runs each fuzzer for ten minutes, faults for longer.
lint reads again only what changed since it was clean.
After a failure the logs are in .aftercare/last-test. The last line is "N passed, N failed".
TEXT
command_declare 'bench [--short] [WHAT...]' <<'TEXT'
Measures a release build on a PostgreSQL, a Kafka and services of its own.
WHAT: read gateway create list events router import memory reserve hot stock free timeline exchange, or all (the default).
Each prints its table and its JSON. --short fills tables with a hundredth of the rows, to see the benches run: what it
measures then is not what the goals are about.
TEXT
command_declare 'build [PRESET]' <<'TEXT'
Builds a preset: release (the default), dev, asan, tsan, fuzz.
It lands in build/PRESET.
TEXT
command_declare 'doctor [--data DIR]' <<'TEXT'
Checks the machine: packages, versions, memory, disk, ports. Exits with 3 when something misses.
TEXT
command_declare 'backing [--data DIR]' <<'TEXT'
Starts PostgreSQL and Kafka only, to run a service by hand.
Makes roles and schemas and writes run/SERVICE.env:
  (. DIR/run/calls.env && build/dev/services/calls/calls --migrate)
TEXT
command_declare 'start [--data DIR] PART' <<'TEXT'
Starts one part that is stopped: postgres, kafka, or a service.
TEXT
command_declare 'stop [--kill] [--data DIR] PART' <<'TEXT'
Stops one part: postgres, kafka, or a service. --kill does it by kill -9, PostgreSQL by its immediate stop.
TEXT
command_declare 'completion' <<'TEXT'
Prints completion for bash.
To have it in this shell: source <(./aftercare completion)
TEXT

help_all() {
	local name first
	printf 'usage: ./aftercare COMMAND\n\n'
	for name in "${COMMAND_NAMES[@]}"; do
		read -r first <<<"${HELP[$name]}"
		printf '  %-11s %s\n' "$name" "$first"
	done
	printf '\n./aftercare COMMAND --help tells more. State is kept in .aftercare, or where --data DIR says.\n'
}

help_one() {
	printf 'usage: ./aftercare %s\n\n%s\n' "${USAGE[$1]}" "${HELP[$1]}"
}

# options_parse ARGUMENT...: checks against the usage of COMMAND; fills OPTION (name -> value) and ARGUMENTS.
options_parse() {
	local name usage=${USAGE[$COMMAND]:-"_guard [--data DIR] PID START"}
	declare -gA OPTION=()
	ARGUMENTS=()
	while (($# > 0)); do
		name=${1#-}
		name=${name#-}
		case $1 in
		--help | -h)
			help_one "$COMMAND"
			exit 0
			;;
		--*=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			continue
			;;
		-*)
			if [[ $1 != -- && $usage == *"[$1]"* ]]; then
				OPTION[$name]=1
			elif [[ "$usage " =~ $1\ [A-Z]+[]\ ] ]]; then
				(($# > 1)) || misuse "$1 wants a value"
				OPTION[$name]=$2
				shift
			elif [[ $COMMAND == psql ]]; then
				ARGUMENTS+=("$@")
				break
			else
				misuse "$COMMAND has no option $1"
			fi
			;;
		*)
			ARGUMENTS+=("$1")
			if [[ $COMMAND == psql ]]; then
				ARGUMENTS+=("${@:2}")
				break
			fi
			;;
		esac
		shift
	done
	arguments_check "$usage"
}

# As many arguments as the usage has capital words outside options; "..." takes any number.
arguments_check() {
	local word required=0 possible=0 any=''
	while read -r word; do
		case $word in
		*...*) any=1 ;;
		\[*) possible=$((possible + 1)) ;;
		[A-Z]*) required=$((required + 1)) possible=$((possible + 1)) ;;
		esac
	done < <(sed -E 's/\[?--?[a-z-]+( [A-Z]+)?\]?//g' <<<"${1#* }" | tr ' ' '\n')
	if ((${#ARGUMENTS[@]} < required)); then
		misuse "$COMMAND wants an argument"
	fi
	if [[ -z $any ]] && ((${#ARGUMENTS[@]} > possible)); then
		misuse "$COMMAND doesn't know what to do with ${ARGUMENTS[-1]}"
	fi
}
