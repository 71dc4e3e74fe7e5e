#!/usr/bin/env bash
# Installs real clients at pinned versions, and runs each against a demo of the program. Called by make clients, and with --sdk by make test.
#
#   clients.sh [--sdk | --connect] [CLIENT...]
#   clients.sh --install    only installs
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/out/clients

# install FOLDER COMMAND...: in build/out, and only when the pins have changed.
install() {
    local from=build/clients/$1 to=$out/$1
    shift
    mkdir -p "$to"
    if ! cmp -s "$from/package.json" "$to/installed.json"; then
        echo "installing the clients of $from"
        cp "$from"/package*.json "$to/"
        (cd "$to" && npm "$@" --ignore-scripts --no-audit --no-fund --loglevel=error)
        cp "$from/package.json" "$to/installed.json"
    fi
}

install sdk ci
case " $* " in
*' --sdk '*) ;;
*) install agents install --no-package-lock ;;
esac
[ "${1:-}" = --install ] || node build/clients/run.mjs "$@"
