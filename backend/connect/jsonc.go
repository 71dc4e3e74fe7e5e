package connect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/tailscale/hujson"
)

// jsonc is JSON, with comments and commas after the last member if the file has them.
type jsonc struct{}

func (jsonc) decode(text []byte) (tree, error) {
	_, rest := split(text)
	if len(bytes.TrimSpace(rest)) == 0 {
		return mapping(map[string]tree{}), nil
	}
	standard, err := hujson.Standardize(bytes.Clone(rest))
	if err != nil {
		return tree{}, parseWords(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(standard))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return tree{}, err
	}
	document := treeOf(decoded)
	if document.members == nil {
		return tree{}, unsuited("it is not an object")
	}
	return document, nil
}

// parseWords is a parser's error without its package's name.
func parseWords(err error) error {
	return fmt.Errorf("%s", strings.TrimPrefix(strings.TrimPrefix(err.Error(), "hujson: "), "toml: "))
}

func (jsonc) render(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // our own values, which have JSON
	return strings.TrimSuffix(text.String(), "\n")
}

func (jsonc) find(text []byte, path []string) (string, bool, error) {
	mark, rest := split(text)
	if len(bytes.TrimSpace(rest)) == 0 {
		return "", false, nil
	}
	found, err := reach(rest, path)
	if err != nil || len(found.rest) > 0 {
		return "", false, err
	}
	value := found.object.Members[found.index].Value
	return string(text[len(mark)+value.StartOffset : len(mark)+value.EndOffset]), true, nil
}

// reached is how far a path is there: the last object on it, and what of the path is not in that.
type reached struct {
	object *hujson.Object
	start  int // of the object
	end    int
	index  int      // of the member, if nothing of the path is left
	depth  int      // of the object; the root is 0
	rest   []string // from the first name that is not there
}

// reach follows a path. A name that is there twice, or leads into something that is no object, is unsuited.
func reach(text []byte, path []string) (reached, error) {
	root, err := hujson.Parse(bytes.Clone(text))
	if err != nil {
		return reached{}, parseWords(err)
	}
	value := root
	for depth, name := range path {
		object, ok := value.Value.(*hujson.Object)
		if !ok {
			return reached{}, unsuited("%s is not an object", strings.Join(path[:depth], "."))
		}
		here := reached{object: object, start: value.StartOffset, end: value.EndOffset, depth: depth, index: -1}
		for i, member := range object.Members {
			if literal, ok := member.Name.Value.(hujson.Literal); ok && literal.String() == name {
				if here.index >= 0 {
					return reached{}, unsuited("%q stands in it twice", name)
				}
				here.index = i
			}
		}
		if here.index < 0 {
			here.rest = path[depth:]
			return here, nil
		}
		if depth == len(path)-1 {
			return here, nil
		}
		value = object.Members[here.index].Value
	}
	return reached{}, unsuited("it is not an object")
}

func (j jsonc) put(text []byte, path []string, raw string) ([]byte, error) {
	mark, rest := split(text)
	if len(bytes.TrimSpace(rest)) == 0 {
		rest = append([]byte("{}"), rest...)
	}
	changed, err := j.set(rest, path, raw)
	return append(bytes.Clone(mark), changed...), err
}

func (j jsonc) set(text []byte, path []string, raw string) ([]byte, error) {
	place, err := reach(text, path)
	if err != nil {
		return nil, err
	}
	layout := layoutOf(text, place)
	if len(place.rest) == 0 {
		value := place.object.Members[place.index].Value
		return splice(text, value.StartOffset, value.EndOffset, layout.spread(raw)), nil
	}
	for i := len(place.rest) - 1; i > 0; i-- {
		raw = "{" + j.render(place.rest[i]) + ":" + raw + "}"
	}
	return layout.insert(text, place, j.render(place.rest[0])+": "+layout.spread(raw)), nil
}

func (jsonc) drop(text []byte, path []string) ([]byte, error) {
	mark, rest := split(text)
	place, err := reach(rest, path)
	if err != nil {
		return nil, err
	}
	if len(place.rest) > 0 {
		return text, nil
	}
	return append(bytes.Clone(mark), place.dropMember(rest)...), nil
}

func (j jsonc) tidy(text []byte, path []string) ([]byte, error) {
	raw, there, err := j.find(text, path)
	if err != nil || !there || strings.Join(strings.Fields(raw), "") != "{}" {
		return text, err
	}
	return j.drop(text, path)
}

func (p reached) dropMember(text []byte) []byte {
	members := p.object.Members
	member := members[p.index]
	from, to := spaceBefore(text, member.Name.StartOffset), member.Value.EndOffset
	after := skipExtra(text, to)
	if alone := len(members) == 1 && from == p.start+1 && text[after] == '}'; alone && closingLine.Match(text[to:after]) {
		return splice(text, from, after, "")
	}
	if text[after] == ',' {
		return splice(splice(text, after, after+1, ""), from, to, "")
	}
	text = splice(text, from, to, "")
	if p.index == 0 {
		return text
	}
	comma := skipExtra(text, members[p.index-1].Value.EndOffset)
	return splice(text, comma, comma+1, "")
}

// closingLine is what is put after the first member of an empty object.
var closingLine = regexp.MustCompile(`^\r?\n[ \t]*$`)

// spaceBefore is where the white space that ends somewhere begins, up to the end of the line before.
func spaceBefore(text []byte, end int) int {
	before := bytes.TrimRight(text[:end], " \t")
	return len(bytes.TrimSuffix(bytes.TrimSuffix(before, []byte("\n")), []byte("\r")))
}
