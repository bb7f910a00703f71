# shellcheck shell=bash
# Runs the tests and adds them up. ctest runs what is labelled unit, sql, docs, layers, lint, fuzz and release, pytest
# the directories tests/api, tests/faults, tests/browser, tests/script and tests/schemathesis, or the files that are named.
# A suite in which nothing runs has failed.

readonly TEST_CTEST=(unit sql docs layers lint)
readonly TEST_PYTEST=(api faults browser script schemathesis)
readonly TEST_SUITES=("${TEST_CTEST[@]}" "${TEST_PYTEST[@]}" fuzz release all)

# What "all" runs, each once: what looks at the code and at what people start, and under the sanitizers what asks most of
# the programs. With a preset that is named only the latter, in that preset. What slow clients cost can't be told of a
# sanitizer's build.
readonly TEST_PLAIN=(layers docs lint browser script schemathesis tests/faults/test_slow_clients.py release fuzz)
readonly TEST_SANITIZED=(unit sql api faults)

TEST_PASSED=0
TEST_FAILED=0
TEST_SKIPPED=0
TEST_BEGAN=0
TEST_PRESET=dev

# Whether word $1 is among the others.
among() {
	local word=$1
	shift
	[[ " $* " == *" $word "* ]]
}

# test_summary STATUS: the last lines of every run; called when the script ends. One that did not come to its end has
# failed, whatever passed before.
test_summary() {
	case $1 in
	129 | 130 | 143)
		TEST_FAILED=$((TEST_FAILED + 1))
		say "interrupted${STEP:+ in $STEP}, which counts as a failure"
		;;
	*)
		if ((TEST_PASSED + TEST_FAILED == 0)); then
			TEST_FAILED=1
			say 'nothing ran, which counts as a failure'
		elif (($1 != 0 && TEST_FAILED == 0)); then
			TEST_FAILED=1
			say "ended early${STEP:+ in $STEP}, which counts as a failure"
		fi
		;;
	esac
	if ((TEST_SKIPPED > 0)); then
		say "$TEST_SKIPPED skipped"
	fi
	say "in $(seconds_since "$TEST_BEGAN") s"
	say "$TEST_PASSED passed, $TEST_FAILED failed"
}

# test_count NAME LOG STATUS: adds up run/NAME.xml and ends the step; after failures shows the log.
test_count() {
	local name=$1 log=$2 status=$3 passed=0 failed=0 skipped=0 names='' counts mark='ok '
	counts=$(python3 "$ROOT/deploy/local/junit.py" "$STATE/run/$name.xml" 2>/dev/null) || counts='0 0 0'
	read -r passed failed skipped <<<"$counts"
	names=$(tail -n +2 <<<"$counts")
	if ((passed + failed == 0 || (status != 0 && failed == 0))); then
		failed=$((failed + 1))
		names+=$'\n'"$name ended with status $status after $passed passed tests"
	fi
	((failed == 0)) || mark=RED
	TEST_PASSED=$((TEST_PASSED + passed))
	TEST_FAILED=$((TEST_FAILED + failed))
	TEST_SKIPPED=$((TEST_SKIPPED + skipped))
	end_step "$mark" "$PRESET: $passed passed, $failed failed${names:+:}"
	sed '/^$/d; s/^/        /' <<<"$names"
	if ((failed > 0)); then
		test_keep
		say "    log: $ROOT/.aftercare/last-test/${log##*/}, its end:"
		tail -n 60 "$log" | sed 's/^/    | /'
	fi
}

# Logs of a failed run outlive its state.
test_keep() {
	local kept=$ROOT/.aftercare/last-test
	mkdir -p "$kept"
	cp -r "$STATE/log/." "$kept/"
}

# test_ctest NAME LABEL...: the tests of the labels in the build of PRESET.
test_ctest() {
	local name=$1 log=$STATE/log/$1-$PRESET.log status=0 labels
	shift
	labels=$(printf '|%s' "$@")
	rm -f "$STATE/run/$name.xml"
	step "$name"
	job_run env "${STACK_ENVIRONMENT[@]}" ctest --test-dir "$(build_directory "$PRESET")" -L "^(${labels:1})\$" \
		-j "$(nproc)" --output-on-failure --output-junit "$STATE/run/$name.xml" >"$log" 2>&1 || status=$?
	test_count "$name" "$log" "$status"
}

# test_pytest NAME [TEST...]: the directory tests/NAME, or the tests named as pytest does, from the folder tests.
test_pytest() {
	local name=$1 log=$STATE/log/$1-$PRESET.log status=0
	shift
	rm -f "$STATE/run/$name.xml"
	step "$name"
	job_run env -C "$ROOT/tests" "${STACK_ENVIRONMENT[@]}" PYTHONDONTWRITEBYTECODE=1 \
		"$ROOT/.aftercare/venv/bin/python" -m pytest -q -p no:cacheprovider \
		--junitxml="$STATE/run/$name.xml" "${@:-$name}" >"$log" 2>&1 || status=$?
	test_count "$name" "$log" "$status"
}

# The fuzzers, from a build of their own.
test_fuzz() {
	PRESET=fuzz
	build_preset fuzz fuzzers
	test_ctest fuzz fuzz
}

# What a release promises, of a build of its own.
test_release() {
	PRESET=release
	build_preset release "${SERVICES[@]}"
	test_ctest release release
}

# After the suites of a sanitizer build: the services end (leaks are found then), and nothing may have been reported.
test_reports() {
	local service reports
	step reports
	for service in "${SERVICES[@]}"; do
		part_stop "$service"
	done
	mapfile -t reports < <(find "$PLACE/reports" -type f)
	if ((${#reports[@]} == 0)); then
		TEST_PASSED=$((TEST_PASSED + 1))
		done_step "$PRESET: the services ended without a report"
		return 0
	fi
	TEST_FAILED=$((TEST_FAILED + 1))
	cp "${reports[@]}" "$STATE/log/"
	test_keep
	done_step "$PRESET: ${#reports[@]} reports, in $ROOT/.aftercare/last-test"
	tail -n +1 "${reports[@]}" | head -n 100
	say ''
	rm -f "${reports[@]}"
}

# No log of what ran may hold a secret of the installation, nor a token.
test_logs() {
	local part logs=() found secrets=$STATE/run/secrets
	step logs
	for part in "${PARTS[@]}"; do
		logs+=("$STATE/log/$part.log")
	done
	awk 1 "$PLACE"/secrets/* >"$secrets"
	found=$(grep -F -f "$secrets" -n "${logs[@]}" || true
		grep -E -n 'eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}' "${logs[@]}" || true)
	if [[ -z $found && -s $secrets && -s $STATE/log/gateway.log ]]; then
		TEST_PASSED=$((TEST_PASSED + 1))
		done_step "$PRESET: $(cat "${logs[@]}" | wc -l) lines without a secret"
		return 0
	fi
	TEST_FAILED=$((TEST_FAILED + 1))
	test_keep
	done_step "$PRESET: a secret is in a log (or there are none), in $ROOT/.aftercare/last-test"
	head -n 20 <<<"$found" | cut -c 1-300
}

# test_pass PRESET SUITE...: builds, starts what the suites need, runs them. A word with a slash names tests of pytest.
test_pass() {
	local suite labels=() python=() files=()
	PRESET=$1
	shift
	for suite in "$@"; do
		if [[ $suite == */* ]]; then
			files+=("${suite#tests/}")
		elif among "$suite" "${TEST_PYTEST[@]}"; then
			python+=("$suite")
		elif among "$suite" "${TEST_CTEST[@]}"; then
			labels+=("$suite")
		fi
	done
	local served=$((${#python[@]} + ${#files[@]}))
	if among sql "$@"; then
		served=1
	fi
	demo_environment
	stack_environment
	if ((${#labels[@]} + served > 0)); then
		build_preset "$PRESET"
	fi
	if ((served > 0)); then
		stack_services
	fi
	for suite in "${labels[@]}"; do
		test_ctest "$suite" "$suite"
	done
	if ((${#python[@]} + ${#files[@]} > 0)); then
		stack_python
	fi
	for suite in "${python[@]}"; do
		test_pytest "$suite"
	done
	if ((${#files[@]} > 0)); then
		test_pytest named "${files[@]}"
	fi
	if ((served > 0)); then
		test_logs
	fi
	if ((served > 0)) && among "$PRESET" asan tsan; then
		test_reports
	fi
	if among fuzz "$@"; then
		test_fuzz
	fi
	if among release "$@"; then
		test_release
	fi
}

command_test() {
	local suite
	TEST_BEGAN=$(now_us)
	TEST_PRESET=${OPTION[preset]:-dev}
	preset_check "$TEST_PRESET"
	for suite in "$@"; do
		if [[ ! -e $ROOT/${suite%%::*} || $suite != tests/* ]]; then
			among "$suite" "${TEST_SUITES[@]}" ||
				misuse "there is no suite $suite; the suites are ${TEST_SUITES[*]}, or name a file of tests/"
		fi
	done
	rm -rf "$ROOT/.aftercare/last-test"
	stack_begin test
	if (($# == 0)) || among all "$@"; then
		if [[ -z ${OPTION[preset]:-} ]]; then
			test_pass dev "${TEST_PLAIN[@]}"
		fi
		test_pass "${OPTION[preset]:-asan}" "${TEST_SANITIZED[@]}"
	else
		test_pass "$TEST_PRESET" "$@"
	fi
	if ((TEST_FAILED > 0 || TEST_PASSED == 0)); then
		exit 1
	fi
}
