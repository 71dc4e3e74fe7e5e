#!/usr/bin/env bash
# Prints the admin token of the profile that make run uses.
set -euo pipefail
binary=${1:?}
profile=$(dirname "${DATABASE_PATH:-${XDG_DATA_HOME:-$HOME/.local/share}/amq2api/amq2api.db}")
if [ -z "${AMQ2API_VAULT:-}" ] && [ -s "$profile/vault-passphrase" ] && [ -z "${AMQ2API_VAULT_PASSPHRASE_FILE:-}" ]; then
  export AMQ2API_VAULT=file AMQ2API_VAULT_PASSPHRASE_FILE=$profile/vault-passphrase
fi
exec "$binary" admin-token
