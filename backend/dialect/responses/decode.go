package responses

import (
	"cmp"
	"encoding/json"
	"math"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

// maxSession bounds a session id from the body; a longer one is none.
const maxSession = 256

// Dialect speaks the Responses API. Store may be nil: then no response can be continued or fetched.
type Dialect struct {
	Store Store
}

// Decode reads a Responses request. The errors are faults of kind Invalid, with Param where one member is to blame.
func (d *Dialect) Decode(body []byte, m chat.Meta) (*chat.Request, *Rendering, error) {
	in, bad := parse(body)
	if bad != nil {
		return nil, nil, bad.fault()
	}
	in.Model = cmp.Or(in.Model, m.Model)
	if bad := in.check(); bad != nil {
		return nil, nil, bad.fault()
	}
	store := d.of(m.Owner)
	conversation, chain, bad := in.conversation(store)
	if bad != nil {
		return nil, nil, bad.fault()
	}
	out, bad := in.chat(conversation)
	if bad != nil {
		return nil, nil, bad.fault()
	}
	if out.Session = in.PromptCacheKey; out.Session == "" || len(out.Session) > maxSession {
		out.Session = m.Session
	}
	rendering := &Rendering{
		id: m.ID, created: m.At.Unix(), model: in.Model,
		wishes: in.wishes(out), custom: in.customTools(),
	}
	if in.Store == nil || *in.Store {
		rendering.store, rendering.conversation, rendering.chain = store, conversation, chain
	}
	return out, rendering, nil
}

func (in *request) check() *defect {
	switch {
	case in.Model == "":
		return defective("model", "is missing")
	case in.Background:
		return defective("background", "must be false: nothing is answered later here")
	case given(in.Conversation):
		return defective("conversation", "names a conversation kept elsewhere; send the items as input, or use previous_response_id")
	case given(in.Prompt):
		return defective("prompt", "names a template kept elsewhere; send its text as instructions")
	default:
		return nil
	}
}

// given tells whether a member is there and not null.
func given(raw jsontext.Value) bool {
	return raw.Kind() != jsontext.KindInvalid && raw.Kind() != jsontext.KindNull
}

func (in *request) chat(conversation []chat.Message) (*chat.Request, *defect) {
	out := &chat.Request{Model: in.Model, Reasoning: in.Reasoning.chat(), MaxTokens: in.maxTokens(), Stream: in.Stream}
	out.System, out.Messages = splitSystem(conversation)
	if in.Instructions != "" {
		out.System = strings.TrimSuffix(string(in.Instructions)+"\n\n"+out.System, "\n\n")
	}
	var bad *defect
	if out.Tools, bad = in.tools(); bad != nil {
		return nil, bad
	}
	if bad = in.chooseTools(out); bad != nil {
		return nil, bad
	}
	if _, ok := lenient.Object(in.Metadata); !ok {
		return nil, defective("metadata", "must be an object")
	}
	out.Format, bad = in.Text.format()
	return out, bad
}

func (r reasoning) chat() chat.Reasoning {
	if r.Effort == nil {
		return chat.Reasoning{}
	}
	return chat.Reasoning{Enabled: *r.Effort != "" && *r.Effort != "none", Effort: *r.Effort}
}

func (in *request) maxTokens() int {
	return int(max(0, min(in.MaxOutputTokens, math.MaxInt32)))
}

func (t textWish) format() (chat.Format, *defect) {
	switch t.Format.Type {
	case "", "text":
		return chat.Format{}, nil
	case "json_object":
		return chat.Format{Kind: chat.FormatJSON}, nil
	case "json_schema":
		schema, ok := lenient.Object(t.Format.Schema)
		if !ok {
			return chat.Format{}, defective("text.format.schema", "must be an object")
		}
		if schema == nil {
			return chat.Format{Kind: chat.FormatJSON}, nil
		}
		return chat.Format{Kind: chat.FormatSchema, Name: t.Format.Name, Schema: schema}, nil
	default:
		return chat.Format{}, defective("text.format.type", "must be text, json_object or json_schema")
	}
}

// wishes are the members of the request that its answer repeats.
func (in *request) wishes(out *chat.Request) wishes {
	w := wishes{
		ParallelToolCalls: in.ParallelToolCalls == nil || *in.ParallelToolCalls,
		Reasoning:         reasoning{in.Reasoning.Effort, in.Reasoning.Summary},
		Temperature:       1,
		TopP:              1,
		Text:              shownText{formatOf(out.Format)},
		ToolChoice:        in.shownChoice(out),
		Tools:             []struct{}{},
		Truncation:        "disabled",
		ServiceTier:       "default",
		Metadata:          json.RawMessage("{}"),
	}
	w.MaxOutputTokens = unlessZero(out.MaxTokens)
	w.PreviousResponseID = unlessZero(in.PreviousResponseID)
	w.PromptCacheKey = unlessZero(in.PromptCacheKey)
	if in.Temperature != nil {
		w.Temperature = *in.Temperature
	}
	if in.TopP != nil {
		w.TopP = *in.TopP
	}
	if metadata, _ := lenient.Object(in.Metadata); metadata != nil {
		w.Metadata = metadata
	}
	return w
}

// unlessZero is null for a member that is not set.
func unlessZero[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// splitSystem takes the leading system messages off a conversation, but never its last message.
func splitSystem(messages []chat.Message) (string, []chat.Message) {
	var texts []string
	for len(messages) > 1 && messages[0].Role == chat.System {
		text, ok := plainText(messages[0].Blocks)
		if !ok {
			break
		}
		if text != "" {
			texts = append(texts, text)
		}
		messages = messages[1:]
	}
	return strings.Join(texts, "\n\n"), messages
}

// plainText joins blocks that are all text.
func plainText(blocks []chat.Block) (string, bool) {
	var texts []string
	for _, block := range blocks {
		text, ok := block.(chat.Text)
		if !ok {
			return "", false
		}
		texts = append(texts, text.Text)
	}
	return strings.Join(texts, "\n"), true
}
