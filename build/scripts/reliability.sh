#!/usr/bin/env bash
# The reliability figures, with the numbers of runs they are promised for: kills at every point of adding, renewing and removing an account
# against a real keyring, faults, storms, damaged vaults. Takes about a quarter of an hour. The short form runs in make test.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/out
mkdir -p "$out"
log="$out/reliability.log"
: > "$log"
status=0
for package in ./backend/account ./backend/vault ./backend/store ./backend; do
  AMQ2API_RELIABILITY=full go test -count 1 -timeout 1h -v "$package" 2>&1 | tee -a "$log" | grep -E '^(---|\s+---) FAIL|^(FAIL|ok|panic)' || true
  [ "${PIPESTATUS[0]}" = 0 ] || status=1
done
printf '\nFigure | measured\n'
grep -oE '\bA[0-9]+ \| .*' "$log" | sort -u -V
exit "$status"
