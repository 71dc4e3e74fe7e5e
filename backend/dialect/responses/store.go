package responses

import (
	"encoding/json"
	"strconv"
	"time"

	"amq2api/backend/chat"
)

// Store keeps responses by their id. It is safe for concurrent use.
type Store interface {
	// Load finds a response that was saved and is still kept.
	Load(id string) (Stored, bool)
	// Save keeps a response, in place of one with the same id. It may drop others, and the response itself if that is too large.
	Save(id string, s Stored)
	// Delete forgets a response, and tells whether it was kept.
	Delete(id string) bool
}

// Stored is a response and the conversation it ends. Nobody may change what its slices hold: they are shared.
type Stored struct {
	Conversation []chat.Message  // up to the answer; instructions are not in it
	Earlier      []string        // the ids of the responses in it
	Answer       []chat.Block    // one for each item of the output
	Response     json.RawMessage // the object the client got
	Until        time.Time       // when it is forgotten; zero is as late as the store keeps anything
}

// owned is the part of a store that belongs to one owner.
type owned struct {
	store Store
	owner string
}

func (o owned) Load(id string) (Stored, bool) { return o.store.Load(o.owner + id) }
func (o owned) Save(id string, s Stored)      { o.store.Save(o.owner+id, s) }
func (o owned) Delete(id string) bool         { return o.store.Delete(o.owner + id) }

// of is what an owner gets at, nil if nothing is kept; see chat.Meta.
func (d *Dialect) of(owner int64) Store {
	if d.Store == nil || owner == 0 {
		return d.Store
	}
	return owned{d.Store, strconv.FormatInt(owner, 10) + "/"}
}

// Stored is an owner's response object with an id, ready for JSON, if it is kept.
func (d *Dialect) Stored(owner int64, id string) (any, bool) {
	stored, ok := load(d.of(owner), id)
	if !ok {
		return nil, false
	}
	return stored.Response, true
}

// Delete forgets an owner's response, and tells whether it was kept.
func (d *Dialect) Delete(owner int64, id string) bool {
	return d.Store != nil && d.of(owner).Delete(id)
}

func load(store Store, id string) (Stored, bool) {
	if store == nil {
		return Stored{}, false
	}
	return store.Load(id)
}

// size is about how many bytes a response holds. Parts it shares with others count for each.
func (s *Stored) size() int {
	const perBlock = 64
	total := len(s.Response)
	add := func(list []chat.Block) { total += blockBytes(list) + perBlock*len(list) }
	add(s.Answer)
	for _, message := range s.Conversation {
		total += perBlock
		add(message.Blocks)
	}
	return total
}

func blockBytes(list []chat.Block) int {
	total := 0
	for _, block := range list {
		switch b := block.(type) {
		case chat.Text:
			total += len(b.Text)
		case chat.Thinking:
			total += len(b.Text) + len(b.Signature)
		case chat.Image:
			total += len(b.Data) + len(b.URL) + len(b.MediaType)
		case chat.Document:
			total += len(b.Data) + len(b.Text) + len(b.Title) + len(b.URL) + len(b.MediaType)
		case chat.ToolUse:
			total += len(b.ID) + len(b.Name) + len(b.Namespace) + len(b.Input)
		case chat.ToolResult:
			total += len(b.ID) + blockBytes(b.Content)
		}
	}
	return total
}
