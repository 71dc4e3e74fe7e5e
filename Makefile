# make run    build, then open the window (or serve where there is no display)
# make demo   the same with a simulated Amazon Q, an account and a key ready
# make test   everything that must hold, as CI runs it
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run demo admin-token build headless test check bench fuzz reliability security clients first-start shots baselines types package package-test clean

version     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
commit      := $(shell git rev-parse HEAD 2>/dev/null)
date        := $(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
go_flags    := -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(version) -X main.commit=$(commit) -X main.date=$(date)"
window_tags := desktop,production,webkit2_41
staticcheck := honnef.co/go/tools/cmd/staticcheck@v0.8.2
packages    := . ./backend/...

go_sources   := go.mod go.sum $(shell find . -path ./frontend -prune -o -path ./build/bin -prune -o -path ./build/out -prune -o \( -name '*.go' -o -name '*.sql' -o -name 'tray.png' \) -print)
page_sources := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -path frontend/src/paraglide -prune -o -type f -print)
page         := frontend/dist/index.html
licences     := build/licences/third-party.txt.gz
window       := build/bin/amq2api
server       := build/bin/amq2api-headless

# A window needs a display; on macOS and Windows there always is one.
ifeq ($(shell uname -s),Linux)
mode := $(if $(DISPLAY)$(WAYLAND_DISPLAY),window,headless)
else
mode := window
endif
program := $(if $(filter window,$(mode)),$(window),$(server))

help:
	@sed -n 's/^# \(make .*\)/  \1/p' Makefile

run: require-$(mode) $(program)
	@build/scripts/run.sh $(mode) $(program)

demo: require-$(mode) $(program)
	@$(program) demo

# make admin-token   print the token that signs in to the dashboard
admin-token: $(server)
	@$(server) admin-token

# make build         the desktop program, in build/bin
build: require-desktop $(window)

# make headless      the static program without any window, in build/bin
headless: require-headless $(server)

.PHONY: require-window
require-window: require-desktop
require-%:
	@build/scripts/require.sh $*

$(window): $(go_sources) $(page) $(licences)
	CGO_ENABLED=1 go build -tags $(window_tags) $(go_flags) -o $@ .

$(server): $(go_sources) $(page) $(licences)
	CGO_ENABLED=0 go build $(go_flags) -o $@ .

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	npm ci --prefix frontend --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(page): frontend/node_modules/.package-lock.json $(page_sources)
	npm run --prefix frontend --silent build
	@touch $@

$(licences): go.mod go.sum $(page)
	go run ./build/tools/licences $@

test: require-test
	@build/scripts/test.sh

# make check         the quick part of make test: formatting, vet, staticcheck, unit tests
check: $(page)
	test -z "$$(gofmt -l *.go backend)"
	go vet $(packages)
	go run $(staticcheck) $(packages)
	go test $(packages)

# make bench         what an event and a request cost, beside a proxy that only copies bytes
bench:
	@build/scripts/bench.sh

# make fuzz          a minute of fuzzing for every decoder
fuzz:
	@build/scripts/fuzz.sh

# make reliability   the reliability figures in full, 20 minutes; make test has their short form
reliability: require-test
	@build/scripts/reliability.sh

# make security      scanners over the code, its dependencies and its history; what is left has a dated line
security:
	@build/scripts/security.sh

# make clients       real clients from npm, each against a demo: text, a tool, a picture, an error; and with nothing but what Connect wrote
clients: $(server)
	@build/scripts/clients.sh $(only)

# make first-start   from an empty home to an answer of Claude Code, in the real window and by keyboard alone
first-start: require-test $(window) $(server)
	@build/scripts/clients.sh --install
	@build/scripts/first-start.sh $(window) $(server) build/out/clients/agents/node_modules/@anthropic-ai/claude-code-linux-x64/claude build/out/first-start

# make shots         screenshots of every screen, in build/out/shots
shots: require-test $(server)
	@build/scripts/browser.sh $(server) build/out/shots

# make baselines     take how the screens look now for right; look at the pictures before you commit them
baselines: require-test $(page)
	node frontend/e2e/baselines.mjs --accept

# make types         the page's types of the admin API, from the Go ones
types:
	go run ./build/tools/apitypes > frontend/src/lib/api/types.gen.ts

# make package       what is handed out, in build/out/package: archives, deb, rpm, Windows installer, lists of parts, sums
package: require-package
	@build/scripts/package.sh

# make package-test  make package in two other folders is the same, lintian, and the deb in a fresh Debian: install, upgrade, purge
package-test: require-package-test
	@build/scripts/package-test.sh

clean:
	rm -rf build/bin build/out frontend/node_modules
	find frontend/dist build/licences -mindepth 1 ! -name .gitkeep -delete
