package amazonq

// What stands around a text in the encoded form, in bytes and generously; and how much longer escapes make text: a sixteenth.
const (
	frameBytes  = 160
	escapeShare = 16
)

// size guesses how long the encoded conversation will be, so that writing it seldom has to move it.
func (c *conversation) size() int {
	total := 4*frameBytes + c.current.size()
	for i := range c.history {
		total += 2*frameBytes + c.history[i].user.size() + c.history[i].assistant.size()
	}
	for _, tool := range c.tools {
		total += frameBytes + len(tool.name) + escapedSize(tool.description) + len(tool.schema)
	}
	return total
}

func (t *userTurn) size() int {
	total := escapedSize(t.text...)
	for _, image := range t.images {
		total += frameBytes + len(image.data)
	}
	for _, result := range t.results {
		total += frameBytes + len(result.id) + escapedSize(result.text...)
	}
	return total
}

func (t *assistantTurn) size() int {
	total := escapedSize(t.text...)
	for _, use := range t.uses {
		total += frameBytes + len(use.id) + len(use.name) + len(use.input)
	}
	return total
}

func escapedSize(texts ...string) int {
	total := 0
	for _, text := range texts {
		total += len(text) + len(text)/escapeShare
	}
	return total
}
