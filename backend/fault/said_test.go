package fault_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"amq2api/backend/fault"
)

// codes are those that stand in the source, as the page's list is made of them.
func codes(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "said.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		literal, is := node.(*ast.BasicLit)
		if !is || literal.Kind != token.STRING {
			return true
		}
		if code, err := strconv.Unquote(literal.Value); err == nil && code != "" && literal.Value[0] == '"' {
			if found[code] {
				t.Errorf("%s is there twice", code)
			}
			found[code] = true
		}
		return true
	})
	return found
}

func TestEveryKindIsSaidIfNothingCloserIs(t *testing.T) {
	known := codes(t)
	for kind := fault.Internal; kind <= fault.Canceled; kind++ {
		if said := fault.New(kind, "It failed.").Says(); string(said.Code) != kind.String() || !known[kind.String()] {
			t.Errorf("%s says %q, and the page knows it: %v", kind, said.Code, known[kind.String()])
		}
	}
}

func TestWhatAFaultSaysTravelsWithIt(t *testing.T) {
	said := fault.Said{Code: fault.RowRepeats, Count: 3}
	err := errors.Join(errors.New("around it"), fault.New(fault.Conflict, "Row 3 has it.").Saying(said))
	if got := fault.Of(err).Says(); got != said {
		t.Errorf("it says %+v", got)
	}
	if text, err := json.Marshal(said); err != nil || string(text) != `{"code":"row_repeats","count":3}` {
		t.Errorf("on the wire it is %s, %v", text, err)
	}
	if (fault.Said{}).OrNil() != nil || said.OrNil() == nil {
		t.Error("nothing said is null, and only that")
	}
}
