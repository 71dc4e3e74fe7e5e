package anthropic

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/go-json-experiment/json"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

// Decode reads a Messages request. The errors are faults of kind Invalid, with Param where one member is to blame.
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
	out.Session = cmp.Or(in.Metadata.session(), m.Session)
	return out, &Rendering{id: "msg_" + m.ID, model: in.Model, thinks: out.Reasoning.Enabled, input: chat.Estimate(out)}, nil
}

// count is the answer to a request for the number of its tokens.
type count struct {
	InputTokens int `json:"input_tokens"`
}

// CountTokens estimates what a request would cost. Nothing of it is mandatory, not even messages: clients ask for the price of their
// tools alone. The errors are those of Decode.
func CountTokens(body []byte) (any, error) {
	in, bad := parse(body)
	if bad != nil {
		return nil, bad.fault()
	}
	out, bad := in.chat()
	if bad != nil {
		return nil, bad.fault()
	}
	return &count{chat.Estimate(out)}, nil
}

func (in *request) check() *defect {
	switch {
	case in.Model == "":
		return defective("model", "is missing")
	case len(in.Messages) == 0:
		return defective("messages", "must be an array with at least one message")
	case len(in.MCPServers) > 0:
		return defective("mcp_servers", "must be empty: MCP servers are not called from here; let the client call them and offer their tools")
	default:
		return nil
	}
}

func (in *request) chat() (*chat.Request, *defect) {
	out := &chat.Request{
		Model:     in.Model,
		System:    in.system(),
		Reasoning: in.reasoning(),
		Stop:      nonEmpty(in.StopSequences...),
		MaxTokens: whole(in.MaxTokens),
		Stream:    in.Stream,
	}
	bad := in.System.check("system")
	if bad == nil {
		out.Messages, bad = in.conversation()
	}
	if bad == nil {
		bad = in.offerTools(out)
	}
	if bad == nil {
		out.Format, bad = in.format()
	}
	return out, bad
}

func (in *request) conversation() ([]chat.Message, *defect) {
	messages := make([]chat.Message, len(in.Messages))
	for i := range in.Messages {
		from, to := &in.Messages[i], &messages[i]
		bad := from.Content.check("content")
		switch from.Role {
		case "user":
			to.Role = chat.User
		case "assistant":
			to.Role = chat.Assistant
		case "system":
			to.Role = chat.System
		case "":
			bad = defective("role", "is missing")
		default:
			bad = defective("role", "must be user, assistant or system, not %.40q", from.Role)
		}
		if bad != nil {
			return nil, bad.under(fmt.Sprintf("messages.%d", i))
		}
		to.Blocks = from.Content.blocks
	}
	return messages, nil
}

// system joins the texts of the system prompt.
func (in *request) system() string {
	var texts []string
	for _, block := range in.System.blocks {
		texts = append(texts, nonEmpty(withoutBilling(words([]chat.Block{block})))...)
	}
	return strings.Join(texts, "\n\n")
}

// withoutBilling drops a line that Claude Code writes for its vendor's accounts. Source: observed requests.
func withoutBilling(text string) string {
	if !strings.HasPrefix(text, "x-anthropic-billing-header:") {
		return text
	}
	_, rest, _ := strings.Cut(text, "\n")
	return strings.TrimLeft(rest, "\n")
}

func (in *request) reasoning() chat.Reasoning {
	return chat.Reasoning{
		Enabled: in.Thinking.Type != "" && in.Thinking.Type != "disabled",
		Budget:  whole(in.Thinking.BudgetTokens),
		Effort:  in.OutputConfig.Effort,
	}
}

// whole makes a count of a number; below zero there is none.
func whole(number float64) int { return int(max(0, min(number, math.MaxInt32))) }

func (in *request) format() (chat.Format, *defect) {
	path, asked := "output_config.format", in.OutputConfig.Format
	if asked.Type == "" {
		path, asked = "output_format", in.OutputFormat
	}
	switch asked.Type {
	case "", "text":
		return chat.Format{}, nil
	case "json_schema":
	default:
		return chat.Format{}, defective(path+".type", "must be json_schema")
	}
	schema, ok := lenient.Object(asked.Schema)
	switch {
	case !ok:
		return chat.Format{}, defective(path+".schema", "must be an object")
	case schema == nil:
		return chat.Format{Kind: chat.FormatJSON}, nil
	default:
		return chat.Format{Kind: chat.FormatSchema, Schema: schema}, nil
	}
}

// maxSession bounds a session id; a longer one is none.
const maxSession = 256

// session is the session in a user id, which is JSON or, from older clients, words joined by underscores. Source: observed requests.
func (m *metadata) session() string {
	var user struct {
		SessionID string `json:"session_id"`
	}
	id := m.UserID.text
	if err := json.Unmarshal([]byte(id), &user, lenient.Options()); err != nil {
		if _, after, found := strings.Cut(id, "_session_"); found {
			user.SessionID = after
		}
	}
	if len(user.SessionID) > maxSession {
		return ""
	}
	return user.SessionID
}
