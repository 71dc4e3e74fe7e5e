package amazonqtest

import (
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// What a request asks of a model in words, because the service has no field for it.
var (
	callWanted   = regexp.MustCompile(`(?i)\bmust answer by calling|\bcall (?:one of your tools|it) now\b`)
	schemaWanted = regexp.MustCompile(`(?i)valid against this JSON schema[^\n]*\n`)
	objectWanted = regexp.MustCompile(`(?i)\bone JSON object and nothing else\b`)
)

// instructions are the texts that may say how to answer: where clients put their system prompt, and the message to answer.
func (r *GenerateRequest) instructions() string {
	said := r.Current().Content
	for _, message := range r.ConversationState.History {
		if message.User != nil {
			return message.User.Content + "\n" + said
		}
	}
	return said
}

// obey is an answer in the form that was asked for; nil if there was no such wish. Of two tools the one that fits a verb is called.
func obey(r *GenerateRequest, prompt string) *obedience {
	instructions := r.instructions()
	if tools := r.tools(); len(tools) > 0 && callWanted.MatchString(instructions) {
		return &obedience{tool: fitting(tools, verbOf(prompt))}
	}
	if at := schemaWanted.FindStringIndex(instructions); at != nil {
		schema, err := jsontext.NewDecoder(strings.NewReader(instructions[at[1]:])).ReadValue()
		if err == nil {
			return &obedience{text: string(example(schema, "", prompt, 0))}
		}
	}
	if objectWanted.MatchString(instructions) {
		return &obedience{text: `{"simulated":true,"asked":` + string(mustMarshal(excerpt(prompt, 80))) + `}`}
	}
	return nil
}

// obedience is a tool to call, or a text that stands alone.
type obedience struct {
	tool *ToolSpecification
	text string
}
