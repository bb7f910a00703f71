#!/bin/sh
# Runs one fuzzer: a few seconds, or ten minutes in the long form.
#
#   run.sh PROGRAM BASE
#
# BASE.seeds holds inputs to begin with, one a line, as printf's %b reads them; BASE.dict words worth trying. What turns
# out interesting is kept in fuzz/corpus of the working directory, so that a run goes on from the one before; what breaks
# the program is left in fuzz/found.
set -eu

program=$1
base=$2
name=${base##*/}
seconds=${AFTERCARE_TEST_LONG:+600}
corpus=fuzz/corpus/$name
seeds=fuzz/seeds/$name

rm -rf "$seeds"
mkdir -p "$corpus" "$seeds" fuzz/found
if [ -f "$base.seeds" ]; then
	number=0
	while IFS= read -r line; do
		number=$((number + 1))
		printf '%b' "$line" >"$seeds/$number"
	done <"$base.seeds"
fi
if [ -f "$base.dict" ]; then
	set -- "-dict=$base.dict"
else
	set --
fi
exec "$program" "$@" -max_total_time="${seconds:-5}" -max_len=4096 -rss_limit_mb=2048 \
	-print_final_stats=1 -artifact_prefix="fuzz/found/$name-" "$corpus" "$seeds"
