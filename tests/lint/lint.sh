#!/bin/sh
# The tools that read the code without running it.
#
#   lint.sh format ROOT          clang-format 14 would change nothing
#   lint.sh fix ROOT             makes it so
#   lint.sh tidy ROOT BUILD      clang-tidy, with what .clang-tidy says, of what changed since it was last clean
#   lint.sh cppcheck ROOT BUILD
#   lint.sh shell ROOT           shellcheck of every script
set -eu

what=$1
root=$2
build=${3:-}
cd "$root"

# The sources git knows or would add: sources SUFFIX…
sources() {
	for suffix; do
		git ls-files --cached --others --exclude-standard "libs/*.$suffix" "services/*.$suffix" "tests/*.$suffix"
	done | while read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done
}

# Not of tests, nor of what only they link: the analyser doesn't know that an assertion of cmocka ends the path.
# clang-tidy takes minutes for all files: a file that was clean is read again only when it, a header or the rules changed.
tidy() {
	stamps=$build/tests/lint/tidy
	mkdir -p "$stamps"
	rules=$({ cat .clang-tidy && sources h | xargs cat; } | sha256sum | cut -c 1-16)
	sources c | grep -vE '(^|/)(tests|fuzz|backing)/' | while read -r file; do
		stamp=$stamps/$(printf '%s' "$file" | tr / _).$rules.$(sha256sum "$file" | cut -c 1-16)
		if [ ! -e "$stamp" ] && grep -q "\"file\": \"$root/$file\"" "$build/compile_commands.json"; then
			printf '%s\n%s\n' "$file" "$stamp"
		fi
	done >"$stamps/left"
	echo "$(($(wc -l <"$stamps/left") / 2)) files to read"
	# shellcheck disable=SC2016 # the inner shell expands its arguments
	xargs -r -P "$(nproc)" -n 2 sh -c 'clang-tidy --quiet -p "$0" "$1" 2>/dev/null && touch "$2"' "$build" <"$stamps/left"
}

case $what in
format)
	sources c h cc | xargs clang-format --dry-run -Werror --ferror-limit=1
	;;
fix)
	sources c h cc | xargs clang-format -i
	;;
tidy)
	tidy
	;;
cppcheck)
	mkdir -p "$build/tests/lint/cppcheck"
	cppcheck --project="$build/compile_commands.json" --cppcheck-build-dir="$build/tests/lint/cppcheck" -j "$(nproc)" \
		--quiet --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--library=tests/lint/jansson.cfg \
		--suppressions-list=tests/lint/cppcheck.txt --template='{file}:{line}: {severity}: {message} [{id}]'
	;;
shell)
	git ls-files --cached --others --exclude-standard | while read -r file; do
		[ -f "$file" ] || continue
		case $file in
		*.sh | *.bash) printf '%s\n' "$file" ;;
		*.*) ;;
		*) if head -n 1 "$file" | grep -qE '^#!.*\b(ba)?sh\b'; then printf '%s\n' "$file"; fi ;;
		esac
	done | xargs shellcheck -x
	;;
*)
	echo "lint.sh: no lint is called $what" >&2
	exit 2
	;;
esac
