package amazonqtest

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// Answer is what the streaming service does with one call, step by step. Status and the first frame go out with the first event; a turn's
// closing events come after the last step, unless a step ended the answer before.
type Answer []Step

// Step is one step of an Answer. The functions of this package make them.
type Step func(*exchange) error

// Event sends any event with any JSON.
func Event(kind, payload string) Step {
	return func(x *exchange) error { return x.emit(EventFrame(kind, []byte(payload))) }
}

// Bytes sends bytes as they are, whether they are a frame or not.
func Bytes(raw []byte) Step {
	return func(x *exchange) error { return x.emit(raw) }
}

// Delta sends a text as one event.
func Delta(text string) Step {
	return func(x *exchange) error { return x.text(text) }
}

// Text sends a text as several events, cut as the seed has it.
func Text(text string) Step {
	return func(x *exchange) error {
		for rest := text; rest != ""; {
			n := x.runes(rest, 16)
			if err := x.text(rest[:n]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	}
}

// Reasoning sends reasoning in the open and, as an event of its own, the signature if it is not empty.
func Reasoning(text, signature string) Step {
	return func(x *exchange) error {
		if err := x.event("reasoningContentEvent", ReasoningText{Text: text}); err != nil || signature == "" {
			return err
		}
		return x.event("reasoningContentEvent", struct {
			Signature string `json:"signature"`
		}{signature})
	}
}

// Call sends a whole tool call with an id of its own. Input is a JSON object, or empty for a call without arguments.
func Call(name, input string) Step {
	return func(x *exchange) error { return CallAs("tooluse_"+letters(x.random, 22), name, input)(x) }
}

// CallAs is Call with a given id.
func CallAs(id, name, input string) Step {
	return func(x *exchange) error {
		if err := OpenCall(id, name, input)(x); err != nil {
			return err
		}
		return x.event("toolUseEvent", toolUseEvent{ID: id, Name: name, Stop: true})
	}
}

// OpenCall begins a tool call and sends fragments of its input, but never says that it is over.
func OpenCall(id, name, fragments string) Step {
	return func(x *exchange) error {
		if err := x.event("toolUseEvent", toolUseEvent{ID: id, Name: name}); err != nil {
			return err
		}
		x.stream.output += len(fragments)
		for rest := fragments; rest != ""; {
			n := x.runes(rest, 12)
			if err := x.event("toolUseEvent", toolUseEvent{ID: id, Name: name, Input: rest[:n]}); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	}
}

// TokenUsage is what a turn cost. Input is the sum of the three input fields.
type TokenUsage struct {
	UncachedInput int `json:"uncachedInputTokens"`
	Output        int `json:"outputTokens"`
	Total         int `json:"totalTokens"` // the sum of the others if zero
	CacheRead     int `json:"cacheReadInputTokens,omitzero"`
	CacheWrite    int `json:"cacheWriteInputTokens,omitzero"`
}

// Metadata makes the turn's last event say what it cost and why it ended, e.g. END_TURN, TOOL_USE or MAX_TOKENS. A zero usage and an empty
// reason are left out.
func Metadata(usage TokenUsage, stopReason string) Step {
	return func(x *exchange) error {
		if usage.Total == 0 {
			usage.Total = usage.UncachedInput + usage.CacheRead + usage.CacheWrite + usage.Output
		}
		x.stream.metadata = mustMarshal(struct {
			TokenUsage TokenUsage `json:"tokenUsage,omitzero"`
			StopReason string     `json:"stopReason,omitzero"`
		}{usage, stopReason})
		return nil
	}
}

// Pause waits.
func Pause(d time.Duration) Step {
	return func(x *exchange) error {
		if err := x.flush(); err != nil {
			return err
		}
		return x.pause(d)
	}
}

// Hold waits until release is closed; nil is until the client leaves. As the first step it holds the status back, too.
func Hold(release <-chan struct{}) Step {
	return func(x *exchange) error {
		if err := x.flush(); err != nil {
			return err
		}
		return x.hold(release)
	}
}

// Open sends the status and the first frame now, before any event.
func Open() Step {
	return func(x *exchange) error {
		if err := x.head(); err != nil {
			return err
		}
		return x.flush()
	}
}

// End ends the answer in an orderly way, without the events that close a turn.
func End() Step {
	return func(*exchange) error { return errEnd }
}

// InOneWrite holds everything that follows until the answer's end or a pause, and sends it at once.
func InOneWrite() Step {
	return func(x *exchange) error { x.stream.together = true; return nil }
}

// Trickle sends everything that follows in writes of size bytes, with a gap before each.
func Trickle(size int, gap time.Duration) Step {
	return func(x *exchange) error { x.stream.size, x.stream.gap = size, gap; return nil }
}

// SplitAt sends every frame that follows in two writes, the first of n bytes.
func SplitAt(n int) Step {
	return func(x *exchange) error { x.stream.split = n; return nil }
}

type toolUseEvent struct {
	ID    string `json:"toolUseId"`
	Name  string `json:"name"`
	Input string `json:"input,omitzero"`
	Stop  bool   `json:"stop,omitzero"`
}

// event sends an event of one of our types.
func (x *exchange) event(kind string, payload any) error {
	return x.emit(EventFrame(kind, mustMarshal(payload)))
}

// text sends a text delta. As the seed has it, everything beyond ASCII is escaped, which is the same text to any JSON parser.
func (x *exchange) text(text string) error {
	x.stream.output += len(text)
	payload := mustMarshal(struct {
		Content string `json:"content"`
	}{text})
	if x.random.IntN(8) == 0 {
		payload = escape(payload)
	}
	return x.emit(EventFrame("assistantResponseEvent", payload))
}

// escape writes every rune beyond ASCII as its UTF-16 escapes.
func escape(payload []byte) []byte {
	var escaped []byte
	for _, r := range string(payload) {
		switch {
		case r < utf8.RuneSelf:
			escaped = append(escaped, byte(r))
		case r < 0x10000:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		default:
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		}
	}
	return escaped
}

// runes is the length in bytes of the next 1 to most runes of text.
func (x *exchange) runes(text string, most int) int {
	n := 0
	for count := 1 + x.random.IntN(most); count > 0 && n < len(text); count-- {
		_, size := utf8.DecodeRuneInString(text[n:])
		n += size
	}
	return n
}

// tail sends the events that close a turn: how full the context window is and what was billed, in either order, then the metadata.
func tail(x *exchange) error {
	tokens := (x.request.inputBytes() + x.stream.output) / bytesPerToken
	closing := []Step{
		Event("contextUsageEvent", fmt.Sprintf(`{"contextUsagePercentage":%.4f}`, 100*float64(tokens)/window)),
		Event("meteringEvent", fmt.Sprintf(`{"unit":"credit","unitPlural":"credits","usage":%.6f}`, float64(tokens)/100_000)),
	}
	if x.random.IntN(2) == 0 {
		closing[0], closing[1] = closing[1], closing[0]
	}
	if x.stream.metadata != nil {
		closing = append(closing, Event("metadataEvent", string(x.stream.metadata)))
	}
	for _, step := range closing {
		if err := step(x); err != nil {
			return err
		}
	}
	return nil
}
