package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// What a window binds can be called by whatever page it shows. Ours binds nothing: its page asks the admin API, like every other page.
func TestTheWindowBindsNothing(t *testing.T) {
	files, err := filepath.Glob("app*.go")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	options := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if kind, is := n.Type.(*ast.SelectorExpr); is && kind.Sel.Name == "App" {
					options++
				}
			case *ast.KeyValueExpr:
				if key, is := n.Key.(*ast.Ident); is && slices.Contains([]string{"Bind", "EnumBind", "BindingsAllowedOrigins"}, key.Name) {
					t.Errorf("%s sets %s", name, key.Name)
				}
			}
			return true
		})
	}
	if options < 2 {
		t.Errorf("%d options of a window were found: this looks in the wrong place", options)
	}
}
