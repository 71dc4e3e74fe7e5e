package anthropic

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/fault"
	"amq2api/backend/lenient"
)

// defect is what is wrong with a request: the member at fault, and a text that completes the sentence its path begins.
type defect struct {
	path string
	text string
}

func defective(path, format string, args ...any) *defect {
	return &defect{path, fmt.Sprintf(format, args...)}
}

// under moves a defect that was found inside a member to its place in what the member belongs to.
func (d *defect) under(member string) *defect {
	switch {
	case member == "":
	case d.path == "":
		d.path = member
	default:
		d.path = member + "." + d.path
	}
	return d
}

func (d *defect) fault() error {
	if d.path == "" {
		return fault.New(fault.Invalid, "The request body %s.", d.text)
	}
	found := fault.New(fault.Invalid, "%s %s.", d.path, d.text)
	found.Param = d.path
	return found
}

// parse reads a body, tolerating what JavaScript and Python let slip into JSON: members that come twice, lone surrogates.
func parse(body []byte) (*request, *defect) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, defective("", "is empty; it must be a JSON object")
	}
	if excess := lenient.Excess(body); excess != "" {
		return nil, defective("", "%s", excess)
	}
	in := new(request)
	if err := json.Unmarshal(body, in, lenient.Options()); err != nil {
		return nil, defectOf(err)
	}
	return in, nil
}

func defectOf(err error) *defect {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return defective("", "is not valid JSON: %v at byte %d", syntax.Err, syntax.ByteOffset)
	}
	var wrong *json.SemanticError
	if !errors.As(err, &wrong) {
		return defective("", "cannot be read: %v", err)
	}
	path := strings.Join(slices.Collect(wrong.JSONPointer.Tokens()), ".")
	if errors.Is(wrong.Err, strconv.ErrRange) {
		return defective(path, "is too large a number")
	}
	return defective(path, "must be %s%s", lenient.Wanted(wrong.GoType), lenient.ButIs(wrong.JSONKind))
}
