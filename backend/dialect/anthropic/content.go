package anthropic

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

// content is a string or an array of blocks, or, in what server tools return, one block. It remembers what is wrong with it instead of
// refusing it, because a block of a type that we do not know may hold anything.
type content struct {
	kind   jsontext.Kind // of the value; 0 if the member is missing
	blocks []chat.Block
	bad    *defect // the first, with a path that begins inside the content
}

func (c *content) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*c = content{kind: d.PeekKind()}
	switch c.kind {
	case jsontext.KindString:
		var whole loose
		err := whole.UnmarshalJSONFrom(d)
		c.blocks = appendText(nil, whole.text)
		return err
	case jsontext.KindBeginArray:
		return c.elements(d)
	case jsontext.KindBeginObject:
		return c.element(d, new(block), "")
	default:
		return d.SkipValue()
	}
}

func (c *content) elements(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	one := new(block) // for all of them: blocks are large, and there may be very many
	for i := 0; d.PeekKind() != jsontext.KindEndArray; i++ {
		if err := c.element(d, one, strconv.Itoa(i)); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// element reads a block into one and keeps what it means.
func (c *content) element(d *jsontext.Decoder, one *block, path string) error {
	kind := d.PeekKind()
	if kind != jsontext.KindBeginObject {
		if kind != jsontext.KindNull {
			c.spoil(defective("", "must be an object%s", lenient.ButIs(kind)).under(path))
		}
		return d.SkipValue()
	}
	*one = block{}
	if err := json.UnmarshalDecode(d, one); err != nil {
		return err
	}
	if c.blocks = one.appendTo(c.blocks); one.bad != nil {
		c.spoil(one.bad.under(path))
	}
	return nil
}

func (c *content) spoil(bad *defect) {
	if c.bad == nil {
		c.bad = bad
	}
}

// check says what is wrong with content that must be a string or blocks, or missing.
func (c *content) check(path string) *defect {
	switch c.kind {
	case jsontext.KindInvalid, jsontext.KindNull, jsontext.KindString, jsontext.KindBeginArray:
		if c.bad != nil {
			return c.bad.under(path)
		}
		return nil
	default:
		return defective(path, "must be a string or an array of blocks%s", lenient.ButIs(c.kind))
	}
}

// words are the texts in blocks, each in a line of its own.
func words(blocks []chat.Block) string {
	var texts []string
	for _, block := range blocks {
		switch b := block.(type) {
		case chat.Text:
			texts = append(texts, b.Text)
		case chat.Document:
			texts = append(texts, nonEmpty(b.Title, b.Text)...)
		}
	}
	return strings.Join(texts, "\n")
}

func nonEmpty(texts ...string) []string {
	var found []string
	for _, text := range texts {
		if text != "" {
			found = append(found, text)
		}
	}
	return found
}

func appendText(blocks []chat.Block, text string) []chat.Block {
	if text == "" {
		return blocks
	}
	return append(blocks, chat.Text{Text: text})
}
