// Package checkup finds out why the upstream may have refused a request.
//
// The service answers whatever breaks one of its rules with the same bare sentence. Here every rule that is known is a check of its own,
// over the bytes that were sent: a diagnosis names the rules a request broke and the limits it came near, with the tool and the place. It
// keeps no word of the conversation.
package checkup

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"amq2api/backend/chat"
)

// Level is how bad a finding is.
type Level string

// The levels.
const (
	Broken Level = "broken" // the service refuses this
	Near   Level = "near"   // over four fifths of a limit
)

// Finding is a rule that a request broke or came near to.
type Finding struct {
	Rule    RuleCode `json:"rule"`
	Level   Level    `json:"level"`
	Place   string   `json:"place"`          // e.g. history[12].toolResults[0]
	Tool    string   `json:"tool,omitempty"` // as the client calls it
	Value   int      `json:"value,omitempty"`
	Limit   int      `json:"limit,omitempty"`
	Message string   `json:"message"`
}

// Figures are the sizes of a request. Bytes are of text, not of its encoding, except for the whole.
type Figures struct {
	Bytes          int    `json:"bytes"` // the whole body
	History        int    `json:"history"`
	Tools          int    `json:"tools"`
	Images         int    `json:"images"`
	LargestMessage int    `json:"largest_message"`
	MessagePlace   string `json:"largest_message_place"`
	LargestResult  int    `json:"largest_result"`
	ResultPlace    string `json:"largest_result_place"`
	LargestTool    int    `json:"largest_tool"` // description and schema
	ToolName       string `json:"largest_tool_name"`
}

// Diagnosis is what is wrong with a request, the worst first.
type Diagnosis struct {
	Explanation string    `json:"explanation"`
	Findings    []Finding `json:"findings"`
	Figures     Figures   `json:"figures"`
	Repro       string    `json:"repro"` // the request without its words, as JSON; empty if it is too large even so
}

// Examine looks at a body as it was sent. tools are those the client offered, whose names a body may have changed.
func Examine(sent []byte, tools []chat.Tool) (Diagnosis, error) {
	var b body
	if err := json.Unmarshal(sent, &b); err != nil {
		return Diagnosis{}, fmt.Errorf("read the request that was sent: %w", err)
	}
	tools = distinct(tools)
	var findings []Finding
	for _, rule := range rules {
		l := &look{body: &b, offered: tools, rule: rule.name}
		rule.check(l)
		slices.SortStableFunc(l.findings, worstFirst)
		findings = append(findings, l.findings[:min(len(l.findings), maxFindings)]...)
	}
	slices.SortStableFunc(findings, worstFirst)
	d := Diagnosis{Findings: findings, Figures: (&look{body: &b, offered: tools}).figures(len(sent)), Repro: repro(&b)}
	d.Explanation = explain(d)
	return d, nil
}

// distinct are the tools without those whose names came before: they are not sent.
func distinct(tools []chat.Tool) []chat.Tool {
	var kept []chat.Tool
	for _, tool := range tools {
		if !slices.ContainsFunc(kept, func(other chat.Tool) bool { return other.Name == tool.Name && other.Namespace == tool.Namespace }) {
			kept = append(kept, tool)
		}
	}
	return kept
}

// maxFindings bounds what one rule can say: a mistake that is made a hundred times is one mistake.
const maxFindings = 5

func worstFirst(a, b Finding) int { return cmp.Compare(a.Level, b.Level) } // broken before near

// look is one rule's pass over a body.
type look struct {
	body     *body
	offered  []chat.Tool
	rule     RuleCode
	findings []Finding
}

func (l *look) add(f Finding) {
	f.Rule = l.rule
	l.findings = append(l.findings, f)
}

func (l *look) broke(place, tool, format string, args ...any) {
	l.add(Finding{Level: Broken, Place: place, Tool: tool, Message: fmt.Sprintf(format, args...)})
}

// limit reports what is over a limit or near it. advice says what to do.
func (l *look) limit(place, tool, what string, value, limit int, advice string) {
	level, relation := Near, "is near"
	if value > limit {
		level, relation = Broken, "is over"
	}
	if value*5 > limit*4 {
		l.add(Finding{Level: level, Place: place, Tool: tool, Value: value, Limit: limit,
			Message: fmt.Sprintf("%s (%d) %s the service's limit of %d. %s", what, value, relation, limit, advice)})
	}
}

// calledByClient is a tool's name as the client has it, by its place in the list.
func (l *look) calledByClient(i int, sent string) string {
	if i < len(l.offered) {
		return l.offered[i].Name
	}
	return sent
}

// turns are all messages with their places, the current one last.
func (l *look) turns() func(yield func(string, message) bool) {
	return func(yield func(string, message) bool) {
		for i, m := range l.body.State.History {
			if !yield(fmt.Sprintf("history[%d]", i), m) {
				return
			}
		}
		yield("currentMessage", l.body.State.Current)
	}
}

// tools are the specifications on the current message.
func (l *look) tools() []*specification {
	var found []*specification
	if user := l.body.State.Current.User; user != nil {
		for _, t := range user.Context.Tools {
			if t.Spec != nil {
				found = append(found, t.Spec)
			}
		}
	}
	return found
}

// explain is the best guess, for the client: rules that are broken, else limits that are near.
func explain(d Diagnosis) string {
	if len(d.Findings) == 0 {
		return "No rule of the service that is known to AMQ2API is broken, and no limit is near."
	}
	worst := d.Findings[0]
	var said []string
	for _, f := range d.Findings {
		if f.Level == worst.Level && len(said) < 3 {
			said = append(said, f.Message)
		}
	}
	if worst.Level == Near {
		return "No known rule is broken, but: " + strings.Join(said, " ")
	}
	return strings.Join(said, " ")
}
