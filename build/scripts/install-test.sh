#!/usr/bin/env bash
# Installs the deb in a fresh Debian without anything else, upgrades it from an older build with a profile of that time, opens the window, purges
# it, and looks at every file: nothing may be left but the profile. As root; called by make package-test.
#
#   install-test.sh [NEW.deb]
#
# The fresh Debian comes from where this machine's own packages come from, and is kept in build/out/install-test for the next time.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C TZ=UTC
umask 022

# The commit before the schema's tenth step: a profile of that time has to be brought up to date.
older=a5d5b42
out=$PWD/build/out/install-test
new=$(realpath "${1:-$(ls -t build/out/package/amq2api_*_amd64.deb | head -n 1)}")
root=$out/root
mkdir -p "$out"

fail() { echo "install-test: $*" >&2; exit 1; }
step() { printf '== %s (%ds)\n' "$1" "$SECONDS"; }

[ "$(id -u)" = 0 ] || fail 'a fresh system can only be made by root'

# The rest runs in a space of its own: whatever is mounted or left running there ends with it.
if [ "${IN_ITS_OWN_SPACE:-}" != yes ]; then
  export IN_ITS_OWN_SPACE=yes
  exec unshare --mount --pid --fork --kill-child -- "$0" "$@"
fi

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
as_user() { inside setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/dev USER=dev "$@"; }
apt_install() { inside apt-get install -y -qq --no-install-recommends "$@" > "$out/apt.log" 2>&1 || { tail -n 20 "$out/apt.log" >&2; fail "apt-get install $*"; }; }

# fresh makes the system: what debootstrap makes, with this machine's sources.
fresh() {
  rm -rf "$root"
  if [ ! -f "$out/base.tar" ]; then
    local suite mirror
    suite=$(. /etc/os-release; echo "$VERSION_CODENAME")
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk -v suite="$suite" '$2 == suite { print $1; exit }')
    debootstrap --variant=minbase "$suite" "$root" "$mirror" > "$out/debootstrap.log" 2>&1 || { tail -n 5 "$out/debootstrap.log" >&2; fail 'debootstrap'; }
    apt-config dump | grep -E '^Acquire::https?::' > "$root/etc/apt/apt.conf.d/90machine" || true
    printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d" # no service is started
    chmod 755 "$root/usr/sbin/policy-rc.d"
    tar -C "$root" -cf "$out/base.tar" .
  else
    mkdir -p "$root"
    tar -C "$root" -xf "$out/base.tar"
  fi
  mount -t proc proc "$root/proc"
  mkdir -p "$root/dev/shm"
  mount -t tmpfs tmpfs "$root/dev/shm"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
}

# older_deb packs the program of an earlier commit as an older version of the package.
older_deb() {
  local source=$out/older to=$out/older-stage
  [ ! -f "$out/older.deb" ] || return 0
  git cat-file -e "$older" 2> /dev/null || fail "the history does not reach back to $older; fetch all of it"
  rm -rf "$source" "$to"
  mkdir -p "$source" "$to"
  git archive "$older" | tar -x -C "$source"
  cp -a build/out/package-stage/linux/. "$to/"
  (cd "$source" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=0.0.9' -o "$to/amq2api" .)
  STAGE=$to ARCH=amd64 VERSION=0.0.9 MAINTAINER='Nobody <nobody@localhost.localdomain>' \
    go run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2 package --config build/linux/nfpm.yaml --packager deb --target "$out/older.deb" > /dev/null
  rm -rf "$source" "$to"
}

# files lists every file with its sort, rights and owner, and once more with its sum, but for what apt and dpkg keep for themselves.
files() {
  (
    cd "$root"
    elsewhere=(-xdev '(' -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./run -o -path ./var/cache -o -path ./var/log
      -o -path ./var/lib/apt -o -path ./var/lib/dpkg ')' -prune -o)
    find . "${elsewhere[@]}" -printf '%p %y %m %U:%G %l\n'
    find . "${elsewhere[@]}" -type f -print0 | xargs -0 sha256sum | awk '{ print $2, $1 }'
  ) | sort
}

step 'an older build'
older_deb

step 'a fresh system'
fresh
mkdir -p "$root/tmp/debs"
cp "$new" "$root/tmp/debs/new.deb"
cp "$out/older.deb" "$root/tmp/debs/older.deb"
cp build/scripts/install-session.sh "$root/tmp/debs/"
inside apt-get update -qq
inside useradd --create-home --uid 1000 --shell /bin/bash dev

step 'what it depends on is enough to start it'
inside apt-get install -y -qq --no-install-recommends /tmp/debs/new.deb > "$out/apt.log" 2>&1 || { tail -n 20 "$out/apt.log" >&2; fail 'the package does not install'; }
if inside ldd /usr/bin/amq2api | grep 'not found'; then fail 'a library is missing'; fi
grep -q 'desktop, linux/amd64' <<< "$(inside amq2api version)" || fail 'it does not say what it is'
inside apt-mark showauto | xargs chroot "$root" apt-mark manual > /dev/null
inside apt-get purge -y -qq amq2api > /dev/null 2>&1
apt_install xvfb xauth dbus gnome-keyring curl

step 'an older version, with a profile of its time'
files > "$out/before"
inside dpkg -i /tmp/debs/older.deb > /dev/null 2>&1 || fail 'the older package does not install'
as_user bash /tmp/debs/install-session.sh older

step 'the upgrade'
inside dpkg -i /tmp/debs/new.deb > /dev/null 2>&1 || fail 'the upgrade does not install'
as_user bash /tmp/debs/install-session.sh upgraded

step 'the window'
as_user env -u DISPLAY XDG_RUNTIME_DIR=/home/dev/run bash -c 'mkdir -p -m 700 "$XDG_RUNTIME_DIR"; dbus-run-session -- xvfb-run -a -s "-screen 0 1280x800x24" bash /tmp/debs/install-session.sh window; code=$?; rm -rf "$XDG_RUNTIME_DIR"; exit $code'

step 'the purge'
inside apt-get purge -y -qq amq2api > /dev/null 2>&1 || fail 'the package does not go'
[ -z "$(find "$root/var/lib/dpkg/info" -name 'amq2api*')" ] || fail 'dpkg still knows files of it'
files > "$out/after"
diff "$out/before" "$out/after" > "$out/difference" || true
# The profile, the keyring that was made for its secrets, and the caches of the window's engine and of the graphics driver.
left=$(sed -nE 's/^[<>] (\S+) .*/\1/p' "$out/difference" | sort -u |
  grep -vE '^\./home/dev(/passphrase|/\.local(/share(/(amq2api|keyrings)(/.*)?)?)?|/\.cache(/(amq2api|mesa_shader_cache)(/.*)?)?)?$' || true)
[ -z "$left" ] || fail "left behind or changed:
$left"
umount --lazy "$root/proc" "$root/dev/shm"
rm -rf "$root"
echo 'Nothing is left but the profile in ~/.local/share/amq2api, its secrets in the keyring, and caches in ~/.cache.'
