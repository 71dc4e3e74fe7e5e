#!/usr/bin/env bash
# Runs the program that make built: the window where there is a display, else serve.
# Usage: run.sh window|headless BINARY
set -euo pipefail

mode=${1:?} binary=${2:?}

# Without a keychain the encrypted file vault takes its place, with a passphrase that is made here once.
use_file_vault() {
  local profile
  profile=$(dirname "${DATABASE_PATH:-${XDG_DATA_HOME:-$HOME/.local/share}/amq2api/amq2api.db}")
  export AMQ2API_VAULT=file AMQ2API_VAULT_PASSPHRASE_FILE=$profile/vault-passphrase
  [ -s "$AMQ2API_VAULT_PASSPHRASE_FILE" ] && return
  mkdir -p -m 700 "$profile"
  (umask 077; head -c 32 /dev/urandom | base64 | tr -d '\n=' > "$AMQ2API_VAULT_PASSPHRASE_FILE")
  echo "$1, so secrets go to the encrypted file vault in $profile."
  echo "Its passphrase was made and lies in $AMQ2API_VAULT_PASSPHRASE_FILE; only you can read it. Keep both."
}

if [ "$mode" = window ]; then
  code=0
  "$binary" || code=$?
  # 3 says that there is no keychain to use.
  if [ "$code" != 3 ] || [ -n "${AMQ2API_VAULT:-}" ]; then exit "$code"; fi
  use_file_vault 'The keychain cannot be used'
  exec "$binary"
fi

[ -n "${AMQ2API_VAULT:-}" ] || use_file_vault 'There is no display, hence no keychain'
echo 'To sign in to the dashboard, print the admin token in another terminal with: make admin-token'
exec "$binary" serve
