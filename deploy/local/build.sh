# shellcheck shell=bash
# Building with CMake, and putting the binaries where the users who run them can read them.

build_directory() {
	printf '%s/build/%s' "$ROOT" "$1"
}

# build_preset PRESET: a step. Configures when there is no build yet, or CMake asks for it.
build_preset() {
	local preset=$1 directory log=$STATE/log/build.log began
	directory=$(build_directory "$preset")
	step build
	began=$(now_us)
	{
		if [[ ! -e $directory/build.ninja ]]; then
			job_run cmake -S "$ROOT" --preset "$preset"
		fi && job_run cmake --build "$directory"
	} >"$log" 2>&1 || fail "the build of $preset failed" "$log" "./aftercare build $preset"
	if grep -q 'no work to do' "$log"; then
		done_step "$preset, nothing to do"
	else
		done_step "$preset, built in $(seconds_since "$began") s"
	fi
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

# Copies a binary beside and moves it over the old one, which may be running.
binary_place() {
	local placed
	placed=$(binary_placed "$1")
	install -m 755 "$(binary_built "$1")" "$placed.new"
	mv "$placed.new" "$placed"
}
