#!/bin/sh
# Makes the virtual environment $1 with what the tests of the documents import; again only when that changed.
set -eu
wanted=$(dirname "$0")/requirements.txt
if cmp -s "$wanted" "$1/requirements.txt"; then
	exit 0
fi
rm -rf "$1"
python3 -m venv "$1"
"$1/bin/pip" install -q -r "$wanted"
cp "$wanted" "$1/requirements.txt"
