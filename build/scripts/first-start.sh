#!/usr/bin/env bash
# From an empty home to the first answer of Claude Code, in the real window and by keyboard alone, with Amazon simulated by a demo.
# Usage: first-start.sh PROGRAM HEADLESS_PROGRAM CLAUDE FOLDER_FOR_SCREENSHOTS
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$(realpath "${1:?}") headless=$(realpath "${2:?}") claude=$(realpath "${3:?}") shots=${4:?}
mkdir -p "$shots"

home=$(mktemp -d)
demo=
trap '[ -z "$demo" ] || kill "$demo" 2>/dev/null || true; rm -rf "$home"' EXIT
mkdir "$home/bin" "$home/work"
CGO_ENABLED=0 go build -o "$home/bin/focused" ./build/tools/focused
ln -s "$claude" "$home/bin/claude"

# Amazon, and where it is.
free() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
port=$(free)
AMQ2API_ADMIN_TOKEN=first-start-of-the-demo PORT=$port "$headless" demo --headless >"$home/demo" 2>&1 &
demo=$!
admin() { curl -fsS -H 'Authorization: Bearer first-start-of-the-demo' -H 'content-type: application/json' "http://127.0.0.1:$port/admin/$1" "${@:2}"; }
for _ in $(seq 100); do admin state >/dev/null 2>&1 && break; sleep 0.1; done
admin settings -X PUT -d '{"notice_acknowledged":true}' >/dev/null
amazon=$(admin accounts/login -d '{"name":"Where is Amazon"}' | sed -E 's|.*"verification_uri":"(http://[^/"]*).*|\1|')

# What the system opens addresses with: a browser in which a person approves.
cat >"$home/bin/xdg-open" <<END
#!/usr/bin/env bash
exec env -u LD_LIBRARY_PATH node "$PWD/frontend/e2e/approve.mjs" "\$1" "$(realpath "$shots")/approve.png" >>"$home/approve" 2>&1
END
chmod +x "$home/bin/xdg-open"

env -i PATH="$home/bin:$PATH" HOME="$home" XDG_RUNTIME_DIR="$home" LANG=C \
  PROGRAM="$program" SHOTS="$(realpath "$shots")" PORT="$(free)" AMAZON="$amazon" \
  dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24' build/scripts/first-start-session.sh
