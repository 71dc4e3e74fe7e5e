#!/usr/bin/env bash
# Makes what is handed out, in build/out/package: archives of the headless program, a deb and an rpm of the desktop program, Windows
# programs and their installer, lists of parts (SBOM) and SHA256SUMS. Called by make package; what a Mac makes is in build/darwin.
#
#   package.sh [archives|linux|windows|sbom]...     all of them without a name; SHA256SUMS is made anew each time
#
# Equal commits make equal archives, wherever they are packed: nothing in them depends on the folder, the machine or the time.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C TZ=UTC
umask 022

out=build/out/package
stage=build/out/package-stage
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
winres=github.com/tc-hib/go-winres@v0.3.3
cyclonedx=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
mkdir -p "$out" "$stage"

# What a version is: that of a tag; between tags, what comes before the next one, with the time and name of the commit.
commit=${PACKAGE_COMMIT:-$(git rev-parse HEAD)}
epoch=$(git log -1 --format=%ct "$commit")
date=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
next=$(sed -n 's/.*"productVersion": "\(.*\)".*/\1/p' wails.json)
if [ -z "${version:-}" ]; then
  tag=$(git describe --exact-match --match 'v[0-9]*' "$commit" 2>/dev/null || true)
  version=${tag#v}
  [ -n "$version" ] || version=$next~$(date -u -d "@$epoch" +%Y%m%d.%H%M).g$(git rev-parse --short=10 "$commit")
  [ -n "${PACKAGE_COMMIT:-}" ] || [ -z "$(git status --porcelain --untracked-files=no)" ] || version+=.dirty
fi
numbers=$(sed -E 's/^([0-9]+\.[0-9]+\.[0-9]+).*/\1/' <<< "$version").0
export SOURCE_DATE_EPOCH=$epoch
export MAINTAINER=${MAINTAINER:-The AMQ2API authors <amq2api@localhost.localdomain>}
values="-X main.version=$version -X main.commit=$commit -X main.date=$date"

step() { printf '== %s (%ds)\n' "$1" "$SECONDS"; }

# compile SYSTEM PROCESSOR FILE LINKER_FLAGS [GO_FLAGS...]
compile() {
  local system=$1 processor=$2 file=$3 linker=$4
  shift 4
  GOOS=$system GOARCH=$processor GOAMD64=v1 GOARM64=v8.0 GOFLAGS= go build -trimpath -buildvcs=false -ldflags "-s -w $linker $values" "$@" -o "$file" .
}

# archive NAME FOLDER: a .zip if the name says so, else a .tar.gz
archive() { go run ./build/tools/archive "$out/$1" "$2" "$date"; }

papers() {
  mkdir -p "$1"
  cp README.md LICENSE "$1/"
  gzip -dc build/licences/third-party.txt.gz > "$1/third-party-licences.txt"
}

# The icon, manifest and version of Windows programs, which the linker finds beside main.go; they go when the script ends.
resources() {
  trap 'rm -f rsrc_windows_*.syso' EXIT
  go run "$winres" make --in build/windows/winres.json --out rsrc --arch amd64,arm64 --file-version "$numbers" --product-version "$numbers"
}

platforms=${platforms:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}

archives() {
  resources
  local platform system name folder ending packing
  for platform in $platforms; do
    step "archive for $platform"
    system=${platform%/*}
    name=amq2api_${version}_${platform/\//_}
    folder=$stage/$name
    ending= packing=.tar.gz
    [ "$system" != windows ] || ending=.exe packing=.zip
    rm -rf "$folder"
    papers "$folder"
    CGO_ENABLED=0 compile "$system" "${platform#*/}" "$folder/amq2api$ending" ''
    archive "$name$packing" "$folder"
  done
}

# The files of the desktop package that are made rather than kept; nfpm takes them from here.
linux_files() {
  local to=$1
  mkdir -p "$to/completions"
  go run ./build/tools/icons build/appicon.png "$to/icons" amq2api
  gzip -9n < build/linux/amq2api.1 > "$to/amq2api.1.gz"
  cp build/licences/third-party.txt.gz "$to/third-party-licences.txt.gz"
  sed "s/@VERSION@/$version/; s/@DATE@/${date%T*}/" build/linux/amq2api.metainfo.xml > "$to/amq2api.metainfo.xml"
  "$to/amq2api" completion bash > "$to/completions/amq2api.bash"
  "$to/amq2api" completion fish > "$to/completions/amq2api.fish"
  "$to/amq2api" completion zsh > "$to/completions/_amq2api"
  printf 'amq2api (%s) unstable; urgency=medium\n\n  * Built from commit %s.\n\n -- %s  %s\n' \
    "$version" "$commit" "$MAINTAINER" "$(date -u -R -d "@$epoch")" | gzip -9n > "$to/changelog.gz"
}

linux() {
  local to=$stage/linux
  step 'desktop program for linux/amd64'
  rm -rf "$to"
  mkdir -p "$to"
  CGO_ENABLED=1 compile linux amd64 "$to/amq2api" '-extldflags=-Wl,-z,relro,-z,now' -buildmode=pie -tags desktop,production,webkit2_41
  linux_files "$to"
  step 'deb and rpm'
  STAGE=$to ARCH=amd64 VERSION=$version go run "$nfpm" package --config build/linux/nfpm.yaml --packager deb --target "$out/amq2api_${version}_amd64.deb"
  STAGE=$to ARCH=amd64 VERSION=$version go run "$nfpm" package --config build/linux/nfpm.yaml --packager rpm --target "$out/amq2api-${version}-1.x86_64.rpm"
}

windows() {
  resources
  local processor to target
  for processor in amd64 arm64; do
    target=x86-unicode
    [ "$processor" != amd64 ] || target=amd64-unicode
    step "desktop program and installer for windows/$processor"
    to=$stage/windows-$processor
    rm -rf "$to"
    papers "$to"
    mv "$to/LICENSE" "$to/LICENSE.txt"
    CGO_ENABLED=0 compile windows "$processor" "$to/amq2api.exe" '-H windowsgui' -tags desktop,production
    CGO_ENABLED=0 compile windows "$processor" "$to/amq2api-cli.exe" ''
    go run ./build/tools/icons build/appicon.png "$to/icons" amq2api
    makensis -V2 -NOCD -INPUTCHARSET UTF8 -DTARGET=$target -DVERSION="$version" -DNUMBERS="$numbers" -DSTAGE="$to" -DOUT="$out/amq2api_${version}_windows_${processor}_setup.exe" build/windows/installer.nsi
  done
}

# What the programs and the page are made of, in CycloneDX: of the programs, what is written in them.
sbom() {
  step 'lists of parts'
  local part
  CGO_ENABLED=0 compile linux amd64 "$stage/headless" ''
  [ -f "$stage/linux/amq2api" ] || linux
  cp "$stage/linux/amq2api" "$stage/desktop"
  for part in headless desktop; do
    # It warns of what is no module of the network: the program itself and Go.
    go run "$cyclonedx" bin -json -licenses -std -noserial -version "$version" -output "$stage/$part.cdx.json" "$stage/$part" 2> "$stage/$part.log" ||
      { cat "$stage/$part.log" >&2; exit 1; }
  done
  npm sbom --prefix frontend --sbom-format cyclonedx --omit dev --loglevel=error > "$stage/page.cdx.json"
  for part in headless desktop page; do
    node build/tools/sbom.mjs "$stage/$part.cdx.json" "$version" "$date" > "$out/amq2api_${version}_${part}.cdx.json"
  done
}

[ $# -gt 0 ] || { set -- archives linux windows sbom; rm -rf "$out"; mkdir -p "$out"; }
step "AMQ2API $version"
make --no-print-directory build/licences/third-party.txt.gz
for one in "$@"; do "$one"; done
(cd "$out" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs sha256sum > SHA256SUMS)
step 'done'
(cd "$out" && ls -l | awk 'NR > 1 { printf "%10d  %s\n", $5, $9 }')
