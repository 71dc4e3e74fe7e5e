package emulate

import "amq2api/backend/chat"

// looseLimit is the limit of tokens from which on it is not enforced. Agents send large limits with every request as a formality, and
// an estimate that is a little off would cut answers that the upstream itself still keeps within bounds.
const looseLimit = 8192

// limit ends an answer at the request's limit of tokens, by the local estimate.
func limit(next Sender, request *chat.Request) Sender {
	if request.MaxTokens <= 0 || request.MaxTokens >= looseLimit {
		return next
	}
	return stage{next: next, editor: func() editor {
		return &limiter{limit: request.MaxTokens, thinking: request.Reasoning.Enabled}
	}}
}

// limiter counts what an answer says. Text and thinking are cut at the limit, between two characters. A tool call is never cut: one that
// has begun goes on to its end, but none begins when nothing is left.
type limiter struct {
	limit    int
	thinking bool // thinking counts, because it was asked for
	spent    chat.Tokens
}

func (l *limiter) take(event chat.Event, out *outlet) {
	switch {
	case event.Kind == chat.TextDelta, event.Kind == chat.ThinkingDelta && l.thinking:
		fits := l.fits(event.Text)
		if fits == len(event.Text) {
			out.pass(event)
			return
		}
		out.say(event.Kind, event.Text[:fits])
		out.end(chat.MaxTokens, "")
	case event.Kind == chat.ToolStart && l.spent.Count() >= l.limit:
		out.end(chat.MaxTokens, "")
	default:
		if event.Kind == chat.ToolStart || event.Kind == chat.ToolInput {
			l.spent.AddEvent(event)
		}
		out.pass(event)
	}
}

// fits counts text and returns how many bytes of it are within the limit. Only a byte that begins a character costs anything, so the cut
// is between two of them, wherever the deltas are cut.
func (l *limiter) fits(text string) int {
	whole := l.spent
	if whole.Add(text); whole.Count() <= l.limit {
		l.spent = whole
		return len(text)
	}
	for i := range len(text) {
		longer := l.spent
		if longer.Add(text[i : i+1]); longer.Count() > l.limit {
			return i
		}
		l.spent = longer
	}
	return len(text)
}
