package emulate

import (
	"strings"

	"amq2api/backend/chat"
)

const (
	openTag  = "<thinking>"
	closeTag = "</thinking>"
)

// tagPart is where in an answer a tags is.
type tagPart uint8

const (
	beforeTag  tagPart = iota
	insideTags         // thinking
	afterTags          // the white space between the thinking and the answer
	answer
)

// tags splits <thinking>...</thinking> off the beginning of an answer's text. White space around the tags belongs to neither part. An
// opening tag that is not the first thing said is text, and so is everything after the closing one. A closing tag that is only
// mentioned, in quotes or in code, is thinking. The zero value is ready to use.
type tags struct {
	part    tagPart
	held    string // not passed on yet
	seen    int    // how much of held the code was already followed through
	begun   bool   // some thinking was passed on
	code    code
	thought byte // the last byte that the code was followed through
}

// feed takes a piece of text. last says that the run of text ends with it, so that nothing may stay held.
func (t *tags) feed(text string, last bool, out *outlet) {
	text = t.held + text
	t.held = ""
	if t.part == beforeTag {
		text = t.open(text, last, out)
	}
	if t.part == insideTags {
		text = t.think(text, last, out)
	}
	if t.part == afterTags {
		if text = strings.TrimLeft(text, spaces); text != "" {
			t.part = answer
		}
	}
	if t.part == answer {
		out.say(chat.TextDelta, text)
	}
}

// open looks for the opening tag and returns what comes after it, or the text if there is no tag.
func (t *tags) open(text string, last bool, out *outlet) string {
	trimmed := strings.TrimLeft(text, spaces)
	switch {
	case strings.HasPrefix(trimmed, openTag):
		t.part = insideTags
		return trimmed[len(openTag):]
	case strings.HasPrefix(openTag, trimmed) && !last:
		t.held = text
	case text != "":
		t.part = answer
	}
	return text
}

// think passes thinking on and returns what comes after the closing tag. White space is held until more thinking follows.
func (t *tags) think(text string, last bool, out *outlet) string {
	i := t.seen
	for ; i < len(text); i++ {
		if text[i] == '<' {
			switch t.closes(text[i:], last) {
			case yes:
				t.pass(strings.TrimRight(text[:i], spaces), out)
				t.part, t.seen = afterTags, 0
				return text[i+len(closeTag):]
			case unknown:
				t.hold(text, i, out)
				return ""
			}
		}
		t.code.follow(text[i])
		t.thought = text[i]
	}
	if last {
		t.pass(strings.TrimRight(text, spaces), out)
		t.seen = 0
		return ""
	}
	t.hold(text, i, out)
	return ""
}

// hold passes on what is certain to be thinking and keeps the rest: from the white space before seen on.
func (t *tags) hold(text string, seen int, out *outlet) {
	end := len(strings.TrimRight(text[:seen], spaces))
	t.pass(text[:end], out)
	t.held, t.seen = text[end:], seen-end
}

func (t *tags) pass(thinking string, out *outlet) {
	if !t.begun {
		thinking = strings.TrimLeft(thinking, spaces)
	}
	t.begun = t.begun || thinking != ""
	out.say(chat.ThinkingDelta, thinking)
}

// verdict is what can be said already.
type verdict uint8

const (
	no verdict = iota
	unknown
	yes
)

// closes tells whether text, which begins with <, begins with the closing tag. When the text ends with the tag there is nothing to
// mention it for. Before an odd backtick a tag is in code only if another backtick follows on its line.
func (t *tags) closes(text string, last bool) verdict {
	rest, whole := strings.CutPrefix(text, closeTag)
	t.code.settle()
	switch {
	case !whole && strings.HasPrefix(closeTag, text) && !last:
		return unknown
	case !whole:
		return no
	case last && strings.Trim(rest, spaces) == "":
		return yes
	case t.code.fenced:
		return closesFenced(rest)
	case t.code.ticked > 0:
		return closesSpan(rest, last)
	case t.thought == '"' || t.thought == '\'':
		return closesQuote(rest, t.thought)
	default:
		return yes
	}
}

// closesFenced decides about a tag between code fences: it is code, unless nothing at all follows.
func closesFenced(rest string) verdict {
	if strings.Trim(rest, spaces) == "" {
		return unknown
	}
	return no
}

// closesQuote decides about a tag after a quotation mark: another one mentions it.
func closesQuote(rest string, mark byte) verdict {
	switch {
	case rest == "":
		return unknown
	case rest[0] == mark:
		return no
	default:
		return yes
	}
}

// closesSpan decides about a tag after an odd backtick by the rest of its line.
func closesSpan(rest string, last bool) verdict {
	switch i := strings.IndexAny(rest, "`\n"); {
	case i >= 0 && rest[i] == '`':
		return no
	case i >= 0 || last:
		return yes
	default:
		return unknown
	}
}
