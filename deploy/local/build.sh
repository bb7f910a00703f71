# shellcheck shell=bash
# Building with CMake, and putting the binaries where the users who run them can read them.

readonly PRESETS=(release dev asan tsan fuzz)

# preset_check PRESET
preset_check() {
	among "$1" "${PRESETS[@]}" || misuse "there is no preset $1; the presets are ${PRESETS[*]}"
}

build_directory() {
	printf '%s/build/%s' "$ROOT" "$1"
}

# build_preset PRESET [TARGET...]: a step. Configures when there is no build yet; CMake asks for it itself later on.
build_preset() {
	local preset=$1 directory log=$STATE/log/build.log began
	shift
	directory=$(build_directory "$preset")
	step build
	began=$(now_us)
	{
		if [[ ! -e $directory/build.ninja ]]; then
			job_run cmake -S "$ROOT" --preset "$preset"
		fi && job_run cmake --build "$directory" ${1:+--target "$@"}
	} >"$log" 2>&1 || build_failed "$preset" "$log"
	if grep -q 'no work to do' "$log"; then
		done_step "$preset, nothing to do"
	else
		done_step "$preset, built in $(seconds_since "$began") s"
	fi
}

# The compiler's own words come before whatever else was being built at the time.
build_failed() {
	if grep -E ': (fatal )?error: |undefined reference|^CMake Error|^ninja: error' "$2" >"$2.errors"; then
		fail "the build of $1 failed, all of it in $2" "$2.errors" "./aftercare build $1"
	fi
	fail "the build of $1 failed" "$2" "./aftercare build $1"
}

binary_built() {
	printf '%s/services/%s/%s' "$(build_directory "$PRESET")" "$1" "$1"
}

binary_placed() {
	printf '%s/bin/%s' "$PLACE" "$1"
}

# Whether the placed binary of service $1 is the one that was built.
binary_current() {
	cmp -s "$(binary_built "$1")" "$(binary_placed "$1")"
}

binary_next() {
	printf '%s.next' "$(binary_placed "$1")"
}

# Copies a binary beside the old one, which may be running; binary_take puts it in its place.
binary_bring() {
	install -m 755 "$(binary_built "$1")" "$(binary_next "$1")"
}

binary_take() {
	mv "$(binary_next "$1")" "$(binary_placed "$1")"
}

# What services load or start only when they need it: the build leaves a link to each beside every service.
beside_bring() {
	local built placed
	for built in "$(dirname "$(binary_built gateway)")"/aftercare-*; do
		placed=$PLACE/bin/${built##*/}
		if ! cmp -s "$built" "$placed"; then
			install -m 755 "$built" "$placed.next"
			mv "$placed.next" "$placed"
		fi
	done
}

command_build() {
	local preset=${1:-release}
	preset_check "$preset"
	state_make
	state_lock
	guard_begin
	packages_ensure build
	build_preset "$preset"
	guard_release
	say "$(build_directory "$preset")"
}
