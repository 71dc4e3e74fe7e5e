#!/usr/bin/env bash
# Drives the dashboard of a demo in Chromium: every flow, every screen, both themes and languages, no accessibility violation.
# Usage: browser.sh BINARY FOLDER_FOR_SCREENSHOTS
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "${1:?}") shots=${2:?}
mkdir -p "$shots"
shots=$(realpath "$shots")

profile=$(mktemp -d)
export AMQ2API_ADMIN_TOKEN=browser-test-admin-token
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
DATABASE_PATH=$profile/amq2api.db PORT=$port "$binary" demo --headless >"$profile/out" 2>&1 &
program=$!
trap 'kill "$program" 2>/dev/null || true; wait "$program" 2>/dev/null || true; rm -rf "$profile"' EXIT

for _ in $(seq 100); do
  curl -fs "http://127.0.0.1:$port/health" >/dev/null 2>&1 && break
  kill -0 "$program" 2>/dev/null || { cat "$profile/out" >&2; exit 1; }
  sleep 0.1
done
AMQ2API_PROGRAM=$(realpath "$binary") AMQ2API_URL=http://127.0.0.1:$port SHOTS=$shots npm run --prefix frontend --silent e2e
