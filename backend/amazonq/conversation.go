package amazonq

import (
	"amq2api/backend/chat"
)

// conversation is a request as the service wants it. The types alone keep some of its rules: history is pairs, so turns alternate, the
// first is a user's and the last an assistant's.
type conversation struct {
	id         string
	model      string
	origin     string
	profileARN string
	history    []exchange
	current    userTurn
	tools      []tool
	names      *toolNames
}

// exchange is a user's turn and the assistant's answer to it.
type exchange struct {
	user      userTurn
	assistant assistantTurn
}

type userTurn struct {
	text    []string // paragraphs
	images  []picture
	results []toolResult
}

type assistantTurn struct {
	text []string
	uses []pastUse
}

// pastUse is a tool call the model made earlier.
type pastUse struct {
	id       string // unique in the conversation
	clientID string // as the client has it
	name     string // as the service has it
	input    []byte
}

// toolResult answers the call whose client id it has; after pairing, the call whose id it has.
type toolResult struct {
	id     string
	text   []string
	failed bool
}

// What stands in where the service insists on words and there are none.
const (
	emptyText     = "(empty message)"
	imagesOnly    = "(See the attached images.)"
	callsOnly     = " "
	continueText  = "Continue your last message exactly where it ends, without repeating any of it."
	acknowledging = "I will follow these instructions."
)

func newConversation(request *chat.Request, origin string) (*conversation, error) {
	offered := request.Tools
	if request.ToolChoice.Mode == chat.ChoiceNone {
		offered = nil
	}
	names := newToolNames(offered)
	f := folding{names: names, callsAsText: len(offered) == 0}
	for _, message := range request.Messages {
		if err := f.add(message); err != nil {
			return nil, err
		}
	}
	tools, documentation := describe(offered, names)
	c := &conversation{
		id:      conversationID(request.Session),
		model:   request.Upstream,
		origin:  origin,
		history: f.history,
		current: f.user,
		tools:   append(tools, placeholders(names)...),
		names:   names,
	}
	c.limitImages()
	c.pairResults()
	c.fillEmptyTurns()
	c.instruct(request.System, documentation)
	return c, nil
}

// instruct puts the instructions in front as a turn of their own: the service has no field for them.
func (c *conversation) instruct(system, documentation string) {
	var first exchange
	first.user.say(system)
	first.user.say(documentation)
	if first.user.isEmpty() {
		return
	}
	first.assistant.say(acknowledging)
	c.history = append([]exchange{first}, c.history...)
}

// fillEmptyTurns gives every turn the words it must have. A turn with results needs none.
func (c *conversation) fillEmptyTurns() {
	for i := range c.history {
		c.history[i].user.fill(emptyText)
		c.history[i].assistant.fill()
	}
	if len(c.history) > 0 {
		c.current.fill(continueText)
	}
	c.current.fill(emptyText)
}

func (t *userTurn) say(text string) { t.text = appendParagraph(t.text, text) }

func (t *userTurn) isEmpty() bool { return len(t.text)+len(t.images)+len(t.results) == 0 }

func (t *userTurn) fill(text string) {
	switch {
	case len(t.text)+len(t.results) > 0:
	case len(t.images) > 0:
		t.say(imagesOnly)
	default:
		t.say(text)
	}
}

func (t *assistantTurn) say(text string) { t.text = appendParagraph(t.text, text) }

func (t *assistantTurn) fill() {
	switch {
	case len(t.text) > 0:
	case len(t.uses) > 0:
		t.text = []string{callsOnly}
	default:
		t.say(emptyText)
	}
}

// appendParagraph adds text unless there is nothing in it.
func appendParagraph(paragraphs []string, text string) []string {
	if isBlank(text) {
		return paragraphs
	}
	return append(paragraphs, text)
}
