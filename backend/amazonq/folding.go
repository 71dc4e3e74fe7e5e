package amazonq

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// folding gathers a client's messages into alternating turns: neighbours of one role become one turn, with everything they carry.
type folding struct {
	names       *toolNames
	callsAsText bool // no tool is offered, so the service would not accept past calls as such
	history     []exchange
	user        userTurn // being gathered
}

func (f *folding) add(message chat.Message) error {
	if message.Role == chat.Assistant {
		return f.assistant(message.Blocks)
	}
	for _, block := range message.Blocks {
		if message.Role == chat.System {
			f.user.say(tagged("system", "", plainText(block)))
			continue
		}
		if err := f.addToUser(block); err != nil {
			return err
		}
	}
	return nil
}

func (f *folding) addToUser(block chat.Block) error {
	switch b := block.(type) {
	case chat.Image:
		note, err := f.user.show(b)
		f.user.say(note)
		return err
	case chat.ToolResult:
		return f.result(b)
	case chat.ToolUse:
		f.user.say(f.useAsText(b))
	default:
		f.user.say(plainText(block))
	}
	return nil
}

// show adds an image, or returns the words that have to do instead.
func (t *userTurn) show(image chat.Image) (note string, err error) {
	if image.URL != "" {
		return "", fault.New(fault.Invalid, "An image is given by its URL, which Amazon Q cannot fetch. Send the image itself, as base64.")
	}
	picture, note := newPicture(image)
	if note == "" {
		t.images = append(t.images, picture)
	}
	return note, nil
}

// Words in place of what a result lacks.
const (
	emptySuccess  = "(The tool succeeded without output.)"
	emptyFailure  = "(The tool failed without saying why.)"
	imageAttached = "(An image is attached to this message.)"
)

// result adds a tool's result. Its images go to the turn, where the service has a place for them.
func (f *folding) result(block chat.ToolResult) error {
	gathered := toolResult{id: block.ID, failed: block.IsError}
	for _, content := range block.Content {
		text := plainText(content)
		if image, ok := content.(chat.Image); ok {
			note, err := f.user.show(image)
			if err != nil {
				return err
			}
			text = firstOf(note, imageAttached)
		}
		gathered.text = appendParagraph(gathered.text, text)
	}
	gathered.fill()
	if f.callsAsText {
		f.user.say(gathered.asText())
		return nil
	}
	f.user.results = append(f.user.results, gathered)
	return nil
}

func (r *toolResult) fill() {
	switch {
	case len(r.text) > 0:
	case r.failed:
		r.text = []string{emptyFailure}
	default:
		r.text = []string{emptySuccess}
	}
}

func (r *toolResult) asText() string {
	attributes := ""
	if r.failed {
		attributes = ` status="error"`
	}
	return tagged("tool-result", attributes, strings.Join(r.text, "\n"))
}

// assistant adds an assistant's message: to the turn before if the user has said nothing since, else as a new one.
func (f *folding) assistant(blocks []chat.Block) error {
	if !f.user.isEmpty() || len(f.history) == 0 {
		f.history = append(f.history, exchange{user: f.user})
		f.user = userTurn{}
	}
	turn := &f.history[len(f.history)-1].assistant
	for _, block := range blocks {
		use, isUse := block.(chat.ToolUse)
		switch {
		case isUse && f.callsAsText:
			turn.say(f.useAsText(use))
		case isUse:
			name := f.names.sent(toolName{use.Namespace, use.Name})
			turn.uses = append(turn.uses, pastUse{clientID: use.ID, name: name, input: inputObject(use.Input)})
		default:
			turn.say(plainText(block))
		}
	}
	return nil
}

func (f *folding) useAsText(use chat.ToolUse) string {
	return tagged("tool-call", ` name="`+toolName{use.Namespace, use.Name}.joined()+`"`, string(use.Input))
}

// plainText is a block as words. Reasoning has none: the service has no place for it.
func plainText(block chat.Block) string {
	switch b := block.(type) {
	case chat.Text:
		return b.Text
	case chat.Document:
		return documentText(b)
	case chat.Image:
		return "(An image cannot be shown here.)"
	case chat.ToolResult:
		gathered := toolResult{id: b.ID, failed: b.IsError}
		for _, content := range b.Content {
			gathered.text = appendParagraph(gathered.text, plainText(content))
		}
		return gathered.asText()
	default:
		return ""
	}
}

func documentText(document chat.Document) string {
	attributes := ""
	if document.Title != "" {
		attributes = ` title="` + document.Title + `"`
	}
	text := firstOf(document.Text, decodedText(document))
	if isBlank(text) {
		text = "(The file was attached, but its content, " + firstOf(document.MediaType, "of an unknown type") + ", cannot be read here.)"
	}
	return tagged("document", attributes, text)
}

// decodedText is the content of a file that turns out to be text.
func decodedText(document chat.Document) string {
	decoded, err := base64.StdEncoding.DecodeString(document.Data)
	if err != nil || document.MediaType == "application/pdf" || !utf8.Valid(decoded) || bytes.IndexByte(decoded, 0) >= 0 {
		return ""
	}
	return string(decoded)
}

// tagged wraps text so that the model sees where it begins and ends. Nothing stays nothing.
func tagged(tag, attributes, text string) string {
	if isBlank(text) {
		return ""
	}
	return "<" + tag + attributes + ">\n" + text + "\n</" + tag + ">"
}
