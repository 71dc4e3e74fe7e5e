package anthropic

import (
	"bytes"
	"encoding/json"

	"amq2api/backend/chat"
)

// Rendering turns the answer to one request into its dialect. It keeps of the request only what answers need.
type Rendering struct {
	id     string
	model  string
	thinks bool // the client asked for thinking
	input  int  // tokens, estimated, for the beginning of a stream
}

// reply is a message object.
type reply struct {
	ID           string  `json:"id"`
	Type         string  `json:"type"`
	Role         string  `json:"role"`
	Model        string  `json:"model"`
	Content      []any   `json:"content"` // textPart, thinkingPart and toolUsePart
	StopReason   string  `json:"stop_reason"`
	StopSequence *string `json:"stop_sequence"`
	Usage        spent   `json:"usage"`
}

type textPart struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type thinkingPart struct {
	Type      string `json:"type"`
	Thinking  string `json:"thinking"`
	Signature string `json:"signature"`
}

type toolUsePart struct {
	Type  string          `json:"type"`
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

// spent is what an answer cost, in tokens. What a cache had is not among the input.
type spent struct {
	InputTokens              int `json:"input_tokens"`
	CacheCreationInputTokens int `json:"cache_creation_input_tokens"`
	CacheReadInputTokens     int `json:"cache_read_input_tokens"`
	OutputTokens             int `json:"output_tokens"`
}

// Reply renders a whole answer: a message object, ready for JSON.
func (r *Rendering) Reply(answer *chat.Reply) any {
	message := &reply{ID: r.id, Type: "message", Role: "assistant", Model: r.model, Content: []any{}, Usage: spentOf(answer.Usage)}
	calls := 0
	for _, block := range answer.Blocks {
		switch b := block.(type) {
		case chat.Text:
			message.Content = append(message.Content, textPart{textBlock, b.Text})
		case chat.Thinking:
			if r.thinks {
				message.Content = append(message.Content, thinkingPart{thinkingBlock, b.Text, b.Signature})
			}
		case chat.ToolUse:
			calls++
			message.Content = append(message.Content, toolUsePart{toolUseBlock, b.ID, b.Name, filled(b.Input)})
		}
	}
	message.StopReason = stopReason(answer.Reason, calls)
	if answer.Reason == chat.StopSequence {
		message.StopSequence = &answer.StopSequence
	}
	return message
}

// filled gives a call without input an empty object.
func filled(input json.RawMessage) json.RawMessage {
	if len(bytes.TrimSpace(input)) == 0 {
		return json.RawMessage("{}")
	}
	return input
}

// stopReason is the word for why an answer with so many calls ended. Clients go by it when they decide whether to run tools.
func stopReason(reason chat.StopReason, calls int) string {
	switch reason {
	case chat.MaxTokens:
		return "max_tokens"
	case chat.StopSequence:
		return "stop_sequence"
	case chat.ContextWindow:
		return "model_context_window_exceeded"
	case chat.Filtered:
		return "refusal"
	}
	if calls > 0 {
		return "tool_use"
	}
	return "end_turn"
}

func spentOf(usage chat.Usage) spent {
	return spent{
		InputTokens:              max(0, usage.Input-usage.CacheRead-usage.CacheWrite),
		CacheCreationInputTokens: usage.CacheWrite,
		CacheReadInputTokens:     usage.CacheRead,
		OutputTokens:             usage.Output,
	}
}
