package backend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// madeUp are members that are new with every request, or belong to an account.
var madeUp = []string{"conversationId", "profileArn", "origin"}

// compareJSON says where two texts differ as JSON: in which line, when both are written with one member a line, in order.
func compareJSON(before, after []byte) []string {
	a, err := jsonLines(before)
	if err != nil {
		return []string{"the capture has no JSON: " + err.Error()}
	}
	b, err := jsonLines(after)
	if err != nil {
		return []string{"no JSON was sent: " + err.Error()}
	}
	return firstDifference(a, b)
}

func jsonLines(text []byte) ([]string, error) {
	value := jsontext.Value(slices.Clone(text))
	if err := value.Canonicalize(); err != nil {
		return nil, err
	}
	if err := value.Indent(jsontext.WithIndent(" ")); err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(value)) {
		line = strings.TrimRight(strings.TrimSpace(line), ",")
		if !slices.ContainsFunc(madeUp, func(name string) bool { return strings.HasPrefix(line, `"`+name+`":`) }) {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// firstDifference shows the first line that differs, from shortly before where it does.
func firstDifference(before, after []string) []string {
	for i := range min(len(before), len(after)) {
		if a, b := before[i], after[i]; a != b {
			from := 0
			for from < min(len(a), len(b)) && a[from] == b[from] {
				from++
			}
			return []string{fmt.Sprintf("line %d differs:\n  - %s\n  + %s", i+1, excerptFrom(a, from), excerptFrom(b, from))}
		}
	}
	if len(before) != len(after) {
		return []string{fmt.Sprintf("there are %d lines, not %d", len(after), len(before))}
	}
	return nil
}

func answerLines(body []byte) []string {
	var lines []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !keepsAlive(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// excerptFrom is a part of a text that begins shortly before a place.
func excerptFrom(text string, place int) string {
	const before, most = 60, 200
	from := max(0, min(place, len(text))-before)
	part := text[from:min(len(text), from+most)]
	if from > 0 {
		part = "..." + part
	}
	if from+most < len(text) {
		part += "..."
	}
	return strings.ToValidUTF8(part, "")
}

// keepsAlive tells the lines that come as often as an answer takes long.
func keepsAlive(line string) bool {
	return slices.ContainsFunc([]string{":", "event: ping", `data: {"type":"ping"}`, "event: response.in_progress", `data: {"type":"response.in_progress"`},
		func(start string) bool { return strings.HasPrefix(line, start) })
}
