#!/usr/bin/env bash
# The inside of window.sh where there is no keychain: the small window says so, and leads on to an encrypted file by keyboard alone.
set -euo pipefail

fail() { echo "window: $1" >&2; cat "$HOME/out" >&2 || true; exit 1; }

# shown NAME: waits until the screen has more than a few colours and takes a picture
shown() {
  for _ in $(seq 150); do
    import -window root "$SHOTS/$1.png"
    [ "$(identify -format %k "$SHOTS/$1.png")" -gt 30 ] && return
    sleep 0.2
  done
  fail "$1: nothing is shown"
}

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
PORT=$port "$BINARY" >"$HOME/out" 2>&1 &
program=$!
shown trouble
sleep 1 # the page has the focus a moment after it is drawn
xdotool key Tab key Return
for _ in $(seq 200); do
  curl -fs "http://127.0.0.1:$port/health" >/dev/null 2>&1 && break
  kill -0 "$program" 2>/dev/null || fail 'the program ended'
  sleep 0.1
done
curl -fs "http://127.0.0.1:$port/health" >/dev/null || fail 'the encrypted file was chosen, and the program did not start'
[ -s "$XDG_DATA_HOME/amq2api/vault.age" ] || fail 'there is no encrypted file'
"$BINARY" admin-token >/dev/null || fail 'the next start does not know the vault'
kill -TERM "$program"
code=0
wait "$program" || code=$?
[ "$code" = 0 ] || fail "SIGTERM ended the program with $code"
