package amazonq

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
