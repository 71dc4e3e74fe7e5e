package backend_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// changed is a body with one to three changes of its members, its bytes, or both.
func changed(random *rand.Rand, body []byte) (result []byte, how string) {
	c := changer{Rand: random}
	if err := json.Unmarshal(body, &c.root); err != nil {
		panic(err)
	}
	for range c.IntN(4) {
		c.member()
	}
	result = c.encode()
	if c.IntN(4) == 0 {
		result = c.text(result)
	}
	return result, strings.Join(c.how, ", ")
}

type changer struct {
	*rand.Rand
	root any
	how  []string
}

func (c *changer) note(format string, args ...any) {
	c.how = append(c.how, fmt.Sprintf(format, args...))
}

// raw are values that an encoder would not write. They stand in the tree under their names and are put in at the end.
func raw() map[string]string {
	return map[string]string{
		"@deep array@":     strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
		"@deep object@":    strings.Repeat(`{"type":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		"@deep text@":      strings.Repeat(`{"content":[`, 3000) + `"x"` + strings.Repeat("]}", 3000),
		"@surrogate@":      `"a \ud83d b \udc00 \ude00\ud83d c"`,
		"@escapes@":        `"\u0000\u2028\u0085\ufeff\uffff"`,
		"@bad UTF-8@":      "\"\xff\xfe\xc3(\"",
		"@twice@":          `{"type":"text","type":"image","text":"a","text":"b"}`,
		"@huge number@":    `1e400`,
		"@long number@":    strings.Repeat("9", 400),
		"@fraction@":       `-0.000000000000000000001`,
		"@long text@":      `"` + strings.Repeat("long ", 20_000) + `"`,
		"@many items@":     "[" + strings.Repeat("{},", 5000) + "{}]",
		"@object in text@": `"{\"a\":{\"b\":[1,2"`,
	}
}

func (c *changer) value() any {
	values := []any{nil, true, false, 0.0, -1.0, 1.5, 1e18, "", " ", "x", "auto", "user", "assistant", "system", "tool", "text", []any{}, map[string]any{}, []any{nil}, []any{"x"},
		[]any{map[string]any{}}, map[string]any{"type": "text", "text": "hi"}, map[string]any{"type": "image_url", "image_url": "x"}, "data:image/png;base64,AAAA"}
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range raw() {
			if !yield(name) {
				return
			}
		}
	})
	if c.IntN(4) == 0 {
		return names[c.IntN(len(names))]
	}
	return values[c.IntN(len(values))]
}

// place is a member or an element, with what can be done to it.
type place struct {
	path  string
	value any
	set   func(any)
	drop  func()
}

func (c *changer) places() []place {
	all := []place{{"the body", c.root, func(v any) { c.root = v }, func() { c.root = nil }}}
	for i := 0; i < len(all); i++ {
		at := all[i]
		switch in := at.value.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(func(yield func(string) bool) {
				for name := range in {
					if !yield(name) {
						return
					}
				}
			}) {
				all = append(all, place{at.path + "." + name, in[name], func(v any) { in[name] = v }, func() { delete(in, name) }})
			}
		case []any:
			for n := range in {
				all = append(all, place{at.path + "." + strconv.Itoa(n), in[n], func(v any) { in[n] = v }, func() { at.set(slices.Delete(slices.Clone(in), n, n+1)) }})
			}
		}
	}
	return all
}

func (c *changer) member() {
	all := c.places()
	at := all[c.IntN(min(len(all), 1<<(1+c.IntN(10))))] // those near the top more often: most are deep in schemas
	other := all[c.IntN(len(all))]
	switch c.IntN(7) {
	case 0:
		at.drop()
		c.note("%s is gone", at.path)
	case 1, 2:
		value := c.value()
		at.set(value)
		c.note("%s is %.30v", at.path, value)
	case 3:
		at.set(copied(other.value))
		c.note("%s is %s", at.path, other.path)
	case 4:
		at.set([]any{at.value})
		c.note("%s is in an array", at.path)
	case 5:
		if list, ok := at.value.([]any); ok && len(list) > 0 {
			list = append(slices.Clone(list), copied(list[c.IntN(len(list))]))
			c.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			at.set(list)
			c.note("%s is shuffled, with one twice", at.path)
		}
	case 6:
		if object, ok := at.value.(map[string]any); ok {
			name := [...]string{"never_heard_of", "type", "content", "role", "id", "name", "input", "tool_calls", "call_id", "cache_control"}[c.IntN(10)]
			object[name] = c.value()
			c.note("%s has %s, %.30v", at.path, name, object[name])
		}
	}
}

// copied is a value that shares nothing with the first, so that no tree contains itself.
func copied(value any) any {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	var again any
	if err := json.Unmarshal(encoded, &again); err != nil {
		panic(err)
	}
	return again
}

func (c *changer) encode() []byte {
	encoded, err := json.Marshal(c.root)
	if err != nil {
		panic(err)
	}
	for name, value := range raw() {
		encoded = bytes.ReplaceAll(encoded, []byte(`"`+name+`"`), []byte(value))
	}
	return encoded
}

// text changes bytes.
func (c *changer) text(body []byte) []byte {
	at := c.IntN(len(body))
	switch c.IntN(7) {
	case 0:
		c.note("cut at %d", at)
		return body[:at]
	case 1:
		c.note("bit flipped at %d", at)
		changed := slices.Clone(body)
		changed[at] ^= 1 << c.IntN(8)
		return changed
	case 2:
		c.note("something inserted at %d", at)
		return slices.Insert(slices.Clone(body), at, []byte([...]string{"\x00", "\xff", "{", "]", `"`, `\`, ",", "\n", "null"}[c.IntN(9)])...)
	case 3:
		c.note("something after its end")
		return append(slices.Clone(body), [...]string{"{}", " \n", "x", "\x00", "]"}[c.IntN(5)]...)
	case 4:
		c.note("a byte order mark")
		return append([]byte("\ufeff"), body...)
	case 5:
		c.note("members twice")
		return bytes.Replace(body, []byte("{"), []byte(`{"model":"claude-haiku-4.5","stream":false,"messages":null,"input":null,`), 1)
	default:
		c.note("a piece twice")
		return append(slices.Clone(body[:at]), body[at/2:]...)
	}
}
