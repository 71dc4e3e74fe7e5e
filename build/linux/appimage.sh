#!/usr/bin/env bash
# Makes an AppImage of what `build/scripts/package.sh linux` made. Needs appimagetool, which distributions do not package: name yours with
# APPIMAGETOOL. WebKitGTK is not put in: its helper programs are found by fixed paths. So the AppImage needs WebKitGTK 4.1 as the deb does.
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=${APPIMAGETOOL:-appimagetool}
command -v "$tool" > /dev/null || { echo 'appimagetool is missing; name it with APPIMAGETOOL.' >&2; exit 1; }
stage=build/out/package-stage/linux
dir=build/out/package-stage/AppDir
[ -x "$stage/amq2api" ] || build/scripts/package.sh linux
rm -rf "$dir"
mkdir -p "$dir/usr/bin" "$dir/usr/share/metainfo" "$dir/usr/share/icons/hicolor"
cp "$stage/amq2api" "$dir/usr/bin/"
cp "$stage/amq2api.metainfo.xml" "$dir/usr/share/metainfo/amq2api.appdata.xml"
cp -R "$stage/icons/." "$dir/usr/share/icons/hicolor/"
cp build/linux/amq2api.desktop build/appicon.png "$dir/"
mv "$dir/appicon.png" "$dir/amq2api.png"
ln -s usr/bin/amq2api "$dir/AppRun"
version=$("$stage/amq2api" version | awk 'NR == 1 { print $2 }')
ARCH=x86_64 "$tool" "$dir" "build/out/package/amq2api_${version}_x86_64.AppImage"
