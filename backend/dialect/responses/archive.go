package responses

import (
	"encoding/json"
	"fmt"
	"time"

	"amq2api/backend/chat"
)

// Archive keeps encoded responses where they survive the program. It bounds how many, and for how long. What it cannot keep, it leaves.
type Archive interface {
	// Load finds a response, and when it will be forgotten.
	Load(id string) (encoded []byte, until time.Time, found bool)
	Save(id string, encoded []byte)
	Delete(id string) bool
}

// Lasting is a Store that also writes to an archive, as long as On says so.
type Lasting struct {
	Memory  *Memory
	Archive Archive
	On      func() bool
}

// Load finds a response in memory, or brings it back there.
func (l *Lasting) Load(id string) (Stored, bool) {
	if stored, ok := l.Memory.Load(id); ok || !l.On() {
		return stored, ok
	}
	encoded, until, ok := l.Archive.Load(id)
	if !ok {
		return Stored{}, false
	}
	stored, err := decodeStored(encoded)
	if err != nil {
		return Stored{}, false
	}
	stored.Until = until
	l.Memory.Save(id, stored)
	return stored, true
}

// Save keeps a response in both places.
func (l *Lasting) Save(id string, s Stored) {
	l.Memory.Save(id, s)
	if !l.On() {
		return
	}
	if encoded, err := encodeStored(s); err == nil {
		l.Archive.Save(id, encoded)
	}
}

// Delete forgets a response in both places, also when nothing new goes to the archive.
func (l *Lasting) Delete(id string) bool {
	remembered, archived := l.Memory.Delete(id), l.Archive.Delete(id)
	return remembered || archived
}

// archived is a stored response as it lies in an archive.
type archived struct {
	Conversation []archivedMessage `json:"conversation"`
	Earlier      []string          `json:"earlier,omitempty"`
	Answer       []archivedBlock   `json:"answer"`
	Response     json.RawMessage   `json:"response"`
}

type archivedMessage struct {
	Role   chat.Role       `json:"role"`
	Blocks []archivedBlock `json:"blocks"`
}

// archivedBlock is a chat.Block: the one member that is there says which.
type archivedBlock struct {
	Text     *chat.Text          `json:"text,omitempty"`
	Image    *chat.Image         `json:"image,omitempty"`
	Document *chat.Document      `json:"document,omitempty"`
	Thinking *chat.Thinking      `json:"thinking,omitempty"`
	Use      *chat.ToolUse       `json:"use,omitempty"`
	Result   *archivedToolResult `json:"result,omitempty"`
}

type archivedToolResult struct {
	ID      string          `json:"id"`
	Content []archivedBlock `json:"content"`
	IsError bool            `json:"is_error"`
}

func encodeStored(s Stored) ([]byte, error) {
	kept := archived{Earlier: s.Earlier, Answer: archiveBlocks(s.Answer), Response: s.Response}
	for _, message := range s.Conversation {
		kept.Conversation = append(kept.Conversation, archivedMessage{message.Role, archiveBlocks(message.Blocks)})
	}
	return json.Marshal(kept)
}

func archiveBlocks(list []chat.Block) []archivedBlock {
	var kept []archivedBlock
	for _, block := range list {
		var one archivedBlock
		switch b := block.(type) {
		case chat.Text:
			one.Text = &b
		case chat.Image:
			one.Image = &b
		case chat.Document:
			one.Document = &b
		case chat.Thinking:
			one.Thinking = &b
		case chat.ToolUse:
			one.Use = &b
		case chat.ToolResult:
			one.Result = &archivedToolResult{b.ID, archiveBlocks(b.Content), b.IsError}
		}
		kept = append(kept, one)
	}
	return kept
}

func decodeStored(encoded []byte) (Stored, error) {
	var kept archived
	if err := json.Unmarshal(encoded, &kept); err != nil {
		return Stored{}, fmt.Errorf("decode a stored response: %w", err)
	}
	stored := Stored{Earlier: kept.Earlier, Answer: chatBlocks(kept.Answer), Response: kept.Response}
	for _, message := range kept.Conversation {
		if message.Role > chat.System {
			return Stored{}, fmt.Errorf("decode a stored response: no role %d", message.Role)
		}
		stored.Conversation = append(stored.Conversation, chat.Message{Role: message.Role, Blocks: chatBlocks(message.Blocks)})
	}
	return stored, nil
}

func chatBlocks(kept []archivedBlock) []chat.Block {
	var list []chat.Block
	for _, one := range kept {
		switch {
		case one.Text != nil:
			list = append(list, *one.Text)
		case one.Image != nil:
			list = append(list, *one.Image)
		case one.Document != nil:
			list = append(list, *one.Document)
		case one.Thinking != nil:
			list = append(list, *one.Thinking)
		case one.Use != nil:
			list = append(list, *one.Use)
		case one.Result != nil:
			list = append(list, chat.ToolResult{ID: one.Result.ID, Content: chatBlocks(one.Result.Content), IsError: one.Result.IsError})
		}
	}
	return list
}
