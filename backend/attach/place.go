package attach

import (
	"fmt"
	"slices"
	"strings"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// maxImages is how many pictures go along, the newest. Source: the official CLI.
const maxImages = 10

// place is where an attachment stands in the copy of a request.
type place struct {
	block *chat.Block
	fresh bool // the user attached it just now, so that refusing it does not refuse every later request too
}

// carries tells whether there is anything to do for a request.
func carries(request *chat.Request) bool {
	for i := range request.Messages {
		if attached(request.Messages[i].Blocks) {
			return true
		}
	}
	return false
}

func attached(blocks []chat.Block) bool {
	for _, block := range blocks {
		switch b := block.(type) {
		case chat.Image:
			return true
		case chat.Document:
			if b.Data != "" || b.URL != "" {
				return true
			}
		case chat.ToolResult:
			if attached(b.Content) {
				return true
			}
		}
	}
	return false
}

// copied is a copy of a request in which blocks with attachments can be changed, and the places of those, the oldest first.
func copied(request *chat.Request) (*chat.Request, []place) {
	c := *request
	c.Messages = slices.Clone(request.Messages)
	newest := -1
	for i, message := range c.Messages {
		if message.Role == chat.User {
			newest = i
		}
	}
	var places []place
	for i := range c.Messages {
		message := &c.Messages[i]
		if attached(message.Blocks) {
			message.Blocks, places = copiedBlocks(message.Blocks, places, message.Role == chat.User, i == newest)
		}
	}
	return &c, places
}

// copiedBlocks adds the places in blocks. Only a user's pictures are seen by the model, so that the others stay as they are.
func copiedBlocks(blocks []chat.Block, places []place, seen, fresh bool) ([]chat.Block, []place) {
	blocks = slices.Clone(blocks)
	for i := range blocks {
		switch b := blocks[i].(type) {
		case chat.Image:
			if seen {
				places = append(places, place{&blocks[i], fresh})
			}
		case chat.Document:
			if b.Data != "" || b.URL != "" {
				places = append(places, place{&blocks[i], fresh})
			}
		case chat.ToolResult:
			if attached(b.Content) {
				b.Content, places = copiedBlocks(b.Content, places, seen, false)
				blocks[i] = b
			}
		}
	}
	return blocks, places
}

// keepNewest puts words in place of the pictures that are too many, and answers with the places that are left.
func keepNewest(places []place) []place {
	images := 0
	for i := len(places) - 1; i >= 0; i-- {
		if _, ok := (*places[i].block).(chat.Image); !ok {
			continue
		}
		if images++; images > maxImages {
			*places[i].block = chat.Text{Text: fmt.Sprintf("(An image was left out: only the newest %d are sent along.)", maxImages)}
		}
	}
	return slices.DeleteFunc(places, func(p place) bool {
		_, isText := (*p.block).(chat.Text)
		return isText
	})
}

// inWords is what the model is told in place of an attachment that failed.
func inWords(err error) string {
	return "(" + strings.TrimSuffix(fault.Sentence(err), ".") + ".)"
}
