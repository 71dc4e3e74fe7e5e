package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// build is one of the programs that are handed out.
type build struct{ system, tags string }

// builds are those whose parts differ; the processor makes no difference.
var builds = []build{
	{"linux", ""}, {"darwin", ""}, {"windows", ""},
	{"linux", "desktop,production,webkit2_41"}, {"darwin", "desktop,production"}, {"windows", "desktop,production"},
}

// listed is what `go list -json` says of a package.
type listed struct {
	Module *struct {
		Path, Version, Dir string
		Main               bool
		Replace            *struct{ Path string }
	}
}

// goParts are Go itself and the modules that any of the builds links.
func goParts() ([]part, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("ask Go where it is: %w", err)
	}
	standard, err := textsIn(strings.TrimSpace(string(root)))
	if err != nil {
		return nil, err
	}
	all := []part{{name: "Go standard library", version: strings.TrimPrefix(runtime.Version(), "go"), licence: "BSD-3-Clause", texts: standard}}
	known := map[string]bool{}
	for _, b := range builds {
		packages, err := linked(b)
		if err != nil {
			return nil, err
		}
		for _, one := range packages {
			if one.Module == nil || one.Module.Main || known[one.Module.Path] {
				continue
			}
			known[one.Module.Path] = true
			texts, err := textsIn(one.Module.Dir)
			if err != nil {
				return nil, err
			}
			all = append(all, part{name: one.Module.Path, version: one.Module.Version, texts: texts})
		}
	}
	return all, nil
}

// linked are the packages of a build, tests not among them.
func linked(b build) ([]listed, error) {
	command := exec.Command("go", "list", "-deps", "-tags", b.tags, "-json=Module", ".")
	command.Env = append(os.Environ(), "GOOS="+b.system, "GOARCH=amd64", "CGO_ENABLED="+cgo(b))
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("list what %s links: %w", filepath.Join(b.system, b.tags), err)
	}
	var packages []listed
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var one listed
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, one)
	}
}

// cgo is on where a window needs it.
func cgo(b build) string {
	if b.tags != "" && b.system != "windows" {
		return "1"
	}
	return "0"
}
