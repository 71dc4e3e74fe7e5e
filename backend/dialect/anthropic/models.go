package anthropic

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

type modelList struct {
	Models  []model `json:"data"`
	HasMore bool    `json:"has_more"`
	FirstID *string `json:"first_id"` // null if there are no models, as is LastID
	LastID  *string `json:"last_id"`
}

type model struct {
	Type        string    `json:"type"`
	ID          string    `json:"id"`
	DisplayName string    `json:"display_name"`
	CreatedAt   time.Time `json:"created_at"`
}

// Models renders the list of models, in the order given. It is always a single page.
func Models(ids []string, createdAt time.Time) any {
	list := &modelList{Models: make([]model, len(ids))}
	for i, id := range ids {
		list.Models[i] = describe(id, createdAt)
	}
	if len(ids) > 0 {
		list.FirstID, list.LastID = &ids[0], &ids[len(ids)-1]
	}
	return list
}

// Model renders one model.
func Model(id string, createdAt time.Time) any {
	described := describe(id, createdAt)
	return &described
}

func describe(id string, createdAt time.Time) model {
	return model{Type: "model", ID: id, DisplayName: displayName(id), CreatedAt: createdAt.UTC().Truncate(time.Second)}
}

// displayName is an id as words: Claude Sonnet 4.5.
func displayName(id string) string {
	words := strings.Split(id, "-")
	for i, word := range words {
		first, size := utf8.DecodeRuneInString(word)
		if size > 0 {
			words[i] = string(unicode.ToUpper(first)) + word[size:]
		}
	}
	return strings.Join(words, " ")
}
