package responses

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/fault"
	"amq2api/backend/lenient"
)

// defect is what is wrong with a request: the member at fault, and a text that completes the sentence its path begins.
type defect struct {
	path  string
	text  string
	cause error // what Fault tells apart by a code; usually nil
}

func defective(path, format string, args ...any) *defect {
	return &defect{path: path, text: fmt.Sprintf(format, args...)}
}

// under moves a defect that was found inside the i-th element of a member to its place in the whole.
func (d *defect) under(member string, i int) *defect {
	d.path = fmt.Sprintf("%s[%d].%s", member, i, d.path)
	return d
}

func (d *defect) fault() error {
	if d.path == "" {
		return fault.New(fault.Invalid, "The request body %s.", d.text)
	}
	found := fault.Wrap(fault.Invalid, d.cause, "%s %s.", d.path, d.text)
	found.Param = d.path
	return found
}

// parse reads the body, tolerating what JavaScript and Python let slip into JSON: members that come twice, lone surrogates.
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
	path := pathOf(wrong.JSONPointer)
	var want expected
	switch {
	case errors.As(wrong.Err, &want):
		return defective(path, "%v", want)
	case errors.Is(wrong.Err, strconv.ErrRange):
		return defective(path, "is too large a number")
	default:
		return defective(path, "must be %s%s", lenient.Wanted(wrong.GoType), lenient.ButIs(wrong.JSONKind))
	}
}

// pathOf spells a JSON pointer the way OpenAI's own errors do: input[0].content.
func pathOf(pointer jsontext.Pointer) string {
	var path strings.Builder
	for token := range pointer.Tokens() {
		switch _, err := strconv.Atoi(token); {
		case err == nil:
			path.WriteString("[" + token + "]")
		case path.Len() > 0:
			path.WriteString("." + token)
		default:
			path.WriteString(token)
		}
	}
	return path.String()
}
