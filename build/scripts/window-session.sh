#!/usr/bin/env bash
# The inside of window.sh: runs with a display, a bus and an empty home.
set -euo pipefail

fail() { echo "window: $1" >&2; cat "$HOME/out" >&2 || true; exit 1; }

echo -n password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
openbox >/dev/null 2>&1 & # without a window manager nothing can be closed or minimised
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
PORT=$port "$BINARY" >"$HOME/out" 2>&1 &
window=$!

for _ in $(seq 200); do
  curl -fs "http://127.0.0.1:$port/health" >/dev/null 2>&1 && break
  kill -0 "$window" 2>/dev/null || fail 'the program ended'
  sleep 0.1
done
curl -fs "http://127.0.0.1:$port/health" >/dev/null || fail 'the proxy did not start'

# The page is there when the picture has many colours: an empty window has one or two.
colours=0
for _ in $(seq 100); do
  import -window root "$SHOTS/window.png"
  colours=$(identify -format %k "$SHOTS/window.png")
  [ "$colours" -gt 100 ] && break
  sleep 0.2
done
[ "$colours" -gt 100 ] || fail "the window shows nothing ($colours colours)"

# The token is in the keyring, and opens the admin API; a second start raises the first window and ends well.
token=$("$BINARY" admin-token) || fail 'no admin token'
curl -fs -H "Authorization: Bearer $token" "http://127.0.0.1:$port/admin/state" >/dev/null || fail 'the admin token does not work'
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/admin/state")" = 401 ] || fail 'the listener let a stranger in'
PORT=$port timeout 20 "$BINARY" >>"$HOME/out" 2>&1 || fail 'a second start did not raise the window'

# A demo opens beside it, on a port of its own, and ends by itself.
curl -fs -X POST -H "Authorization: Bearer $token" "http://127.0.0.1:$port/admin/window/demo" || fail 'the demo was refused'
for _ in $(seq 200); do
  demo=$(sed -n 's|^Dashboard: *\(http://127.0.0.1:[0-9]*\)/.*|\1|p' "$HOME/out")
  [ -n "$demo" ] && curl -fs "$demo/health" >/dev/null 2>&1 && break
  sleep 0.1
done
curl -fs "$demo/health" >/dev/null || fail 'the demo did not start'
kill -TERM "$(pgrep -P "$window" -f ' demo$')"

# A panel comes, and the tray does what it says; its Quit ends the program.
PORT=$port TOKEN=$token "$PANEL" 2>>"$HOME/out" || fail 'the tray'
code=0
wait "$window" || code=$?
[ "$code" = 0 ] || fail "Quit ended the program with $code"
[ ! -e "$XDG_DATA_HOME/amq2api/database.open" ] || fail 'the database was not closed'
[ -s "$XDG_DATA_HOME/amq2api/window.json" ] || fail "the window's place was not kept"
