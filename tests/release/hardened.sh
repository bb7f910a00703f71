#!/bin/sh
# What a release promises of its binaries: position independent, stack not executable, relocations read only before main,
# calls of libc fortified, stacks protected, and nothing of a sanitizer inside.
#
#   hardened.sh BINARY…
set -eu

failed=0

# expect WHAT PATTERN OPTION…: readelf's words for one property
expect() {
	what=$1 pattern=$2
	shift 2
	if ! readelf -W "$@" "$binary" | grep -qE "$pattern"; then
		echo "$binary: $what"
		failed=1
	fi
}

for binary; do
	expect 'is not position independent' 'Type: +DYN' -h
	expect 'has an executable stack, or none' 'GNU_STACK .* RW +0x' -l
	expect 'has relocations that can be written' 'GNU_RELRO' -l
	expect 'binds its relocations late' 'BIND_NOW' -d
	expect 'has stacks that are not protected' '__stack_chk_fail@' --dyn-syms
	if readelf -d "$binary" | grep -qE 'lib[at]san|libubsan|RPATH|RUNPATH'; then
		echo "$binary: links what only a build of the checkout has"
		failed=1
	fi
	case $binary in
	*.so) ;; # ours are too small to call what is fortified
	*)
		expect 'has calls of libc that are not fortified' '__[a-z]+_chk@' --dyn-syms
		"$binary" --version
		;;
	esac
done
exit "$failed"
