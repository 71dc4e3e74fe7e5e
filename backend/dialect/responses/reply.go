package responses

import (
	"encoding/json"

	"amq2api/backend/chat"
)

// Rendering turns the answer to one request into its dialect. It keeps of the request only what answers need.
type Rendering struct {
	id           string // the request's
	created      int64  // seconds since 1970
	model        string
	wishes       wishes
	custom       map[toolName]bool // the tools whose calls are custom_tool_call
	store        Store             // nil if the response is not to be kept
	conversation []chat.Message    // up to the answer; only if it is
	chain        []string          // the stored responses in it
}

// response is the object that answers a request. Its members without omitempty must all be there: strict clients check. Source: the
// schema of Open Responses.
type response struct {
	ID                string       `json:"id"`
	Object            string       `json:"object"`
	CreatedAt         int64        `json:"created_at"`
	CompletedAt       *int64       `json:"completed_at"` // always null: there is no clock here
	Status            string       `json:"status"`
	Error             *cause       `json:"error"`
	IncompleteDetails *shortfall   `json:"incomplete_details"`
	Model             string       `json:"model"`
	Output            []outputItem `json:"output"`
	Usage             *spent       `json:"usage"`
	Background        bool         `json:"background"` // always false
	Store             bool         `json:"store"`
	wishes
}

// wishes are the members of a request that the response repeats. Instructions and tools, which can be long, are not.
type wishes struct {
	Instructions       *string         `json:"instructions"` // always null
	MaxOutputTokens    *int            `json:"max_output_tokens"`
	MaxToolCalls       *int            `json:"max_tool_calls"` // always null
	ParallelToolCalls  bool            `json:"parallel_tool_calls"`
	PreviousResponseID *string         `json:"previous_response_id"`
	Reasoning          reasoning       `json:"reasoning"`
	Temperature        float64         `json:"temperature"`
	TopP               float64         `json:"top_p"`
	PresencePenalty    float64         `json:"presence_penalty"`  // always 0
	FrequencyPenalty   float64         `json:"frequency_penalty"` // always 0
	TopLogprobs        int             `json:"top_logprobs"`      // always 0
	Text               shownText       `json:"text"`
	ToolChoice         json.RawMessage `json:"tool_choice"`
	Tools              []struct{}      `json:"tools"` // always empty
	Truncation         string          `json:"truncation"`
	ServiceTier        string          `json:"service_tier"`
	SafetyIdentifier   *string         `json:"safety_identifier"` // always null
	PromptCacheKey     *string         `json:"prompt_cache_key"`
	Metadata           json.RawMessage `json:"metadata"`
}

type shownText struct {
	Format shownFormat `json:"format"`
}

type shownFormat struct {
	Type        string          `json:"type"`
	Name        *string         `json:"name,omitempty"`
	Description json.RawMessage `json:"description,omitempty"` // null
	Schema      json.RawMessage `json:"schema,omitempty"`
	Strict      *bool           `json:"strict,omitempty"` // false: nobody enforces a schema here
}

type shortfall struct {
	Reason string `json:"reason"`
}

type cause struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// spent is what an answer cost, in tokens. The cached ones are among the input's.
type spent struct {
	InputTokens        int `json:"input_tokens"`
	InputTokensDetails struct {
		CachedTokens int `json:"cached_tokens"`
	} `json:"input_tokens_details"`
	OutputTokens        int `json:"output_tokens"`
	OutputTokensDetails struct {
		ReasoningTokens int `json:"reasoning_tokens"` // unknown, hence 0: the upstream does not tell them apart
	} `json:"output_tokens_details"`
	TotalTokens int `json:"total_tokens"`
}

// Reply renders a whole answer: a response object, ready for JSON. It is stored if the request allows it.
func (r *Rendering) Reply(reply *chat.Reply) any {
	status, _ := ending(reply.Reason)
	whole := r.finished(r.items(reply.Blocks, status), reply.Reason, reply.Usage)
	if r.store != nil {
		r.keep(whole, encode(whole))
	}
	return whole
}

// begun is the response before there is an answer.
func (r *Rendering) begun() *response {
	return &response{
		ID: responsePrefix + r.id, Object: "response", CreatedAt: r.created, Status: inProgress, Model: r.model,
		Output: []outputItem{}, Store: r.store != nil, wishes: r.wishes,
	}
}

func (r *Rendering) finished(items []outputItem, reason chat.StopReason, usage chat.Usage) *response {
	whole := r.begun()
	whole.Status, whole.IncompleteDetails = ending(reason)
	whole.Output = items
	whole.Usage = spentOf(usage)
	return whole
}

// keep stores the response with the conversation it ends, so that both can be asked for by its id.
func (r *Rendering) keep(whole *response, encoded json.RawMessage) {
	r.store.Save(whole.ID, Stored{Conversation: r.conversation, Earlier: r.chain, Answer: blocks(whole.Output), Response: encoded})
}

// ending is the status of a response that stopped for a reason, and what is missing from it, if anything is.
func ending(reason chat.StopReason) (string, *shortfall) {
	switch reason {
	case chat.MaxTokens, chat.ContextWindow:
		return incomplete, &shortfall{"max_output_tokens"}
	case chat.Filtered:
		return incomplete, &shortfall{"content_filter"}
	default:
		return completed, nil
	}
}

func spentOf(usage chat.Usage) *spent {
	cost := &spent{InputTokens: usage.Input, OutputTokens: usage.Output, TotalTokens: usage.Total()}
	cost.InputTokensDetails.CachedTokens = usage.CacheRead
	return cost
}

func formatOf(format chat.Format) shownFormat {
	switch format.Kind {
	case chat.FormatJSON:
		return shownFormat{Type: "json_object"}
	case chat.FormatSchema:
		return shownFormat{Type: "json_schema", Name: &format.Name, Description: json.RawMessage("null"), Schema: format.Schema, Strict: new(bool)}
	default:
		return shownFormat{Type: "text"}
	}
}

// shownChoice is the tool choice in the words of this API.
func (in *request) shownChoice(out *chat.Request) json.RawMessage {
	switch out.ToolChoice.Mode {
	case chat.ChoiceNone:
		return json.RawMessage(`"none"`)
	case chat.ChoiceAny:
		return json.RawMessage(`"required"`)
	case chat.ChoiceNamed:
		kind := "function"
		if in.ToolChoice.object.Type == "custom" {
			kind = "custom"
		}
		return encode(struct {
			Type      string `json:"type"`
			Name      string `json:"name"`
			Namespace string `json:"namespace,omitempty"`
		}{kind, out.ToolChoice.Name, out.ToolChoice.Namespace})
	default:
		return json.RawMessage(`"auto"`)
	}
}
