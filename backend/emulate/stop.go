package emulate

import (
	"strings"

	"amq2api/backend/chat"
)

// stop ends an answer before the first of the request's stop sequences. They are looked for in text only, not in thinking and not in
// the input of tools, and never across the end of a run of text.
func stop(next Sender, request *chat.Request) Sender {
	var sequences []string
	for _, sequence := range request.Stop {
		if sequence != "" {
			sequences = append(sequences, sequence)
		}
	}
	if len(sequences) == 0 {
		return next
	}
	return stage{next: next, editor: func() editor { return &stopper{sequences: sequences} }}
}

// stopper looks for stop sequences across the borders of deltas.
type stopper struct {
	sequences []string
	held      string // the end of the text so far, because a sequence may begin with it
}

func (s *stopper) take(event chat.Event, out *outlet) {
	if event.Kind != chat.TextDelta {
		out.say(chat.TextDelta, s.held)
		s.held = ""
		out.pass(event)
		return
	}
	text := event.Text
	if s.held != "" {
		text = s.held + text
	}
	if at, sequence := s.match(text); sequence != "" {
		out.say(chat.TextDelta, text[:at])
		out.end(chat.StopSequence, sequence)
		return
	}
	safe := len(text) - s.beginning(text)
	out.say(chat.TextDelta, text[:safe])
	s.held = text[safe:]
}

// match finds the sequence that is complete first as the text grows, and where it begins. Of several that are complete at the same
// byte it is the longest.
func (s *stopper) match(text string) (at int, sequence string) {
	end := len(text) + 1
	for _, candidate := range s.sequences {
		i := strings.Index(text, candidate)
		if i < 0 {
			continue
		}
		if e := i + len(candidate); e < end || e == end && i < at {
			at, end, sequence = i, e, candidate
		}
	}
	return at, sequence
}

// beginning is the length of the longest end of text that a sequence begins with. A sequence begins with a whole character, so what is
// before it ends with one.
func (s *stopper) beginning(text string) int {
	longest := 0
	for _, sequence := range s.sequences {
		for n := min(len(sequence)-1, len(text)); n > longest; n-- {
			if strings.HasSuffix(text, sequence[:n]) {
				longest = n
			}
		}
	}
	return longest
}
