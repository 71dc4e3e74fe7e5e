#!/usr/bin/env bash
# What an event and a request cost: allocations and microbenchmarks of the hot paths, then the whole program beside the reference proxy.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(uname -s)" = Linux ] || { echo 'make bench reads CPU time from /proc and runs on Linux only.' >&2; exit 1; }
go test -run '^$' -bench . -benchmem -cpu 1 ./backend/amazonq ./backend/chat ./backend/dialect/... ./backend/sse ./backend/access
make --no-print-directory headless
go build -o build/bin/bench ./build/tools/bench
build/bin/bench build/bin/amq2api-headless
