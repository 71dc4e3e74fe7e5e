#!/usr/bin/env bash
# reliability.sh [PACKAGE...]: the reliability figures, with the numbers of runs they are promised for: kills at every point of adding, renewing and removing an account
# against a real keyring, faults, storms, damaged vaults, broken streams, bodies changed at random. Takes about 20 minutes. The short form runs in make test.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/out
mkdir -p "$out"
log="$out/reliability.log"
: > "$log"
[ $# -gt 0 ] || set -- ./backend/store ./backend/access ./backend/account ./backend/vault ./backend/server ./backend/dialect/anthropic ./backend/dialect/openai ./backend/dialect/responses ./backend
status=0
for package in "$@"; do
  echo "== $package"
  AMQ2API_RELIABILITY=full go test -count 1 -timeout 1h -v "$package" >> "$log" 2>&1 || { status=1; echo "FAILED, see $log"; }
done
printf '\nFigure | measured\n'
grep -oE '\bA[0-9]+( [a-z]+)? \| .*' "$log" | sort -u -V
exit "$status"
