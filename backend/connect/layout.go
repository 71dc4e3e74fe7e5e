package connect

import (
	"bytes"
	"encoding/json"
	"strings"
)

// layout is how an object is written.
type layout struct {
	ending string // of lines
	unit   string // one step of indentation
	indent string // before the object's members
	inline bool   // members stand on one line
}

func layoutOf(text []byte, place reached) layout {
	l := layout{ending: newline(text), unit: indentOf(text)}
	l.indent = strings.Repeat(l.unit, place.depth+1)
	if len(place.object.Members) > 0 {
		first := place.object.Members[0].Name
		before := text[place.start+1 : first.StartOffset]
		line := before[bytes.LastIndexByte(before, '\n')+1:]
		if l.inline = len(line) == len(before); !l.inline && len(bytes.TrimLeft(line, " \t")) == 0 {
			l.indent = string(line)
		}
	}
	return l
}

// indentOf is the indentation of the first line that has one.
func indentOf(text []byte) string {
	for line := range bytes.Lines(text) {
		if rest := bytes.TrimLeft(line, " \t"); len(rest) > 0 && len(rest) < len(line) && (rest[0] == '"' || rest[0] == '/') {
			return string(line[:len(line)-len(rest)])
		}
	}
	return "  "
}

// spread writes a value over several lines, where the object's members stand on lines of their own. What was restored keeps its own form.
func (l layout) spread(raw string) string {
	if l.inline || !json.Valid([]byte(raw)) || strings.Contains(raw, "\n") {
		return raw
	}
	var spread bytes.Buffer
	if err := json.Indent(&spread, []byte(raw), l.indent, l.unit); err != nil {
		return raw
	}
	return withNewlines(spread.String(), l.ending)
}

// insert puts a member at an object's end.
func (l layout) insert(text []byte, place reached, member string) []byte {
	members := place.object.Members
	if len(members) == 0 {
		inside := text[place.start+1 : place.end-1]
		closing := ""
		if len(inside) == 0 {
			closing = l.ending + strings.TrimSuffix(l.indent, l.unit)
		}
		return splice(text, place.start+1, place.start+1, l.ending+l.indent+member+closing)
	}
	last := members[len(members)-1].Value.EndOffset
	if comma := skipExtra(text, last); text[comma] == ',' {
		end := sameLine(text, comma+1)
		return splice(text, end, end, l.gap(text[comma+1:end])+member+",")
	}
	end := sameLine(text, last)
	return splice(splice(text, end, end, l.gap(text[last:end])+member), last, last, ",")
}

// gap stands between a member, with the comment after it, and the next.
func (l layout) gap(comment []byte) string {
	if l.inline && !bytes.Contains(comment, []byte("//")) {
		return " "
	}
	return l.ending + l.indent
}

// skipExtra is where the white space and comments that begin somewhere end. The text is valid.
func skipExtra(text []byte, from int) int {
	for from < len(text) {
		switch {
		case bytes.IndexByte([]byte(" \t\r\n"), text[from]) >= 0:
			from++
		case bytes.HasPrefix(text[from:], []byte("//")):
			from = lineEnd(text, from)
		case bytes.HasPrefix(text[from:], []byte("/*")):
			from += 4 + max(0, bytes.Index(text[from+2:], []byte("*/")))
		default:
			return from
		}
	}
	return from
}

func lineEnd(text []byte, from int) int {
	if length := bytes.IndexByte(text[from:], '\n'); length >= 0 {
		return from + length
	}
	return len(text)
}

// sameLine is the end of a comment that follows on the same line; where it began if there is none.
func sameLine(text []byte, from int) int {
	end := from
	for end < len(text) && (text[end] == ' ' || text[end] == '\t') {
		end++
	}
	switch {
	case bytes.HasPrefix(text[end:], []byte("//")):
		stop := lineEnd(text, end)
		if stop > end && text[stop-1] == '\r' {
			stop--
		}
		return stop
	case bytes.HasPrefix(text[end:], []byte("/*")):
		return end + 4 + max(0, bytes.Index(text[end+2:], []byte("*/")))
	}
	return from
}
