#!/usr/bin/env bash
# Opens the window on a virtual display with a real keyring, looks at it, and ends it the way a system does.
# Usage: window.sh BINARY FOLDER_FOR_SCREENSHOTS
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "${1:?}") shots=${2:?}
mkdir -p "$shots" build/out
shots=$(realpath "$shots")
here=$(realpath build/scripts)
out=$(realpath build/out)
CGO_ENABLED=0 go build -o "$out/panel" ./build/tools/panel
# The same window with a mistake in it.
CGO_ENABLED=1 go build -tags desktop,production,webkit2_41,provoke -o "$out/provoked" .

# inside SCRIPT: a display, an empty home, and a session bus of its own; without one the libraries would start buses that outlive the test.
inside() {
  local home
  home=$(mktemp -d)
  env -i PATH="$PATH" HOME="$home" XDG_DATA_HOME="$home/.local/share" XDG_RUNTIME_DIR="$home" LANG=C BINARY="$binary" SHOTS="$shots" PANEL="$out/panel" PROVOKED="$out/provoked" \
    dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24' "$here/$1" || { rm -rf "$home"; exit 1; }
  rm -rf "$home"
}

inside window-session.sh
inside window-trouble.sh
inside window-manners.sh
