package emulate

import (
	"strings"

	"amq2api/backend/chat"
)

const (
	spaces = " \t\r\n"
	ticks  = "```"
)

// unfenced is text without the code fence around it, and without what follows the fence.
func unfenced(text string) string {
	var f fence
	return f.feed(text) + f.finish()
}

// unfencing is the editor that takes code fences away while an answer streams.
type unfencing struct{ fence fence }

func (u *unfencing) take(event chat.Event, out *outlet) {
	if event.Kind == chat.TextDelta {
		out.say(chat.TextDelta, u.fence.feed(event.Text))
		return
	}
	out.say(chat.TextDelta, u.fence.finish())
	out.pass(event)
}

// fencePart is where in a run of text a fence is.
type fencePart uint8

const (
	beforeFence fencePart = iota
	fenceLabel            // after the opening ticks: a language may follow
	insideFence
	afterFence
	withoutFence
)

// fence takes the code fence off a run of text that begins with one; any other text stays as it is. Raw JSON has no line that begins with
// ticks, so the first of them closes the fence, and what comes after it is not JSON. The zero value is ready to use.
type fence struct {
	part  fencePart
	held  string
	begun bool // something was inside
}

// feed takes a piece of text and returns what is certain to belong to the answer.
func (f *fence) feed(text string) string {
	text = f.held + text
	f.held = ""
	switch f.part {
	case beforeFence:
		return f.open(text)
	case fenceLabel:
		return f.label(text)
	case insideFence:
		return f.inside(text)
	case afterFence:
		return ""
	default:
		return text
	}
}

// finish ends the run and returns what was still held of it. The next piece begins another run.
func (f *fence) finish() string {
	rest := f.held
	if f.part == insideFence && strings.TrimSpace(rest) == ticks {
		rest = ""
	}
	*f = fence{}
	return rest
}

func (f *fence) open(text string) string {
	trimmed := strings.TrimLeft(text, spaces)
	switch {
	case strings.HasPrefix(trimmed, ticks):
		f.part = fenceLabel
		return f.label(trimmed[len(ticks):])
	case strings.HasPrefix(ticks, trimmed):
		f.held = text
		return ""
	default:
		f.part = withoutFence
		return text
	}
}

// label skips the language and the end of its line. Letters that JSON or the closing ticks follow directly, as in ```true```, are content.
func (f *fence) label(text string) string {
	letters := strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	if letters == "" {
		f.held = text
		return ""
	}
	f.part = insideFence
	if strings.ContainsAny(letters[:1], spaces+"{[\"") {
		text = letters
	}
	return f.inside(text)
}

// inside holds back what may be the closing fence: white space, up to three ticks, white space.
func (f *fence) inside(text string) string {
	if end := closing(text); end >= 0 {
		f.part = afterFence
		return f.content(text[:end])
	}
	body := strings.TrimRight(text, spaces)
	unticked := strings.TrimRight(body, "`")
	if n := len(body) - len(unticked); 0 < n && n <= len(ticks) {
		body = strings.TrimRight(unticked, spaces)
	}
	f.held = text[len(body):]
	return f.content(body)
}

// content leaves out the white space at the beginning.
func (f *fence) content(text string) string {
	if !f.begun {
		text = strings.TrimLeft(text, spaces)
		f.begun = text != ""
	}
	return text
}

// closing is where the white space before the first line that begins with ticks begins, or -1.
func closing(text string) int {
	for from := 0; ; {
		newline := strings.IndexByte(text[from:], '\n')
		if newline < 0 {
			return -1
		}
		from += newline + 1
		if strings.HasPrefix(strings.TrimLeft(text[from:], spaces), ticks) {
			return len(strings.TrimRight(text[:from], spaces))
		}
	}
}
