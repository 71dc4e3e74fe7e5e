package anthropic

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/fault"
)

// What a request may be made of: how deep its arrays and objects are nested, and how many members and elements they have in all. A body
// of the largest size would otherwise unfold to a hundred times its size in memory.
const (
	maxDepth   = 200
	maxMembers = 500_000
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
	if bad := excess(body); bad != nil {
		return nil, bad
	}
	in := new(request)
	if err := json.Unmarshal(body, in, lenient()); err != nil {
		return nil, defectOf(err)
	}
	return in, nil
}

// lenient are the options that keep a client from being wedged by its own history.
func lenient() json.Options {
	return json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
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
	return defective(path, "must be %s%s", wanted(wrong.GoType), butIs(wrong.JSONKind))
}

// wanted is what JSON a Go type is read from.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "a boolean"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "an array"
	default:
		return "an object"
	}
}

// butIs says what a value is instead, if that is known.
func butIs(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindTrue, jsontext.KindFalse:
		return ", not a boolean"
	case jsontext.KindNumber:
		return ", not a number"
	case jsontext.KindString:
		return ", not a string"
	case jsontext.KindBeginArray:
		return ", not an array"
	case jsontext.KindBeginObject:
		return ", not an object"
	default:
		return ""
	}
}

// excess finds JSON text that is over the bounds of a request. It looks at punctuation outside strings only, so that it is cheap
// whatever the text is.
func excess(text []byte) *defect {
	depth, members := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = closingQuote(text, i+1)
		case ',':
			members++
		case '{', '[':
			members++
			if depth++; depth > maxDepth {
				return defective("", "is nested deeper than %d levels", maxDepth)
			}
		case '}', ']':
			depth--
		}
	}
	if members > maxMembers {
		return defective("", "has more than %d members and elements", maxMembers)
	}
	return nil
}

// closingQuote is the index of the quote that ends the string whose text begins at start, or the text's length.
func closingQuote(text []byte, start int) int {
	for i := start; i < len(text); i++ {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			break
		}
		i += next
		before := i
		for before > start && text[before-1] == '\\' {
			before--
		}
		if (i-before)%2 == 0 {
			return i
		}
	}
	return len(text)
}
