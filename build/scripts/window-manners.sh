#!/usr/bin/env bash
# The inside of window.sh for how the program ends, and where it cannot begin.
set -euo pipefail

fail() { echo "window: $1" >&2; tail -n 40 "$HOME/out" >&2 || true; exit 1; }

# demo [BINARY]: starts a demo's window on a port of its own
demo() {
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
  : >"$HOME/out"
  PORT=$port "${1:-$BINARY}" demo >"$HOME/out" 2>&1 &
  program=$!
  for _ in $(seq 200); do
    curl -fs "http://127.0.0.1:$port/health" >/dev/null 2>&1 && xdotool search --onlyvisible --name '^AMQ2API$' >/dev/null 2>&1 && return
    kill -0 "$program" 2>/dev/null || fail 'the demo ended'
    sleep 0.1
  done
  fail 'the demo did not start'
}

# stream: begins an answer of several seconds
stream() {
  local key text
  key=$(grep -o 'amq-[A-Za-z0-9]*' "$HOME/out" | head -n 1)
  text=$(printf 'word %.0s' $(seq 150))
  : >"$HOME/answer" # what the last one said is no sign of this one
  curl -sN "http://127.0.0.1:$port/v1/messages" -H "x-api-key: $key" -H 'content-type: application/json' >"$HOME/answer" -d '{"model":"claude-sonnet-4-5",
    "max_tokens":2000,"stream":true,"messages":[{"role":"user","content":"Write something valid against this JSON schema:\n{\"enum\":[\"'"$text"'\"]}"}]}' &
  answer=$!
  for _ in $(seq 100); do
    grep -q content_block_delta "$HOME/answer" && return
    sleep 0.1
  done
  fail 'no answer began'
}

# ended HOW: the answer came whole and the program ended well
ended() {
  wait "$answer" || fail "$1: the connection of the answer was cut"
  grep -q message_stop "$HOME/answer" || fail "$1: the answer is not whole"
  local code=0
  wait "$program" || code=$?
  [ "$code" = 0 ] || fail "$1 ended the program with $code"
}

# brightness: of the whole screen, in thousandths
brightness() { convert "$1" -colorspace gray -format '%[fx:round(mean*1000)]' info:; }

# asked PICTURE: closes the window and waits until the rest of it is dimmed behind a question
asked() {
  import -window root "$SHOTS/$1.png"
  local before now
  before=$(brightness "$SHOTS/$1.png")
  wmctrl -F -c AMQ2API
  for _ in $(seq 50); do
    import -window root "$SHOTS/$1.png"
    now=$(brightness "$SHOTS/$1.png")
    [ "$now" -lt $((before * 9 / 10)) ] && return
    sleep 0.1
  done
  fail "$1: nothing asks ($before, then $now)"
}

(umask 077; echo a-passphrase-for-a-test >"$HOME/passphrase")
openbox >/dev/null 2>&1 &

# Closing asks while an answer is under way; the last button waits for it.
demo
stream
asked leaving
sleep 0.3 # the question has the focus a moment after it is drawn
xdotool key Tab Tab Tab Tab Tab Return
sleep 1
import -window root "$SHOTS/leaving-waits.png"
curl -fs "http://127.0.0.1:$port/health" >/dev/null 2>&1 && fail 'a program that waits to quit takes new requests'
kill -0 "$program" || fail 'it did not wait'
ended 'waiting'

# Signals do not ask, and give answers under way their time.
for signal in TERM HUP; do
  demo
  stream
  kill -"$signal" "$program"
  ended "SIG$signal"
done

# A nil dereference in a handler ends its request and nothing else, although WebKit took the signal for itself.
demo "$PROVOKED"
for _ in 1 2 3; do
  curl -s "http://127.0.0.1:$port/provoke" >/dev/null 2>&1 && fail 'nothing was provoked'
  curl -fs "http://127.0.0.1:$port/health" >/dev/null 2>&1 || fail 'a nil dereference ended the program'
done
kill -TERM "$program"
wait "$program" || fail 'SIGTERM after a nil dereference'

# gone PID: that window ends
gone() {
  for _ in $(seq 100); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  fail 'a window stays after SIGTERM'
}

# A second start beside a program without a window says what to do.
PORT=$port AMQ2API_VAULT=file AMQ2API_VAULT_PASSPHRASE_FILE="$HOME/passphrase" "$BINARY" serve >"$HOME/serve" 2>&1 &
server=$!
for _ in $(seq 100); do
  curl -fs "http://127.0.0.1:$port/health" >/dev/null 2>&1 && break
  sleep 0.1
done
: >"$HOME/out"
"$BINARY" >"$HOME/out" 2>&1 &
second=$!
for _ in $(seq 200); do
  grep -q 'runs without a window' "$HOME/out" && break
  sleep 0.1
done
grep -q 'runs without a window' "$HOME/out" || fail 'a second start beside serve does not say what to do'
shown=$(pgrep -P "$second" -f ' explain-trouble$') || fail 'a second start beside serve shows nothing'
kill -TERM "$shown" "$server"
wait "$server" || fail 'SIGTERM ended serve badly'
gone "$shown"
wait "$second" && fail 'a second start that failed ended well'

# Whenever a window is told to end, it does: before it is there, while it opens, and after.
for after in 0.02 0.05 0.1 0.15 0.2 0.3 0.4 0.6 1.5; do
  PORT=$port "$BINARY" demo >"$HOME/out" 2>&1 &
  shown=$!
  sleep "$after"
  kill -TERM "$shown"
  gone "$shown"
  "$BINARY" explain-trouble >"$HOME/out" 2>&1 <<<'{"sentence":"Nothing is wrong.","choices":["quit"]}' &
  shown=$!
  sleep "$after"
  kill -TERM "$shown"
  gone "$shown"
done

# cannot WHAT WORD...: the program ends by itself, in words that have WORD in them, and without a trace of a crash
cannot() {
  local what=$1 word=$2 code=0
  shift 2
  env "$@" timeout 20 "$BINARY" >"$HOME/out" 2>&1 || code=$?
  [ "$code" = 1 ] || fail "$what: ended with $code"
  grep -q "$word" "$HOME/out" || fail "$what: does not say $word"
  if grep -qE '^(panic|goroutine|SIG)' "$HOME/out"; then fail "$what: crashed"; fi
}
cannot 'no display' 'amq2api serve' -u DISPLAY
cannot 'a display that is gone' 'amq2api serve' DISPLAY=:65123
cannot 'a display that refuses us' 'amq2api serve' XAUTHORITY=/dev/null AMQ2API_VAULT=file AMQ2API_VAULT_PASSPHRASE_FILE="$HOME/passphrase"
