#!/usr/bin/env bash
# security.sh: scanners over the code, its dependencies and its history. Every finding that is left has a dated line in
# build/security-exceptions.tsv. Takes some minutes the first time, when the scanners are built.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/out
mkdir -p "$out"
status=0

echo '== dangerous Go'
go run github.com/securego/gosec/v2/cmd/gosec@v2.30.0 -quiet -no-fail -fmt golint -exclude-dir node_modules -exclude-dir build/clients ./... |
  sed -nE "s#^$PWD/([^:]+):([0-9]+):.*\(Rule:(G[0-9]+),.*#\3\t\1\t\2#p" | sort -u > "$out/gosec.tsv"
awk -F '\t' '
  FILENAME == ARGV[1] { if ($0 !~ /^#/) known[$2 "\t" $3] = 1; next }
  { found++; key = $1 "\t" $2; used[key] = 1 }
  !(key in known) { print "not explained: " $1 " in " $2 ":" $3; bad = 1 }
  END {
    for (key in known) if (!(key in used)) { print "explained, but no longer there: " key; bad = 1 }
    print found + 0 " findings, each with a dated line" (bad ? ", but for these" : ""); exit bad
  }' build/security-exceptions.tsv "$out/gosec.tsv" || status=1

echo '== secrets in the history'
go run github.com/zricethezav/gitleaks/v8@v8.30.1 git . --no-banner --redact || status=1

echo '== known vulnerabilities'
if ! go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./... > "$out/govulncheck.txt" 2>&1; then
  if grep -q 'fetching vulnerabilities' "$out/govulncheck.txt"; then
    echo 'NOT RUN: the database of vulnerabilities cannot be reached from here'
  else
    cat "$out/govulncheck.txt"
    status=1
  fi
fi
exit "$status"
