package backend_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// floors is the house of ARCHITECTURE.md: a package imports only lower floors, never a neighbour. The simulator stands under the roof.
var floors = map[string]int{
	"chat": 0, "fault": 0, "lenient": 0, "secret": 0, "sse": 0,
	"account": 1, "access": 1, "usage": 1, "settings": 1, "dialect/anthropic": 1, "dialect/openai": 1, "dialect/responses": 1,
	"amazonq": 2, "amazonq/login": 2, "donor": 2, "attach": 2, "bulk": 2, "capture": 2, "checkup": 2, "connect": 2, "emulate": 2, "relay": 2, "store": 2, "vault": 2,
	"gateway": 3, "admin": 3,
	"server": 4, "desktop": 4,
	"amazonq/amazonqtest": 5,
	"":                    6,
}

// ceilings names the packages that may look down only so far: the doors declare what they need of machinery as interfaces, and the shell
// gets its handlers passed in.
var ceilings = map[string]int{"gateway": 1, "admin": 1, "server": 0, "desktop": 0, "amazonq/amazonqtest": 0}

const (
	module = "amq2api/backend"
	root   = "."
)

func TestPackagesImportOnlyLowerFloors(t *testing.T) {
	checked := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "testdata" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		checked++
		importer := strings.TrimPrefix(path.Dir(file), ".")
		floor, known := floors[importer]
		if !known {
			t.Errorf("%s stands on no floor: add package %q to the table here and in ARCHITECTURE.md", file, importer)
			return nil
		}
		ceiling := floor - 1
		if lower, ok := ceilings[importer]; ok {
			ceiling = lower
		}
		for _, imported := range imports(t, file) {
			if floors[imported] > ceiling {
				t.Errorf("%s, floor %d, imports %q, floor %d", file, floor, imported, floors[imported])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked == 0 {
		t.Fatal("no file was checked")
	}
}

// imports lists the project's own packages that a file imports.
func imports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if imported == module || strings.HasPrefix(imported, module+"/") {
			own = append(own, strings.TrimPrefix(strings.TrimPrefix(imported, module), "/"))
		}
	}
	return own
}
