package amazonqtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// required lists, by the member that holds an object, what the object must have. Elements of an array are held by the array's member.
var required = map[string][]string{
	"":                         {"conversationState"},
	"conversationState":        {"currentMessage", "chatTriggerType"},
	"userInputMessage":         {"content"},
	"assistantResponseMessage": {"content"},
	"additionalContext":        {"name", "description", "innerContext"},
	"environmentVariables":     {"key", "value"},
	"images":                   {"format", "source"},
	"source":                   {"bytes"},
	"cachePoint":               {"type"},
	"toolSpecification":        {"name", "description", "inputSchema"},
	"inputSchema":              {"json"},
	"toolResults":              {"toolUseId", "content"},
	"toolUses":                 {"toolUseId", "name", "input"},
	"reasoningText":            {"text"},
}

// opaque lists the members whose value is not the service's to describe.
var opaque = []string{
	"json", "input", "editorState", "shellState", "gitState", "appStudioContext", "diagnostic", "consoleState", "userSettings",
	"supplementaryWebLinks", "references", "followupPrompt",
}

// strict are the options of every decoding here. Duplicate members are allowed in what is opaque; the walk finds the others.
var strict = json.JoinOptions(json.RejectUnknownMembers(true), jsontext.AllowDuplicateNames(true))

// decodeRequest reads a body. The second result says what is wrong with its shape, empty if nothing is: no null, no missing member, no
// member twice, none that the service does not know, every value of the right type.
func decodeRequest(body []byte) (*GenerateRequest, string) {
	w := walk{jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))}
	if err := w.value(""); err != nil {
		return nil, "body: " + err.Error()
	}
	if _, err := w.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, "body: something follows the JSON"
	}
	var request GenerateRequest
	if err := json.Unmarshal(body, &request, strict); err != nil {
		return nil, "body: " + err.Error()
	}
	return &request, ""
}

// walk reads a body token by token to see what typed decoding cannot: nulls, missing and repeated members.
type walk struct{ *jsontext.Decoder }

// value reads the value that a member called owner holds.
func (w walk) value(owner string) error {
	switch w.PeekKind() {
	case 'n':
		return fmt.Errorf("%s: null", owner)
	case '{':
		if slices.Contains(opaque, owner) {
			return w.SkipValue()
		}
		return w.object(owner)
	case '[':
		if slices.Contains(opaque, owner) {
			return w.SkipValue()
		}
		return w.array(owner)
	default:
		return w.SkipValue()
	}
}

func (w walk) object(owner string) error {
	if _, err := w.ReadToken(); err != nil {
		return err
	}
	var seen []string
	for w.PeekKind() != '}' {
		token, err := w.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		if slices.Contains(seen, name) {
			return fmt.Errorf("%s: member twice", w.StackPointer())
		}
		seen = append(seen, name)
		if err := w.value(name); err != nil {
			return err
		}
	}
	for _, name := range required[owner] {
		if !slices.Contains(seen, name) {
			return fmt.Errorf("%s: no %s", w.StackPointer(), name)
		}
	}
	_, err := w.ReadToken()
	return err
}

func (w walk) array(owner string) error {
	if _, err := w.ReadToken(); err != nil {
		return err
	}
	for w.PeekKind() != ']' {
		if err := w.value(owner); err != nil {
			return err
		}
	}
	_, err := w.ReadToken()
	return err
}
