// Package chat is the vocabulary: what a conversation is, and what the stream of events that continues it is.
//
// Every dialect translates its wire into these types and back, the upstream translates them into its own. They are ours, not a
// vendor's, and carry everything the richest client says. The package imports nothing of the project.
package chat

import (
	"encoding/json"
	"time"
)

// Request asks a model to continue a conversation. It is not changed after the dialect made it, except that the gateway fills
// Upstream, Accounts and Reasoning.Tags.
type Request struct {
	Model      string  // as the client named it; echoed back
	Upstream   string  // the upstream's model id the gateway resolved it to
	Accounts   []int64 // the only accounts it may be sent with; empty is all
	System     string  // instructions outside the turns
	Messages   []Message
	Tools      []Tool
	ToolChoice ToolChoice
	Reasoning  Reasoning
	Format     Format
	Stop       []string
	MaxTokens  int // output tokens; 0 is no limit
	Stream     bool
	Session    string // the client's session, for sticky accounts and a stable conversation id; empty if unknown
}

// Meta is what a dialect needs to know about a request besides its body.
type Meta struct {
	ID      string    // the request id, unique, letters and digits only
	At      time.Time // when the request came
	Session string    // from the client's headers; a session in the body wins
	Owner   int64     // whose request it is: nobody else gets at what is kept of it; 0 is nobody in particular
	Model   string    // what a request that names no model asks for; empty is none
}

// Role is who speaks in a message.
type Role uint8

// The roles. A System message can stand anywhere among the turns.
const (
	User Role = iota
	Assistant
	System
)

// String is the role's name.
func (r Role) String() string { return [...]string{"user", "assistant", "system"}[r] }

// Message is one turn, as the client sent it: neighbours may share a role, and the last one may be anyone's.
type Message struct {
	Role   Role
	Blocks []Block
}

// Block is a part of a message: Text, Image, Document, Thinking, ToolUse or ToolResult.
type Block interface{ block() }

// Text is plain text.
type Text struct{ Text string }

// Image is a picture: base64 data, or a URL that nobody has fetched yet.
type Image struct {
	MediaType string // as the client declared it, e.g. image/png
	Data      string // standard base64; empty if URL is set
	URL       string
}

// Document is a file's content: text that can be read as it is, base64 data, or a URL that nobody has fetched yet.
type Document struct {
	Title     string
	MediaType string
	Text      string
	Data      string // standard base64; empty if Text is set
	URL       string // empty if Text or Data is set
}

// Thinking is a model's reasoning, or the opaque form of it.
type Thinking struct {
	Text      string
	Signature string
	Redacted  bool
}

// ToolUse is a call the model made.
type ToolUse struct {
	ID        string
	Name      string
	Namespace string          // set by dialects that group tools
	Input     json.RawMessage // a JSON object
}

// ToolResult answers a ToolUse.
type ToolResult struct {
	ID      string
	Content []Block // Text, Image or Document
	IsError bool
}

func (Text) block()       {}
func (Image) block()      {}
func (Document) block()   {}
func (Thinking) block()   {}
func (ToolUse) block()    {}
func (ToolResult) block() {}

// Tool is a function the model may call.
type Tool struct {
	Name        string
	Namespace   string
	Description string
	Schema      json.RawMessage // JSON schema of the input; empty means an object without properties
	Strict      bool            // the client counts on calls that fit the schema
}

// ChoiceMode says whether the model must call a tool.
type ChoiceMode uint8

// The modes of a ToolChoice.
const (
	ChoiceAuto ChoiceMode = iota
	ChoiceNone
	ChoiceAny
	ChoiceNamed
)

// ToolChoice is the client's wish about tools.
type ToolChoice struct {
	Mode      ChoiceMode
	Name      string // for ChoiceNamed
	Namespace string // of the named tool; empty is any
	Single    bool   // at most one call in a turn
}

// Names tells whether it is the tool that a ChoiceNamed means.
func (c ToolChoice) Names(tool Tool) bool {
	return tool.Name == c.Name && (c.Namespace == "" || tool.Namespace == c.Namespace)
}

// Reasoning is the client's wish about thinking.
type Reasoning struct {
	Enabled bool
	Budget  int    // tokens; 0 is unset
	Effort  string // low, medium, high, ...; empty is unset
	Tags    bool   // where the upstream has no thinking of its own, the model is to think between tags
}

// FormatKind is the shape the client wants the answer's text to have.
type FormatKind uint8

// The kinds of Format.
const (
	FormatText FormatKind = iota
	FormatJSON
	FormatSchema
)

// Format asks for JSON text, with a schema if Kind is FormatSchema.
type Format struct {
	Kind   FormatKind
	Name   string
	Schema json.RawMessage
}
