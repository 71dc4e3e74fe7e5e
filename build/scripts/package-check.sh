#!/usr/bin/env bash
# What can be said about the packages without making them: that the files which describe them are sound. Part of make test; takes seconds.
# What looks at them is skipped where it is missing, and said so. Usage: package-check.sh BINARY
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "${1:?}")
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

has() { command -v "$1" > /dev/null || { echo "not looked at, as there is no $1: $2"; return 1; }; }
fail() { echo "package-check: $*" >&2; exit 1; }

if has desktop-file-validate 'the desktop file'; then desktop-file-validate build/linux/amq2api.desktop; fi

sed 's/@VERSION@/1.0.0/; s/@DATE@/2026-01-01/' build/linux/amq2api.metainfo.xml > "$temp/amq2api.metainfo.xml"
if has appstreamcli 'the AppStream description'; then
  # There is no domain yet to make a reverse one of.
  found=$(appstreamcli validate --no-net "$temp/amq2api.metainfo.xml" | grep -E '^[EW]: ' | grep -v cid-desktopapp-is-not-rdns || true)
  [ -z "$found" ] || fail "$found"
fi

if has systemd-analyze 'the unit'; then
  cp "$binary" "$temp/amq2api"
  sed "s|^ExecStart=/usr/bin/|ExecStart=$temp/|" build/linux/amq2api.service > "$temp/amq2api.service"
  found=$(XDG_RUNTIME_DIR=$temp systemd-analyze --user --man=no verify "$temp/amq2api.service" 2>&1 | grep amq2api.service || true)
  [ -z "$found" ] || fail "$found"
fi

for shell in bash zsh fish; do
  "$binary" completion "$shell" > "$temp/completion.$shell"
  if has "$shell" "its completions"; then "$shell" -n "$temp/completion.$shell"; fi
done
grep -q '^serve' <<< "$("$binary" __complete serv 2>/dev/null)" || fail 'serve is not completed'

if has man 'the manual page'; then
  grep -q 'amq2api serve' <<< "$(MANWIDTH=80 man --warnings -l build/linux/amq2api.1 2> "$temp/warnings")" || fail 'the manual page does not name serve'
  [ ! -s "$temp/warnings" ] || fail "$(cat "$temp/warnings")"
fi

# nfpm says what is wrong with its file only by using it.
mkdir -p "$temp/icons/16x16/apps" "$temp/completions"
touch "$temp"/{amq2api,amq2api.1.gz,changelog.gz,third-party-licences.txt.gz,icons/16x16/apps/amq2api.png,completions/amq2api.bash,completions/amq2api.fish,completions/_amq2api}
for kind in deb rpm; do
  STAGE=$temp ARCH=amd64 VERSION=1.0.0 MAINTAINER='Nobody <nobody@localhost.localdomain>' \
    go run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2 package --config build/linux/nfpm.yaml --packager "$kind" --target "$temp/package.$kind" > /dev/null
done
