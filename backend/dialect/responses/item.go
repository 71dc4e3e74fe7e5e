package responses

import (
	"strconv"

	"amq2api/backend/chat"
)

// The statuses of items and responses.
const (
	inProgress = "in_progress"
	completed  = "completed"
	incomplete = "incomplete"
	failed     = "failed"
)

// The prefixes of ids. What follows is the request's id, and for an item its place in the output, so that an item_reference tells which
// stored response to look into.
const (
	responsePrefix = "resp_"
	messagePrefix  = "msg_"
	thoughtPrefix  = "rs_"
	callPrefix     = "fc_"
	customPrefix   = "ctc_"
)

func itemID(prefix, request string, index int) string {
	return prefix + request + "_" + strconv.Itoa(index)
}

// outputItem is a messageItem, thoughtItem, callItem or customItem.
type outputItem interface {
	block() chat.Block // what the item is in a conversation
}

type messageItem struct {
	Type    string     `json:"type"`
	ID      string     `json:"id"`
	Status  string     `json:"status"`
	Role    string     `json:"role"`
	Content []textPart `json:"content"`
}

type textPart struct {
	Type        string     `json:"type"`
	Text        string     `json:"text"`
	Annotations []struct{} `json:"annotations"` // always empty
	Logprobs    []struct{} `json:"logprobs"`    // always empty
}

type thoughtItem struct {
	Type    string        `json:"type"`
	ID      string        `json:"id"`
	Summary []summaryPart `json:"summary"`
}

type summaryPart struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type callItem struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	Status    string `json:"status"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
	Arguments string `json:"arguments"`
}

type customItem struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	Status    string `json:"status"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
	Input     string `json:"input"`
}

func (m *messageItem) block() chat.Block { return chat.Text{Text: m.Content[0].Text} }
func (t *thoughtItem) block() chat.Block { return chat.Thinking{Text: t.Summary[0].Text} }

func (c *callItem) block() chat.Block {
	return chat.ToolUse{ID: c.CallID, Name: c.Name, Namespace: c.Namespace, Input: arguments{c.Arguments}.input()}
}

func (c *customItem) block() chat.Block {
	return chat.ToolUse{ID: c.CallID, Name: c.Name, Namespace: c.Namespace, Input: member(freeformMember, c.Input)}
}

// newMessage is a message with a text, or without content if there is none yet.
func newMessage(id, status string, content ...textPart) *messageItem {
	if content == nil {
		content = []textPart{}
	}
	return &messageItem{Type: "message", ID: id, Status: status, Role: "assistant", Content: content}
}

func textOf(text string) textPart {
	return textPart{Type: "output_text", Text: text, Annotations: []struct{}{}, Logprobs: []struct{}{}}
}

func newThought(id string, summary ...summaryPart) *thoughtItem {
	if summary == nil {
		summary = []summaryPart{}
	}
	return &thoughtItem{Type: "reasoning", ID: id, Summary: summary}
}

func summaryOf(text string) summaryPart { return summaryPart{Type: "summary_text", Text: text} }

// items are the blocks of a whole answer. Neighbours of a kind are one item, empty ones are none, as in a stream.
func (r *Rendering) items(blocks []chat.Block, lastStatus string) []outputItem {
	items := []outputItem{}
	for _, block := range blocks {
		switch b := block.(type) {
		case chat.Text:
			items = r.addText(items, b.Text)
		case chat.Thinking:
			items = r.addThought(items, b.Text)
		case chat.ToolUse:
			items = append(items, r.newCall(len(items), b, completed, r.called(b)))
		}
	}
	if len(items) > 0 {
		if message, ok := items[len(items)-1].(*messageItem); ok {
			message.Status = lastStatus
		}
	}
	return items
}

func (r *Rendering) addText(items []outputItem, text string) []outputItem {
	if text == "" {
		return items
	}
	if len(items) > 0 {
		if last, ok := items[len(items)-1].(*messageItem); ok {
			last.Content[0].Text += text
			return items
		}
	}
	return append(items, newMessage(itemID(messagePrefix, r.id, len(items)), completed, textOf(text)))
}

func (r *Rendering) addThought(items []outputItem, text string) []outputItem {
	if text == "" {
		return items
	}
	if len(items) > 0 {
		if last, ok := items[len(items)-1].(*thoughtItem); ok {
			last.Summary[0].Text += text
			return items
		}
	}
	return append(items, newThought(itemID(thoughtPrefix, r.id, len(items)), summaryOf(text)))
}

// blocks are the items as the answer of a conversation, one each.
func blocks(items []outputItem) []chat.Block {
	said := make([]chat.Block, len(items))
	for i, item := range items {
		said[i] = item.block()
	}
	return said
}
