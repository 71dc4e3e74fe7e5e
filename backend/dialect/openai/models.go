package openai

import "time"

type modelList struct {
	Object string  `json:"object"`
	Models []model `json:"data"`
}

type model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"` // seconds since 1970
	OwnedBy string `json:"owned_by"`
}

// Models renders the list of models, in the order given.
func Models(ids []string, createdAt time.Time) any {
	list := &modelList{Object: "list", Models: make([]model, len(ids))}
	for i, id := range ids {
		list.Models[i] = describe(id, createdAt)
	}
	return list
}

// Model renders one model.
func Model(id string, createdAt time.Time) any {
	described := describe(id, createdAt)
	return &described
}

func describe(id string, createdAt time.Time) model {
	return model{ID: id, Object: "model", Created: createdAt.Unix(), OwnedBy: "amazon-q"}
}
