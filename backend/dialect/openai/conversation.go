package openai

import (
	"fmt"

	"amq2api/backend/chat"
)

// conversation turns the messages into chat's, one for one.
func (in *request) conversation() ([]chat.Message, *defect) {
	messages := make([]chat.Message, len(in.Messages))
	var open answering
	for i := range in.Messages {
		var bad *defect
		if messages[i], bad = in.Messages[i].chat(&open); bad != nil {
			return nil, bad.under("messages", i)
		}
	}
	return messages, nil
}

// answering gives ids to calls that have none (legacy functions, careless clients), and to results the id of the call they answer.
type answering struct {
	open []string // ids of the last assistant message's calls that wait for a result, in order
	made int
}

func (a *answering) call(id string) string {
	if id == "" {
		a.made++
		id = fmt.Sprintf("call_unnamed_%d", a.made)
	}
	a.open = append(a.open, id)
	return id
}

func (a *answering) result(id string) string {
	if len(a.open) > 0 && (id == "" || id == a.open[0]) {
		id, a.open = a.open[0], a.open[1:]
	}
	return id
}

func (m *message) chat(open *answering) (chat.Message, *defect) {
	blocks, bad := m.Content.blocks()
	if bad != nil {
		return chat.Message{}, bad
	}
	switch m.Role {
	case "system", "developer":
		return chat.Message{Role: chat.System, Blocks: blocks}, nil
	case "user":
		return chat.Message{Role: chat.User, Blocks: blocks}, nil
	case "assistant":
		return chat.Message{Role: chat.Assistant, Blocks: m.said(blocks, open)}, nil
	case "tool", "function":
		result := chat.ToolResult{ID: open.result(m.ToolCallID), Content: blocks}
		return chat.Message{Role: chat.User, Blocks: []chat.Block{result}}, nil
	case "":
		return chat.Message{}, defective("role", "is missing")
	default:
		return chat.Message{}, defective("role", "must be system, developer, user, assistant, tool or function, not %.40q", m.Role)
	}
}

// said is everything an assistant's message holds: thinking, content, calls.
func (m *message) said(content []chat.Block, open *answering) []chat.Block {
	var blocks []chat.Block
	if m.ReasoningContent != "" {
		blocks = append(blocks, chat.Thinking{Text: m.ReasoningContent})
	}
	blocks = append(blocks, content...)
	if len(content) == 0 && m.Refusal != "" {
		blocks = append(blocks, chat.Text{Text: m.Refusal})
	}
	open.open = nil
	for i := range m.ToolCalls {
		blocks = m.ToolCalls[i].appendUse(blocks, open)
	}
	if m.FunctionCall != nil {
		legacy := toolCall{Function: *m.FunctionCall}
		blocks = legacy.appendUse(blocks, open)
	}
	return blocks
}

func (c *toolCall) appendUse(blocks []chat.Block, open *answering) []chat.Block {
	use := chat.ToolUse{Name: c.Function.Name, Input: c.Function.Arguments.input()}
	if use.Name == "" {
		use.Name, use.Input = c.Custom.Name, member("input", c.Custom.Input)
	}
	if use.Name == "" {
		return blocks
	}
	use.ID = open.call(c.ID)
	return append(blocks, use)
}

func (c *content) blocks() ([]chat.Block, *defect) {
	if c.text != "" {
		return []chat.Block{chat.Text{Text: c.text}}, nil
	}
	var blocks []chat.Block
	for i := range c.parts {
		block, bad := c.parts[i].block()
		if bad != nil {
			return nil, bad.under("content", i)
		}
		if block != (chat.Text{}) {
			blocks = append(blocks, block)
		}
	}
	return blocks, nil
}

func (p *part) block() (chat.Block, *defect) {
	switch p.Type {
	case "text", "input_text", "output_text":
		return chat.Text{Text: string(p.Text)}, nil
	case "refusal":
		return chat.Text{Text: p.Refusal}, nil
	case "image_url":
		return p.ImageURL.block()
	case "file":
		return p.file()
	case "input_audio":
		return nil, defective("type", "is input_audio, but the models here cannot listen; send a transcript as text")
	case "":
		return nil, defective("type", "is missing")
	default:
		return nil, defective("type", "must be text, image_url, file or refusal, not %.40q", p.Type)
	}
}
