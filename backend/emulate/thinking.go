package emulate

import (
	"fmt"

	"amq2api/backend/chat"
)

// thinking lets a model think between tags in its text, where the request asks for thinking and tags are chosen for it. Thinking that the
// upstream itself tells apart passes through.
func thinking(next Sender, request *chat.Request) Sender {
	if !request.Reasoning.Enabled || !request.Reasoning.Tags {
		return next
	}
	prompt := thinkFirst
	if request.Reasoning.Budget > 0 {
		prompt += " " + fmt.Sprintf(thinkBudget, request.Reasoning.Budget)
	}
	if request.Reasoning.Effort != "" {
		prompt += " " + fmt.Sprintf(thinkEffort, request.Reasoning.Effort)
	}
	return stage{
		next:    next,
		prepare: func(request *chat.Request) *chat.Request { return instructed(request, prompt) },
		editor:  func() editor { return &tags{} },
	}
}

// take splits text. What was held at the end of a run of text is decided as it stands: a call, the end of the answer or the upstream's own
// thinking comes next.
func (t *tags) take(event chat.Event, out *outlet) {
	if event.Kind == chat.TextDelta {
		t.feed(event.Text, false, out)
		return
	}
	t.feed("", true, out)
	if event.Kind != chat.ThinkingDelta {
		t.part = answer
	}
	out.pass(event)
}
