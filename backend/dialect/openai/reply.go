package openai

import (
	"strings"
	"unicode"

	"amq2api/backend/chat"
)

// Rendering turns the answer to one request into its dialect. It keeps of the request only what answers need.
type Rendering struct {
	id           string
	created      int64 // seconds since 1970
	model        string
	includeUsage bool
	legacy       bool // calls are rendered as function_call
}

type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   spent    `json:"usage"`
}

type choice struct {
	Index        int       `json:"index"`
	Message      answer    `json:"message"`
	Logprobs     *struct{} `json:"logprobs"` // always null
	FinishReason string    `json:"finish_reason"`
}

type answer struct {
	Role             string      `json:"role"`
	Content          *string     `json:"content"` // null if there are only calls
	ReasoningContent string      `json:"reasoning_content,omitempty"`
	Refusal          *string     `json:"refusal"` // always null
	ToolCalls        []called    `json:"tool_calls,omitempty"`
	FunctionCall     *invocation `json:"function_call,omitempty"`
}

type called struct {
	ID       string     `json:"id"`
	Type     string     `json:"type"`
	Function invocation `json:"function"`
}

type invocation struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// spent is what an answer cost, in tokens. The cached ones are among the prompt's.
type spent struct {
	PromptTokens        int `json:"prompt_tokens"`
	CompletionTokens    int `json:"completion_tokens"`
	TotalTokens         int `json:"total_tokens"`
	PromptTokensDetails struct {
		CachedTokens int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionTokensDetails struct {
		ReasoningTokens int `json:"reasoning_tokens"` // unknown, hence 0: the upstream does not tell them apart
	} `json:"completion_tokens_details"`
}

// Reply renders a whole answer: a chat.completion object, ready for JSON.
func (r *Rendering) Reply(reply *chat.Reply) any {
	said := r.answer(reply.Blocks)
	finish := finishReason(reply.Reason)
	switch {
	case len(said.ToolCalls) > 0:
		finish = finishedByTools
	case said.FunctionCall != nil:
		finish = finishedByFunction
	}
	return &completion{
		ID: r.id, Object: "chat.completion", Created: r.created, Model: r.model,
		Choices: []choice{{Message: said, FinishReason: finish}},
		Usage:   spentOf(reply.Usage),
	}
}

func (r *Rendering) answer(blocks []chat.Block) answer {
	said := answer{Role: "assistant"}
	var content, reasoning strings.Builder
	for _, block := range blocks {
		switch b := block.(type) {
		case chat.Text:
			content.WriteString(b.Text)
		case chat.Thinking:
			reasoning.WriteString(b.Text)
		case chat.ToolUse:
			said.call(b, r.legacy)
		}
	}
	said.ReasoningContent = reasoning.String()
	if text := content.String(); text != "" || len(said.ToolCalls) == 0 && said.FunctionCall == nil {
		said.Content = &text
	}
	return said
}

// call adds a call. The legacy form has room for one only, so that the first is kept.
func (a *answer) call(use chat.ToolUse, legacy bool) {
	arguments := strings.TrimLeftFunc(string(use.Input), unicode.IsSpace)
	if arguments == "" {
		arguments = "{}"
	}
	function := invocation{Name: use.Name, Arguments: arguments}
	switch {
	case !legacy:
		a.ToolCalls = append(a.ToolCalls, called{ID: use.ID, Type: "function", Function: function})
	case a.FunctionCall == nil:
		a.FunctionCall = &function
	}
}

const (
	finishedByTools    = "tool_calls"
	finishedByFunction = "function_call"
)

// finishReason is why an answer without calls ended.
func finishReason(reason chat.StopReason) string {
	switch reason {
	case chat.MaxTokens, chat.ContextWindow:
		return "length"
	case chat.Filtered:
		return "content_filter"
	default:
		return "stop"
	}
}

func spentOf(usage chat.Usage) spent {
	cost := spent{PromptTokens: usage.Input, CompletionTokens: usage.Output, TotalTokens: usage.Total()}
	cost.PromptTokensDetails.CachedTokens = usage.CacheRead
	return cost
}
