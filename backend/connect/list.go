package connect

import (
	"bytes"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// list is the list that a path leads to.
type list struct {
	text   []byte
	lines  []int // where each begins
	root   *yaml.Node
	key    *yaml.Node // nil if there is no such list
	node   *yaml.Node
	item   *yaml.Node // nil if there is no such item
	number int        // of the item
}

func openList(text []byte, path []string) (list, error) {
	l := list{text: text, lines: []int{0}}
	if oddBreaks.Match(text) {
		return l, unsuited("it has line breaks that other programs do not know")
	}
	for at, char := range text {
		if char == '\n' {
			l.lines = append(l.lines, at+1)
		}
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil || len(document.Content) == 0 {
		return l, err
	}
	if l.root = document.Content[0]; l.root.Kind != yaml.MappingNode {
		l.root = nil
		return l, nil
	}
	for i := 0; i+1 < len(l.root.Content); i += 2 {
		if l.root.Content[i].Value == path[0] {
			l.key, l.node = l.root.Content[i], l.root.Content[i+1]
		}
	}
	return l, l.findItem(path[1])
}

func (l *list) findItem(name string) error {
	if l.node == nil || l.node.Kind == yaml.ScalarNode && l.node.Tag == "!!null" && l.node.Value == "" {
		return nil
	}
	if l.node.Kind != yaml.SequenceNode {
		return unsuited("%s is not a list", l.key.Value)
	}
	for number, item := range l.node.Content {
		for i := 0; item.Kind == yaml.MappingNode && i+1 < len(item.Content); i += 2 {
			if item.Content[i].Value == "name" && item.Content[i+1].Value == name {
				if l.item != nil {
					return unsuited("two entries are called %q", name)
				}
				l.item, l.number = item, number
			}
		}
	}
	return nil
}

// offset is where a node begins.
func (l list) offset(node *yaml.Node) int {
	at := l.lines[node.Line-1]
	for range node.Column - 1 { // columns are characters
		_, size := utf8.DecodeRune(l.text[at:])
		at += size
	}
	return at
}

// block reports whether items stand on lines of their own.
func (l list) block() bool { return l.node.Style&yaml.FlowStyle == 0 }

// span is the text of an item: in block style from its dash to the end of its last line.
func (l list) span(item *yaml.Node) (span, error) {
	start := l.offset(item)
	if !l.block() {
		end, ok := bracketEnd(l.text, start)
		if !ok {
			return span{}, unsuited("an entry's end cannot be told")
		}
		return span{start, end}, nil
	}
	dash := len(bytes.TrimRight(l.text[:start], " \t\r\n")) - 1
	if dash < 0 || l.text[dash] != '-' {
		return span{}, unsuited("an entry does not begin with a dash")
	}
	indent := dash - (bytes.LastIndexByte(l.text[:dash], '\n') + 1)
	end := afterLine(l.text, start)
	for next := end; next < len(l.text); next = afterLine(l.text, next) {
		line := bytes.TrimRight(l.text[next:afterLine(l.text, next)], "\r\n")
		words := bytes.TrimLeft(line, " ")
		if len(words) > 0 && len(line)-len(words) <= indent {
			break
		}
		if len(words) > 0 {
			end = afterLine(l.text, next)
		}
	}
	return span{dash, end}, nil
}

// bracketEnd is where a bracket that opens somewhere closes again.
func bracketEnd(text []byte, from int) (int, bool) {
	depth := 0
	for at := from; at < len(text); at++ {
		switch text[at] {
		case '"', '\'':
			at = quoteEnd(text, at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1, true
			}
		}
		if depth == 0 {
			return 0, false
		}
	}
	return 0, false
}
