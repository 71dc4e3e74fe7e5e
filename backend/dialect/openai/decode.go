package openai

import (
	"cmp"
	"math"
	"strings"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

// maxSession bounds a session id from the body; a longer one is none.
const maxSession = 256

// Decode reads a Chat Completions request. The errors are faults of kind Invalid, with Param where one member is to blame.
func Decode(body []byte, m chat.Meta) (*chat.Request, *Rendering, error) {
	in, bad := parse(body)
	if bad != nil {
		return nil, nil, bad.fault()
	}
	in.Model = cmp.Or(in.Model, m.Model)
	if bad := in.check(); bad != nil {
		return nil, nil, bad.fault()
	}
	out, bad := in.chat()
	if bad != nil {
		return nil, nil, bad.fault()
	}
	if out.Session = in.PromptCacheKey; out.Session == "" || len(out.Session) > maxSession {
		out.Session = m.Session
	}
	return out, &Rendering{
		id:           "chatcmpl-" + m.ID,
		created:      m.At.Unix(),
		model:        in.Model,
		includeUsage: in.StreamOptions.IncludeUsage,
		legacy:       in.legacy(),
	}, nil
}

func (in *request) check() *defect {
	switch {
	case in.Model == "":
		return defective("model", "is missing")
	case len(in.Messages) == 0:
		return defective("messages", "must be an array with at least one message")
	case in.N > 1:
		return defective("n", "must be 1: there is only one answer to a request here")
	default:
		return nil
	}
}

// legacy tells whether the client speaks the form of tool calls that came before tools.
func (in *request) legacy() bool { return len(in.Tools) == 0 && len(in.Functions) > 0 }

func (in *request) chat() (*chat.Request, *defect) {
	out := &chat.Request{
		Model:     in.Model,
		Reasoning: chat.Reasoning{Enabled: in.ReasoningEffort != "" && in.ReasoningEffort != "none", Effort: in.ReasoningEffort},
		Stop:      in.Stop.texts(),
		MaxTokens: in.maxTokens(),
		Stream:    in.Stream,
	}
	var bad *defect
	if out.Messages, bad = in.conversation(); bad != nil {
		return nil, bad
	}
	out.System, out.Messages = splitSystem(out.Messages)
	if out.Tools, bad = in.tools(); bad != nil {
		return nil, bad
	}
	if bad = in.chooseTools(out); bad != nil {
		return nil, bad
	}
	out.Format, bad = in.ResponseFormat.format()
	return out, bad
}

// maxTokens is the newer of the two members where it is set.
func (in *request) maxTokens() int {
	limit := in.MaxCompletionTokens
	if limit == 0 {
		limit = in.MaxTokens
	}
	return int(max(0, min(limit, math.MaxInt32)))
}

func (s stopTexts) texts() []string {
	var texts []string
	for _, text := range append(s.many, s.one) {
		if text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

func (f responseFormat) format() (chat.Format, *defect) {
	switch f.Type {
	case "", "text":
		return chat.Format{}, nil
	case "json_object":
		return chat.Format{Kind: chat.FormatJSON}, nil
	case "json_schema":
		schema, ok := lenient.Object(f.JSONSchema.Schema)
		if !ok {
			return chat.Format{}, defective("response_format.json_schema.schema", "must be an object")
		}
		if schema == nil {
			return chat.Format{Kind: chat.FormatJSON}, nil
		}
		return chat.Format{Kind: chat.FormatSchema, Name: f.JSONSchema.Name, Schema: schema}, nil
	default:
		return chat.Format{}, defective("response_format.type", "must be text, json_object or json_schema")
	}
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
