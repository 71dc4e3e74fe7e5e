package amazonq

import "sync"

// model is one the service is known to offer.
type model struct {
	id     string
	window int // tokens
}

// defaultWindow is the context window of models that say nothing else. Source: the official CLI.
const defaultWindow = 200_000

// catalogue is in the order people are shown it. Source: the official CLI, and observed lists for what is newer.
func catalogue() []model {
	return []model{
		{"claude-sonnet-4.5", defaultWindow},
		{"claude-sonnet-4", defaultWindow},
		{"claude-haiku-4.5", defaultWindow},
		{"claude-opus-4.5", defaultWindow},
		{"auto", defaultWindow},
	}
}

// Models lists the ids of the models the service is known to offer. Which of them an account may use only its first request tells.
func Models() []string {
	var ids []string
	for _, model := range catalogue() {
		ids = append(ids, model.id)
	}
	return ids
}

// Window is the size of a model's context window in tokens; a guess for a model that is not in the catalogue.
func Window(id string) int {
	for _, model := range catalogue() {
		if model.id == id {
			return model.window
		}
	}
	return defaultWindow
}

// windows are the context windows that the service told, by model.
type windows struct {
	mu   sync.Mutex
	told map[string]int
}

func (w *windows) learn(id string, tokens int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told == nil {
		w.told = map[string]int{}
	}
	w.told[id] = tokens
}

// window is the size of a model's context window in tokens: as the service told, else a guess.
func (c *Client) window(id string) int {
	c.windows.mu.Lock()
	defer c.windows.mu.Unlock()
	if tokens, told := c.windows.told[id]; told {
		return tokens
	}
	return Window(id)
}
