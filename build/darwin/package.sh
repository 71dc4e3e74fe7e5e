#!/usr/bin/env bash
# Makes AMQ2API.app and a .dmg with it, for both processors. Runs on a Mac with Xcode's command line tools, Go and Node.
#
#   IDENTIFIER=org.example.amq2api       the bundle's name; whoever hands it out takes a domain of theirs
#   SIGN_AS='Developer ID Application: …' the certificate; without one the app is signed for this Mac only
#   NOTARY_PROFILE=name                   made once by `xcrun notarytool store-credentials name`; without one nothing is notarised
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(uname -s)" = Darwin ] || { echo 'An app for macOS can only be made on a Mac.' >&2; exit 1; }
export TZ=UTC
identifier=${IDENTIFIER:-localhost.amq2api}
sign_as=${SIGN_AS:--}
stage=build/out/package-stage/darwin
app=$stage/AMQ2API.app
numbers=$(sed -n 's/.*"productVersion": "\(.*\)".*/\1/p' wails.json)
version=${version:-$(git describe --tags --always --dirty)}
date=$(git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ)

make --no-print-directory build/licences/third-party.txt.gz
rm -rf "$stage"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources" "$stage/icon.iconset" build/out/package
for processor in amd64 arm64; do
  CGO_ENABLED=1 GOOS=darwin GOARCH=$processor CGO_CFLAGS=-mmacosx-version-min=12.0 \
    CGO_LDFLAGS='-mmacosx-version-min=12.0 -framework UniformTypeIdentifiers' \
    go build -trimpath -buildvcs=false -tags desktop,production -o "$stage/amq2api-$processor" \
    -ldflags "-s -w -X main.version=$version -X main.commit=$(git rev-parse HEAD) -X main.date=$date" .
done
lipo -create -output "$app/Contents/MacOS/amq2api" "$stage/amq2api-amd64" "$stage/amq2api-arm64"

for size in 16 32 128 256 512; do
  sips -z "$size" "$size" build/appicon.png --out "$stage/icon.iconset/icon_${size}x$size.png" > /dev/null
  [ "$size" = 512 ] || sips -z $((size * 2)) $((size * 2)) build/appicon.png --out "$stage/icon.iconset/icon_${size}x$size@2x.png" > /dev/null
done
iconutil -c icns -o "$app/Contents/Resources/icon.icns" "$stage/icon.iconset"
sed "s/@IDENTIFIER@/$identifier/; s/@NUMBERS@/$numbers/" build/darwin/Info.plist > "$app/Contents/Info.plist"
plutil -lint "$app/Contents/Info.plist"
cp LICENSE "$app/Contents/Resources/"

# The keychain is reached through the system's own tool, and the page runs in a process of the system's: no entitlements are needed.
hardened=(--options runtime --timestamp)
[ "$sign_as" != - ] || hardened=()
codesign --force ${hardened[@]+"${hardened[@]}"} --sign "$sign_as" "$app"
codesign --verify --strict "$app"

disk=build/out/package/amq2api_${version}_darwin_universal.dmg
mkdir -p "$stage/disk"
cp -R "$app" "$stage/disk/"
ln -s /Applications "$stage/disk/Applications"
hdiutil create -volname AMQ2API -srcfolder "$stage/disk" -format UDZO -ov "$disk"
if [ "$sign_as" != - ]; then codesign --timestamp --sign "$sign_as" "$disk"; fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
  xcrun notarytool submit "$disk" --keychain-profile "$NOTARY_PROFILE" --wait
  xcrun stapler staple "$disk"
  spctl --assess --type open --context context:primary-signature "$disk"
fi
echo "$disk"
