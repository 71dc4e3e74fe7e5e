package responses

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
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
	if excess := excessive(body); excess != "" {
		return nil, defective("", "%s", excess)
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
	path := pathOf(wrong.JSONPointer)
	var want expected
	switch {
	case errors.As(wrong.Err, &want):
		return defective(path, "%v", want)
	case errors.Is(wrong.Err, strconv.ErrRange):
		return defective(path, "is too large a number")
	default:
		return defective(path, "must be %s%s", wanted(wrong.GoType), butIs(wrong.JSONKind))
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

func wanted(t reflect.Type) string {
	if t == nil {
		return "of another type"
	}
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

// excessive says in which way JSON text is over the bounds of a request, and nothing if it is not. It looks at punctuation outside
// strings only, so that it is cheap whatever the text is.
func excessive(text []byte) string {
	depth, members := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = closingQuote(text, i+1)
		case '{', '[':
			depth++
			members++
		case '}', ']':
			depth--
		case ',':
			members++
		}
		if depth > maxDepth {
			return fmt.Sprintf("is nested deeper than %d levels", maxDepth)
		}
	}
	if members > maxMembers {
		return fmt.Sprintf("has more than %d members and elements", maxMembers)
	}
	return ""
}

// closingQuote is the index of the quote that ends the string whose text begins at start, or the text's length.
func closingQuote(text []byte, start int) int {
	for i := start; ; i++ {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			return len(text)
		}
		i += next
		slashes := 0
		for i-slashes > start && text[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
}
