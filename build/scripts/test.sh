#!/usr/bin/env bash
# Everything that must hold. Each step says what it does; the first failure ends the run. Called by make test.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(. ./backend/... ./build/tools/...)
window_tags=desktop,production,webkit2_41
out=build/out
mkdir -p "$out"

step() { printf '\n== %s (%ds)\n' "$1" "$SECONDS"; }

step 'the page: install, types, checks, unit tests, build'
make --no-print-directory frontend/node_modules/.package-lock.json
go run ./build/tools/apitypes > "$out/types.gen.ts"
diff -u frontend/src/lib/api/types.gen.ts "$out/types.gen.ts" || { echo 'The types of the admin API changed: run make types.' >&2; exit 1; }
npm run --prefix frontend --silent build
npm run --prefix frontend --silent check
npm run --prefix frontend --silent lint
npm run --prefix frontend --silent test

step 'formatting, vet, staticcheck'
unformatted=$(gofmt -l ./*.go backend build)
[ -z "$unformatted" ] || { echo "not formatted: $unformatted" >&2; exit 1; }
go vet "${packages[@]}"
go vet -tags "$window_tags" .  ./backend/desktop
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 "${packages[@]}"

step 'Go tests with the race detector'
go test -race -timeout 20m "${packages[@]}"

step 'the headless program is one static binary without any GUI library'
make --no-print-directory headless
if ldd build/bin/amq2api-headless >/dev/null 2>&1; then echo 'build/bin/amq2api-headless is linked dynamically' >&2; exit 1; fi
if CGO_ENABLED=0 go list -deps . | grep -E 'wailsapp|fyne.io'; then echo 'the headless program imports a GUI library' >&2; exit 1; fi

step 'what the packages are made from'
build/scripts/package-check.sh build/bin/amq2api-headless

step 'the official SDKs'
build/scripts/clients.sh --sdk

step 'the page in a browser'
build/scripts/browser.sh build/bin/amq2api-headless "$out/browser"

step 'the window'
make --no-print-directory build
build/scripts/window.sh build/bin/amq2api "$out/window"

step 'done'
