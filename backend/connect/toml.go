package connect

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// tomlText is TOML. A path of one name is a key before the first table; a longer one is a table, whose raw text begins with its header.
type tomlText struct{}

func (tomlText) decode(text []byte) (tree, error) {
	_, rest := split(text)
	var decoded any
	if err := toml.Unmarshal(rest, &decoded); err != nil {
		if where, ok := err.(*toml.DecodeError); ok {
			row, column := where.Position()
			return tree{}, fmt.Errorf("line %d, column %d: %w", row, column, parseWords(err))
		}
		return tree{}, parseWords(err)
	}
	return treeOf(decoded), nil
}

// render writes what the tools need: texts and numbers. TOML reads JSON's strings.
func (tomlText) render(value any) string {
	return strings.ReplaceAll(jsonc{}.render(value), "\u007f", `\u007f`)
}

func (t tomlText) find(text []byte, path []string) (string, bool, error) {
	mark, rest := split(text)
	document, err := t.decode(text)
	if err != nil {
		return "", false, err
	}
	found := statements(rest)
	if len(path) == 1 {
		if key, ok := rootKey(found, path[0]); ok {
			return string(text[len(mark)+key.value : len(mark)+key.end]), true, nil
		}
	} else if tables := sections(rest, found, path); len(tables) > 0 {
		return joined(rest, tables), true, nil
	}
	if document.at(path...).there() {
		return "", false, unsuited("%s is not where it is expected", strings.Join(path, "."))
	}
	return "", false, nil
}

func rootKey(all []statement, name string) (statement, bool) {
	for _, s := range all {
		if s.header {
			break
		}
		if slices.Equal(s.path, []string{name}) {
			return s, true
		}
	}
	return statement{}, false
}

// span is a part of a text.
type span struct{ from, to int }

// sections are the tables at a path and below it, each from its header to the end of its last line. Lines between tables belong to neither.
func sections(text []byte, all []statement, path []string) []span {
	var found []span
	inside := false
	for _, s := range all {
		if s.header {
			if inside = len(s.path) >= len(path) && slices.Equal(s.path[:len(path)], path); inside {
				found = append(found, span{from: s.from})
			}
		}
		if inside {
			found[len(found)-1].to = afterLine(text, s.to)
		}
	}
	return found
}

// afterLine is where the next line begins.
func afterLine(text []byte, from int) int { return min(lineEnd(text, from)+1, len(text)) }

func joined(text []byte, spans []span) string {
	var all strings.Builder
	for _, s := range spans {
		all.Write(text[s.from:s.to])
	}
	return strings.TrimRight(all.String(), "\r\n")
}

func (t tomlText) put(text []byte, path []string, raw string) ([]byte, error) {
	mark, rest := split(text)
	_, there, err := t.find(text, path)
	if err != nil {
		return nil, err
	}
	found, ending := statements(rest), newline(rest)
	switch {
	case len(path) == 1 && there:
		key, _ := rootKey(found, path[0])
		rest = splice(rest, key.value, key.end, raw)
	case len(path) == 1:
		rest = addKey(rest, found, path[0]+" = "+raw, ending)
	default:
		raw = withNewlines(strings.ReplaceAll(raw, "\r\n", "\n"), ending)
		rest = putSection(rest, sections(rest, found, path), raw, ending)
	}
	return append(bytes.Clone(mark), rest...), nil
}

// addKey adds a key before the first table.
func addKey(text []byte, all []statement, line, ending string) []byte {
	last := -1
	for _, s := range all {
		if s.header {
			break
		}
		last = s.to
	}
	switch {
	case last < 0 && len(bytes.TrimSpace(text)) == 0:
		return splice(text, 0, 0, line+ending)
	case last < 0:
		return splice(text, 0, 0, line+ending+ending)
	}
	if end := lineEnd(text, last); end < len(text) {
		return splice(text, end+1, end+1, line+ending)
	}
	return splice(text, len(text), len(text), ending+line)
}

func (t tomlText) drop(text []byte, path []string) ([]byte, error) {
	mark, rest := split(text)
	if _, there, err := t.find(text, path); err != nil || !there {
		return text, err
	}
	found := statements(rest)
	if len(path) == 1 {
		key, _ := rootKey(found, path[0])
		rest = dropKey(rest, found, key)
	} else {
		for _, section := range slices.Backward(sections(rest, found, path)) {
			rest = cutSection(rest, section)
		}
	}
	return append(bytes.Clone(mark), rest...), nil
}

// tidy has nothing to do: a table says all the names that lead to it.
func (tomlText) tidy(text []byte, _ []string) ([]byte, error) { return text, nil }

func dropKey(text []byte, all []statement, key statement) []byte {
	from := bytes.LastIndexByte(text[:key.from], '\n') + 1
	to := lineEnd(text, key.to)
	if to == len(text) {
		return text[:len(bytes.TrimSuffix(bytes.TrimSuffix(text[:from], []byte("\n")), []byte("\r")))]
	}
	to++
	onlyKey := len(all) == 1 || all[1].header
	if rest := text[to:]; from == 0 && onlyKey && (bytes.HasPrefix(rest, []byte("\n")) || bytes.HasPrefix(rest, []byte("\r\n"))) {
		to = afterLine(text, to)
	}
	return splice(text, from, to, "")
}
