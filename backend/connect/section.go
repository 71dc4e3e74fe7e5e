package connect

import (
	"bytes"
	"slices"
)

// putSection has a section of ours stand where it was, or at a text's end after an empty line.
func putSection(text []byte, there []span, raw, ending string) []byte {
	if len(there) == 0 {
		return appendSection(text, raw, ending)
	}
	for _, extra := range slices.Backward(there[1:]) {
		text = splice(text, extra.from, extra.to, "")
	}
	if first := there[0]; bytes.HasSuffix(text[first.from:first.to], []byte("\n")) {
		raw += ending
	}
	return splice(text, there[0].from, there[0].to, raw)
}

// appendSection keeps a text's last line ended, or not, as it is.
func appendSection(text []byte, raw, ending string) []byte {
	switch {
	case len(text) == 0:
		return []byte(raw + ending)
	case bytes.HasSuffix(text, []byte("\n")):
		return append(bytes.Clone(text), ending+raw+ending...)
	default:
		return append(bytes.Clone(text), ending+ending+raw...)
	}
}

// cutSection takes a section out, with the empty line that was put before it.
func cutSection(text []byte, section span) []byte {
	from := section.from
	breaks := 1 // of the empty line
	if section.to == len(text) && !bytes.HasSuffix(text, []byte("\n")) {
		breaks = 2 // and that of the line before
	}
	for range breaks {
		before := bytes.TrimSuffix(bytes.TrimSuffix(text[:from], []byte("\n")), []byte("\r"))
		if breaks == 1 && len(before) > 0 && before[len(before)-1] != '\n' {
			break
		}
		from = len(before)
	}
	return splice(text, from, section.to, "")
}
