#!/usr/bin/env bash
# The inside of install-test.sh: what the user of a fresh system does. Usage: install-session.sh older|upgraded|window
set -euo pipefail
scene=${1:?}
cd

fail() { echo "install-session, $scene: $1" >&2; cat "/tmp/$scene.out" >&2 || true; exit 1; }

port=18497
export PORT=$port
address=http://127.0.0.1:$port

start() {
  "$@" > "/tmp/$scene.out" 2>&1 &
  program=$!
  for _ in $(seq 300); do
    curl -fs "$address/health" > /tmp/health 2>&1 && return
    kill -0 "$program" 2>/dev/null || fail 'the program ended'
    sleep 0.1
  done
  fail 'it does not listen'
}

stop() {
  local code=0
  kill -TERM "$program"
  wait "$program" || code=$?
  [ "$code" = 0 ] || fail "SIGTERM ended it with $code"
}

admin() { curl -fs -H "Authorization: Bearer $(amq2api admin-token)" -H 'content-type: application/json' "$address/admin/$1" "${@:2}"; }

use_file_vault() {
  [ -s ~/passphrase ] || (umask 077; head -c 24 /dev/urandom | base64 > ~/passphrase)
  export AMQ2API_VAULT=file AMQ2API_VAULT_PASSPHRASE_FILE=$HOME/passphrase
}

case $scene in
older)
  use_file_vault
  start amq2api serve
  admin api-keys -d '{"name":"made before the upgrade"}' > /dev/null || fail 'no key could be made'
  stop
  ;;
upgraded)
  use_file_vault
  start amq2api serve
  grep -q "\"$(amq2api version | awk 'NR == 1 { print $2 }')\"" /tmp/health || fail 'the new version does not say so'
  grep -q 'made before the upgrade' <<< "$(admin api-keys)" || fail 'the key of the older version is gone'
  grep -q before-migration <<< "$(ls ~/.local/share/amq2api/backups)" || fail 'there is no backup from before the migration'
  stop
  amq2api doctor > /tmp/doctor || { cat /tmp/doctor >&2; fail 'the doctor finds something'; }
  ;;
window)
  # With a keychain, in a profile of its own below the first one.
  export DATABASE_PATH=$HOME/.local/share/amq2api/window/amq2api.db
  echo -n password | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1
  start amq2api
  admin state > /dev/null || fail 'the token in the keyring does not open the admin API'
  stop
  ;;
esac
