package connect

import (
	"fmt"
	"regexp"
	"strings"
)

// Patterns of what must not be shown: values under names that speak of secrets, and texts that look like keys.
var (
	secretMember = regexp.MustCompile(`(?i)([\w-]*(?:key|token|secret|password|passwd|authorization|credential)s?["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|(?:(?:bearer|basic)\s+)?[^\s,"'}\]#]+)`)
	secretURL    = regexp.MustCompile(`://[^/\s@"']+@`)
	secretRun    = regexp.MustCompile(`\b[0-9A-Za-z_-]{40,}`)
	secretText   = regexp.MustCompile(`\b(amq|sk|pk|gh[pousr]|xox[abp]|AKIA|AIza|eyJ)([-_]?)[0-9A-Za-z_.-]{12,}`)
	number       = regexp.MustCompile(`^["']?\d{1,9}["']?$`)
)

const masked = "••••••••"

// mask takes what looks like a secret out of a text that is shown.
func mask(text string) string {
	text = secretMember.ReplaceAllStringFunc(text, func(member string) string {
		parts := secretMember.FindStringSubmatch(member)
		value := parts[2]
		if number.MatchString(value) || value == `""` || value == "''" || value == "true" || value == "false" || value == "null" || strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") {
			return member
		}
		quote := ""
		if value[0] == '"' || value[0] == '\'' {
			quote = value[:1]
		}
		return parts[1] + quote + masked + quote
	})
	text = secretText.ReplaceAllString(text, "$1$2"+masked)
	return secretRun.ReplaceAllString(secretURL.ReplaceAllString(text, "://"+masked+"@"), masked)
}

// around is how many lines are shown before and after a change.
const around = 3

// diff is what changes in a file, as a unified diff with secrets masked; empty if nothing does.
func diff(path string, before, after []byte) string {
	steps := compare(lines(before), lines(after))
	var shown strings.Builder
	for from := 0; from < len(steps); {
		if steps[from].kind == ' ' {
			from++
			continue
		}
		begin, end := max(0, from-around), hunkEnd(steps, from)
		writeHunk(&shown, steps, begin, end)
		from = end
	}
	if shown.Len() == 0 {
		return ""
	}
	return "--- " + path + "\n+++ " + path + "\n" + shown.String()
}

// step is a line that stays, goes or comes.
type step struct {
	kind byte // ' ', '-' or '+'
	line string
}

// hunkEnd is where changes that begin somewhere have so many equal lines after them that they need not be shown together with the next.
func hunkEnd(steps []step, from int) int {
	last := from
	for at := from; at < len(steps) && at-last <= 2*around; at++ {
		if steps[at].kind != ' ' {
			last = at
		}
	}
	return min(last+1+around, len(steps))
}

func writeHunk(into *strings.Builder, steps []step, begin, end int) {
	oldLine, newLine := 1, 1
	for _, s := range steps[:begin] {
		oldLine, newLine = oldLine+counts(s, '-'), newLine+counts(s, '+')
	}
	var olds, news int
	for _, s := range steps[begin:end] {
		olds, news = olds+counts(s, '-'), news+counts(s, '+')
	}
	fmt.Fprintf(into, "@@ -%d,%d +%d,%d @@\n", startLine(oldLine, olds), olds, startLine(newLine, news), news)
	for _, s := range steps[begin:end] {
		into.WriteByte(s.kind)
		into.WriteString(mask(strings.TrimRight(s.line, "\r\n")) + "\n")
		if !strings.HasSuffix(s.line, "\n") {
			into.WriteString("\\ No newline at end of file\n")
		}
	}
}

// counts is 1 if a line is on the side that the kind names.
func counts(s step, side byte) int {
	if s.kind == ' ' || s.kind == side {
		return 1
	}
	return 0
}

func startLine(line, count int) int {
	if count == 0 {
		return line - 1
	}
	return line
}

func lines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.SplitAfter(strings.TrimSuffix(string(text), "\n")+ended(text), "\n")[:lineCount(text)]
}

func ended(text []byte) string {
	if text[len(text)-1] == '\n' {
		return "\n"
	}
	return ""
}

func lineCount(text []byte) int {
	count := strings.Count(string(text), "\n")
	if text[len(text)-1] != '\n' {
		count++
	}
	return count
}

// maxEdits bounds how long two texts are compared; texts that differ in more lines are shown as replaced.
const maxEdits = 400

// compare finds the fewest lines that go and come (Myers' greedy algorithm).
func compare(before, after []string) []step {
	reach := map[int]int{1: 0} // how far each diagonal has come in before
	var trace []map[int]int
	for edits := 0; edits <= min(len(before)+len(after), maxEdits); edits++ {
		row := make(map[int]int, edits+1)
		for k := -edits; k <= edits; k += 2 {
			x := reach[k-1] + 1
			if k == -edits || k != edits && reach[k-1] < reach[k+1] {
				x = reach[k+1]
			}
			for x < len(before) && x-k < len(after) && before[x] == after[x-k] {
				x++
			}
			row[k], reach[k] = x, x
			if x >= len(before) && x-k >= len(after) {
				return walkBack(before, after, append(trace, row))
			}
		}
		trace = append(trace, row)
	}
	return replaced(before, after)
}

func walkBack(before, after []string, trace []map[int]int) []step {
	x, y := len(before), len(after)
	var steps []step
	for edits := len(trace) - 1; edits >= 0; edits-- {
		k := x - y
		fromX, fromY := 0, 0
		if edits > 0 {
			earlier := trace[edits-1]
			from := k - 1
			if k == -edits || k != edits && earlier[k-1] < earlier[k+1] {
				from = k + 1
			}
			fromX, fromY = earlier[from], earlier[from]-from
		}
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			steps = append(steps, step{' ', before[x]})
		}
		switch {
		case edits == 0:
		case x > fromX:
			x--
			steps = append(steps, step{'-', before[x]})
		case y > fromY:
			y--
			steps = append(steps, step{'+', after[y]})
		}
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	return steps
}

func replaced(before, after []string) []step {
	var steps []step
	for _, line := range before {
		steps = append(steps, step{'-', line})
	}
	for _, line := range after {
		steps = append(steps, step{'+', line})
	}
	return steps
}
