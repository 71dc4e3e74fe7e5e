package connect

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlText is YAML. A path is the name of a list at the root and the name of an item in it, whose raw text begins with its dash.
type yamlText struct{}

// oddBreaks end a line for YAML and for nothing else here.
var oddBreaks = regexp.MustCompile("\r(?:[^\n]|$)|\u0085|\u2028|\u2029")

func (yamlText) decode(text []byte) (tree, error) {
	_, rest := split(text)
	decoder := yaml.NewDecoder(bytes.NewReader(rest))
	var decoded any
	if err := decoder.Decode(&decoded); err != nil && !errors.Is(err, io.EOF) {
		return tree{}, err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return tree{}, unsuited("it has several documents")
	}
	document := treeOf(decoded)
	switch {
	case !document.there():
		return mapping(map[string]tree{}), nil
	case document.members == nil:
		return tree{}, unsuited("it is not a mapping")
	default:
		return document, nil
	}
}

func (yamlText) render(value any) string { return jsonc{}.render(value) }

func (y yamlText) find(text []byte, path []string) (string, bool, error) {
	_, rest := split(text)
	l, err := openList(rest, path)
	if err != nil || l.item == nil {
		return "", false, err
	}
	at, err := l.span(l.item)
	if err != nil {
		return "", false, err
	}
	return dedent(rest, at), true, nil
}

// dedent is an item's text with the dash at the first column, without the last line's end.
func dedent(text []byte, at span) string {
	indent := bytes.Repeat([]byte(" "), at.from-(bytes.LastIndexByte(text[:at.from], '\n')+1))
	var plain strings.Builder
	for line := range bytes.Lines(text[at.from:at.to]) {
		plain.Write(bytes.TrimPrefix(line, indent))
	}
	return strings.TrimRight(plain.String(), "\r\n")
}

// indented is an item's text as it stands in a list, its first line excepted.
func indented(raw string, indent int, ending string) string {
	lines := strings.Split(strings.ReplaceAll(raw, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if i > 0 && line != "" {
			lines[i] = strings.Repeat(" ", indent) + line
		}
	}
	return strings.Join(lines, ending)
}

func (y yamlText) put(text []byte, path []string, raw string) ([]byte, error) {
	mark, rest := split(text)
	l, err := openList(rest, path)
	if err != nil {
		return nil, err
	}
	changed, err := l.put(path[0], raw, newline(rest))
	return append(bytes.Clone(mark), changed...), err
}

func (l list) put(name, raw, ending string) ([]byte, error) {
	switch {
	case l.item != nil:
		return l.replace(raw, ending)
	case l.key == nil && l.root != nil && l.root.Style&yaml.FlowStyle != 0:
		return nil, unsuited("it is written on one line")
	case l.key == nil:
		return appendLines(l.text, name+":"+ending+"  "+indented(raw, 2, ending), ending), nil
	case l.node.Kind == yaml.ScalarNode:
		after := afterLine(l.text, l.offset(l.key))
		item := "  " + indented(raw, 2, ending)
		if !bytes.HasSuffix(l.text[:after], []byte("\n")) {
			return splice(l.text, after, after, ending+item), nil
		}
		return splice(l.text, after, after, item+ending), nil
	case !l.block():
		return l.insertFlow(raw)
	default:
		return l.insertBlock(raw, ending)
	}
}

// appendLines puts lines at a text's end, which stays ended or not, as it was.
func appendLines(text []byte, lines, ending string) []byte {
	if len(text) == 0 || bytes.HasSuffix(text, []byte("\n")) {
		return append(bytes.Clone(text), lines+ending...)
	}
	return append(bytes.Clone(text), ending+lines...)
}

func (l list) replace(raw, ending string) ([]byte, error) {
	at, err := l.span(l.item)
	if err != nil {
		return nil, err
	}
	if !l.block() {
		if strings.HasPrefix(raw, "-") {
			if raw, err = flow(raw); err != nil {
				return nil, err
			}
		}
		return splice(l.text, at.from, at.to, raw), nil
	}
	indent := at.from - (bytes.LastIndexByte(l.text[:at.from], '\n') + 1)
	lines := indented(raw, indent, ending)
	if bytes.HasSuffix(l.text[:at.to], []byte("\n")) {
		lines += ending
	}
	return splice(l.text, at.from, at.to, lines), nil
}

// insertBlock puts an item first, since tools take the first for what is used.
func (l list) insertBlock(raw, ending string) ([]byte, error) {
	first, err := l.span(l.node.Content[0])
	if err != nil {
		return nil, err
	}
	begin := bytes.LastIndexByte(l.text[:first.from], '\n') + 1
	if len(bytes.TrimLeft(l.text[begin:first.from], " ")) > 0 {
		return nil, unsuited("the list begins on the line of its name")
	}
	indent := string(l.text[begin:first.from])
	return splice(l.text, begin, begin, indent+indented(raw, len(indent), ending)+ending), nil
}

func (l list) insertFlow(raw string) ([]byte, error) {
	item, err := flow(raw)
	if err != nil {
		return nil, err
	}
	if len(l.node.Content) > 0 {
		item += ", "
	}
	after := l.offset(l.node)
	if after >= len(l.text) || l.text[after] != '[' {
		return nil, unsuited("the list's beginning cannot be told")
	}
	return splice(l.text, after+1, after+1, item), nil
}

// flow is an item as it stands between brackets: YAML reads JSON there.
func flow(raw string) (string, error) {
	var items []any
	if err := yaml.Unmarshal([]byte(raw), &items); err != nil || len(items) != 1 {
		return "", unsuited("an entry cannot be written on one line")
	}
	return jsonc{}.render(items[0]), nil
}

func (y yamlText) drop(text []byte, path []string) ([]byte, error) {
	mark, rest := split(text)
	l, err := openList(rest, path)
	if err != nil || l.item == nil {
		return text, err
	}
	at, err := l.span(l.item)
	if err != nil {
		return nil, err
	}
	return append(bytes.Clone(mark), l.cut(at)...), nil
}

func (l list) cut(at span) []byte {
	if !l.block() {
		after := skipSpace(l.text, at.to)
		if after < len(l.text) && l.text[after] == ',' {
			return splice(l.text, at.from, skipSpace(l.text, after+1), "")
		}
		if l.number > 0 {
			at.from = bytes.LastIndexByte(l.text[:at.from], ',')
		}
		return splice(l.text, at.from, at.to, "")
	}
	at.from = bytes.LastIndexByte(l.text[:at.from], '\n') + 1
	if !bytes.HasSuffix(l.text[:at.to], []byte("\n")) {
		at.from = len(bytes.TrimSuffix(bytes.TrimSuffix(l.text[:at.from], []byte("\n")), []byte("\r")))
	}
	return splice(l.text, at.from, at.to, "")
}

func skipSpace(text []byte, from int) int {
	return len(text) - len(bytes.TrimLeft(text[from:], " \t\r\n"))
}

func (y yamlText) tidy(text []byte, path []string) ([]byte, error) {
	mark, rest := split(text)
	l, err := openList(rest, []string{path[0], ""})
	if err != nil {
		return text, err
	}
	return append(bytes.Clone(mark), l.dropList()...), nil
}

// dropList takes a list's name out, if it has no items.
func (l list) dropList() []byte {
	if l.key == nil || l.node.Kind != yaml.ScalarNode {
		return l.text
	}
	begin := l.lines[l.key.Line-1]
	end := afterLine(l.text, begin)
	if !bytes.HasSuffix(l.text[:end], []byte("\n")) {
		begin = len(bytes.TrimSuffix(bytes.TrimSuffix(l.text[:begin], []byte("\n")), []byte("\r")))
	}
	return splice(l.text, begin, end, "")
}
