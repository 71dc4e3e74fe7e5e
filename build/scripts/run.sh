#!/usr/bin/env bash
# Runs the program that make built: the window where there is a display, else serve.
# Usage: run.sh window|headless BINARY
set -euo pipefail

mode=${1:?} binary=${2:?}

# Without a keychain the encrypted file vault takes its place. A passphrase in the profile tells the program so, from then on.
use_file_vault() {
  local profile
  profile=$(dirname "${DATABASE_PATH:-${XDG_DATA_HOME:-$HOME/.local/share}/amq2api/amq2api.db}")
  # A profile that has been in use keeps its vault; the program says what to do if it cannot be opened.
  [ ! -e "$profile/vault-passphrase" ] && [ ! -e "$profile/profile.id" ] || return 0
  mkdir -p -m 700 "$profile"
  (umask 077; head -c 32 /dev/urandom | base64 | tr -d '\n=' > "$profile/vault-passphrase")
  echo "There is no display, hence no keychain, so secrets go to the encrypted file vault in $profile."
  echo "Its passphrase was made and lies in $profile/vault-passphrase; only you can read it. Keep both."
}

[ "$mode" != window ] || exec "$binary"

[ -n "${AMQ2API_VAULT:-}" ] || use_file_vault
echo 'To sign in to the dashboard, print the admin token in another terminal with: make admin-token'
exec "$binary" serve
