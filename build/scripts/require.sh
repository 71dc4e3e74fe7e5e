#!/usr/bin/env bash
# Makes sure that what a target needs is there. Usage: require.sh headless|desktop|test|package|package-test
# Go, Node and a C compiler are yours to install; the rest is installed with apt-get on Debian and Ubuntu, and named elsewhere.
set -euo pipefail

purpose=${1:?usage: require.sh headless|desktop|test|package|package-test}

fail() { printf '%s\n' "$@" >&2; exit 1; }

# at_least HAVE WANT: whether version HAVE is WANT or newer
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

command -v go >/dev/null || fail 'Go is missing. Install Go 1.26 or newer from https://go.dev/dl, then run make again.'
have=$(go env GOVERSION); have=${have#go}
at_least "$have" 1.26 || fail "Go $have is too old. Install Go 1.26 or newer from https://go.dev/dl, then run make again."
command -v node >/dev/null || fail 'Node.js is missing. Install Node.js 20.19 or newer from https://nodejs.org, then run make again.'
have=$(node --version); have=${have#v}
at_least "$have" 20.19 || fail "Node.js $have is too old. Install Node.js 20.19 or newer from https://nodejs.org, then run make again."
command -v npm >/dev/null || fail 'npm is missing. It comes with Node.js: https://nodejs.org'

[ "$(uname -s)" = Linux ] || exit 0

desktop=(libwebkit2gtk-4.1-dev libgtk-3-dev pkg-config gcc)
testing=(xvfb xauth dbus dbus-x11 gnome-keyring libsecret-tools imagemagick xdotool openbox wmctrl strace iproute2 chromium fonts-dejavu-core fonts-noto-cjk desktop-file-utils)
packaging=(nsis)
installing=(lintian debootstrap rpm)
case $purpose in
  headless) packages=() ;;
  desktop) packages=("${desktop[@]}") ;;
  test) packages=("${desktop[@]}" "${testing[@]}") ;;
  package) packages=("${desktop[@]}" "${packaging[@]}") ;;
  package-test) packages=("${desktop[@]}" "${packaging[@]}" "${installing[@]}") ;;
  *) fail "require.sh: unknown purpose $purpose" ;;
esac
[ ${#packages[@]} -gt 0 ] || exit 0

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  pkg-config --exists webkit2gtk-4.1 2>/dev/null && [ "$purpose" = desktop ] && exit 0
  fail 'This system has no apt-get. Install these yourself, then run make again:' \
    '  Fedora:  sudo dnf install gcc pkgconf webkit2gtk4.1-devel gtk3-devel' \
    '  Arch:    sudo pacman -S base-devel webkit2gtk-4.1 gtk3' \
    'For make test also: Xvfb, dbus-x11, gnome-keyring, libsecret, ImageMagick, xdotool, openbox, wmctrl, iproute2, strace, Chromium, desktop-file-utils, DejaVu and Noto CJK fonts.'
fi

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || fail "These packages are missing and there is no sudo: ${missing[*]}" "As root: apt-get install ${missing[*]}"
  as_root=(sudo)
fi
echo "Installing what is missing with apt-get: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
