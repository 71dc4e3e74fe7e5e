package connect

import (
	"bytes"
	"encoding/json"
	"strings"
)

// statement is a line or more of TOML: a table's header, or a key with its value.
type statement struct {
	header     bool
	path       []string
	from, to   int // without what follows on the line
	value, end int // of the key's value
}

// statements reads a valid text.
func statements(text []byte) []statement {
	var found []statement
	for position := 0; position < len(text); {
		position += len(text[position:]) - len(bytes.TrimLeft(text[position:], " \t\r\n"))
		if position >= len(text) {
			break
		}
		switch text[position] {
		case '#':
			position = lineEnd(text, position)
		case '[':
			end := headerEnd(text, position)
			found = append(found, statement{header: true, path: keyPath(bytes.Trim(text[position:end], "[]")), from: position, to: end})
			position = lineEnd(text, end)
		default:
			equals := keyEnd(text, position)
			value := min(equals+1, len(text))
			value += len(text[value:]) - len(bytes.TrimLeft(text[value:], " \t"))
			end := valueEnd(text, value)
			found = append(found, statement{path: keyPath(text[position:equals]), from: position, to: end, value: value, end: end})
			position = lineEnd(text, end)
		}
	}
	return found
}

// headerEnd is where the brackets of a header close.
func headerEnd(text []byte, from int) int {
	for at := from; at < len(text); at++ {
		switch text[at] {
		case '"', '\'':
			at = quoteEnd(text, at) - 1
		case ']':
			for at < len(text) && text[at] == ']' {
				at++
			}
			return at
		}
	}
	return len(text)
}

// keyEnd is the equals sign after a key.
func keyEnd(text []byte, from int) int {
	for at := from; at < len(text); at++ {
		switch text[at] {
		case '"', '\'':
			at = quoteEnd(text, at) - 1
		case '=':
			return at
		}
	}
	return len(text)
}

// valueEnd is where a value ends: at the end of its line, unless brackets or quotes are open.
func valueEnd(text []byte, from int) int {
	depth, end := 0, from
	for at := from; at < len(text); at++ {
		switch text[at] {
		case '"', '\'':
			at = quoteEnd(text, at) - 1
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '#':
			if depth == 0 {
				return end
			}
			at = lineEnd(text, at) - 1
			continue
		case '\n':
			if depth == 0 {
				return end
			}
			continue
		case ' ', '\t', '\r':
			continue
		}
		end = min(at+1, len(text))
	}
	return end
}

// quoteEnd is where a string ends that begins somewhere, of one line or several.
func quoteEnd(text []byte, from int) int {
	quote := text[from]
	triple := bytes.Repeat([]byte{quote}, 3)
	if bytes.HasPrefix(text[from:], triple) {
		for at := from + 3; at < len(text); at++ {
			if quote == '"' && text[at] == '\\' {
				at++
			} else if bytes.HasPrefix(text[at:], triple) {
				at += 3
				for extra := 0; extra < 2 && at < len(text) && text[at] == quote; extra++ {
					at++
				}
				return at
			}
		}
		return len(text)
	}
	for at := from + 1; at < len(text); at++ {
		if quote == '"' && text[at] == '\\' {
			at++
		} else if text[at] == quote {
			return at + 1
		}
	}
	return len(text)
}

// keyPath reads a key: bare and quoted names between dots.
func keyPath(text []byte) []string {
	var path []string
	for len(bytes.TrimSpace(text)) > 0 {
		text = bytes.TrimSpace(text)
		end := 0
		for end < len(text) && text[end] != '.' {
			if text[end] == '"' || text[end] == '\'' {
				end = quoteEnd(text, end)
			} else {
				end++
			}
		}
		path = append(path, unquoted(string(bytes.TrimSpace(text[:end]))))
		text = text[min(end+1, len(text)):]
	}
	return path
}

func unquoted(name string) string {
	if strings.HasPrefix(name, `"`) {
		var plain string
		if json.Unmarshal([]byte(name), &plain) == nil {
			return plain
		}
	}
	return strings.Trim(name, `"'`)
}
