#!/usr/bin/env bash
# The inside of first-start.sh: a display, a bus, a keyring, an empty home.
set -euo pipefail

fail() { echo "first start: $1; the focus is on $(focused 2>&1)" >&2; import -window root "$SHOTS/failed.png"; cat "$HOME/out" >&2; exit 1; }

# reach NAME [KEY]: moves on until what is called NAME has the focus.
reach() {
  for _ in $(seq 80); do
    [ "$(focused 2>/dev/null)" = "$1" ] && return
    xdotool key "${2:-Tab}"
    sleep 0.05
  done
  fail "'$1' cannot be reached"
}
press() { reach "$1"; xdotool key Return; }

# arrives NAME: waits until the focus is there by itself.
arrives() {
  for _ in $(seq 100); do [ "$(focused 2>/dev/null)" = "$1" ] && return; sleep 0.1; done
  fail "'$1' did not come"
}
picture() { sleep 1; import -window root "$SHOTS/$1.png"; }

echo -n password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
openbox >/dev/null 2>&1 &
AMAZONQ_API_ENDPOINT=$AMAZON AMAZONQ_TOKEN_ENDPOINT=$AMAZON/token "$PROGRAM" >"$HOME/out" 2>&1 &
window=$!
started=$SECONDS
for _ in $(seq 100); do xdotool search --onlyvisible --name AMQ2API windowactivate >/dev/null 2>&1 && break; sleep 0.1; done
for _ in $(seq 100); do focused >/dev/null 2>&1 && break; xdotool key Tab; sleep 0.2; done

picture 1-look
press Continue
arrives 'Before you add an account'
picture 2-terms
xdotool key Tab
xdotool key space
press Continue
arrives 'Add an Amazon Q account'
picture 3-account
press 'Add account'
picture 4-ways
press 'Get a code'
reach 'Open in browser'
picture 5-code
xdotool key Return
arrives 'Set up your tool'
picture 6-tool
press 'Write and test'
arrives 'Everything works'
picture 7-end
echo "from the first window to a tool that works: $((SECONDS - started)) s"

# The tool, with nothing in its environment that could help it.
answer=$(cd "$HOME/work" && env -i PATH="$PATH" HOME="$HOME" TERM=dumb IS_SANDBOX=1 timeout 120 claude -p 'hi from the first start' </dev/null 2>&1) || fail "claude: $answer"
grep -q 'You asked: "hi from the first start' <<<"$answer" || fail "claude answered: $answer"
echo "$answer"

kill -TERM "$window"
code=0
wait "$window" || code=$?
[ "$code" = 0 ] || fail "SIGTERM ended the program with $code"
