#!/usr/bin/env bash
# Whether the packages are what they should be: the same from any folder, without errors of lintian, and sound in a fresh Debian. Called by make
# package-test; needs root for the fresh Debian, and some minutes.
#
#   package-test.sh [same|lint|container|install]...     all of them without a name
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C
out=build/out/package
test=$PWD/build/out/package-test
step() { printf '\n== %s (%ds)\n' "$1" "$SECONDS"; }
fail() { echo "package-test: $*" >&2; exit 1; }

# clone NAME: a clean checkout of this commit, with npm's packages installed as anywhere
clone() {
  rm -rf "${test:?}/$1"
  git -c advice.detachedHead=false clone -q --no-hardlinks . "$test/$1"
  git -C "$test/$1" -c advice.detachedHead=false checkout -q "$(git rev-parse HEAD)"
}

# same makes the archives in two folders, and one of them again with a Go cache of its own, so that nothing of the first can be taken over.
same() {
  step 'equal commits make equal archives'
  local one=$test/one two=$test/another-folder/with/a-longer-name
  clone one
  clone another-folder/with/a-longer-name
  (cd "$one" && build/scripts/package.sh archives) > "$test/one.log" 2>&1 || { tail "$test/one.log"; fail 'the first checkout does not build'; }
  (cd "$two" && build/scripts/package.sh archives && GOCACHE=$test/gocache platforms=linux/amd64 build/scripts/package.sh archives) > "$test/two.log" 2>&1 ||
    { tail "$test/two.log"; fail 'the second checkout does not build'; }
  diff "$one/$out/SHA256SUMS" "$two/$out/SHA256SUMS" || fail 'the archives differ'
  cat "$one/$out/SHA256SUMS"
  rm -rf "$one" "$test/another-folder" "$test/gocache"
}

lint() {
  step 'lintian, rpm, and no place of this machine'
  local deb rpm found
  found=$(grep -rlF -e "$PWD" -e "$(go env GOMODCACHE)" build/out/package-stage "$out"/*.cdx.json || true)
  [ -z "$found" ] || fail "a folder of this machine is named in
$found"
  deb=$(ls -t "$out"/amq2api_*_amd64.deb | head -n 1)
  rpm=$(ls -t "$out"/amq2api-*.x86_64.rpm | head -n 1)
  lintian --allow-root --fail-on error "$deb" || fail "lintian finds errors in $deb"
  rpm -K --nosignature "$rpm"
  rpm -qp --requires --nosignature "$rpm" | grep -x webkit2gtk4.1 > /dev/null || fail "$rpm does not require webkit2gtk4.1"
}

# container runs the archive's program where there is nothing else, as a container made by packaging.md's recipe does.
container() {
  step 'the archive in an empty system'
  local root=$test/container port
  rm -rf "$root"
  mkdir -p "$root/profile" "$root/tmp" "$root/etc/ssl/certs"
  tar -xzf "$(ls -t "$out"/amq2api_*_linux_amd64.tar.gz | head -n 1)" -C "$root" --strip-components 1
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  head -c 24 /dev/urandom | base64 > "$root/profile/passphrase"
  chmod 600 "$root/profile/passphrase"
  chmod 1777 "$root/tmp"
  chmod 700 "$root/profile"
  chown -R 65532:65532 "$root/profile"
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
  env -i PATH="$PATH" PORT="$port" DATABASE_PATH=/profile/amq2api.db AMQ2API_VAULT=file AMQ2API_VAULT_PASSPHRASE_FILE=/profile/passphrase \
    chroot --userspec 65532:65532 "$root" /amq2api serve > "$test/container.log" 2>&1 &
  local program=$! code=0
  for _ in $(seq 100); do
    curl -fs "http://127.0.0.1:$port/health" && break
    kill -0 "$program" 2>/dev/null || { cat "$test/container.log" >&2; fail 'the program ended'; }
    sleep 0.1
  done
  kill -TERM "$program"
  wait "$program" || code=$?
  [ "$code" = 0 ] || fail "SIGTERM ended it with $code"
}

install() { step 'a fresh Debian'; build/scripts/install-test.sh; }

mkdir -p "$test"
[ $# -gt 0 ] || set -- same lint container install
[ -f "$out/SHA256SUMS" ] || build/scripts/package.sh
for one in "$@"; do "$one"; done
step 'done'
