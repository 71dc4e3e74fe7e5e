#!/usr/bin/env bash
# Opens the window on a virtual display with a real keyring, looks at it, and ends it the way a system does.
# Usage: window.sh BINARY FOLDER_FOR_SCREENSHOTS
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "${1:?}") shots=${2:?}
mkdir -p "$shots"
shots=$(realpath "$shots")
here=$(realpath build/scripts)

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
# A session bus of its own: without one the libraries would start buses that outlive the test.
env -i PATH="$PATH" HOME="$home" XDG_DATA_HOME="$home/.local/share" XDG_RUNTIME_DIR="$home" LANG=C \
  BINARY="$binary" SHOTS="$shots" \
  dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24' "$here/window-session.sh"
