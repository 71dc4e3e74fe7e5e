package anthropic

import (
	"encoding/base64"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

const textPlain = "text/plain"

func (b *block) image(blocks []chat.Block) []chat.Block {
	switch b.sourceType() {
	case "base64":
		return append(blocks, chat.Image{MediaType: b.mediaType(), Data: b.base64()})
	case "url":
		return append(blocks, chat.Image{URL: b.webAddress()})
	case "file":
		b.spoil("source.file_id", "names an uploaded file, but nothing can be uploaded here; send the image as base64")
	default:
		b.spoil("source.type", "must be base64 or url")
	}
	return blocks
}

func (b *block) document(blocks []chat.Block) []chat.Block {
	blocks = appendText(blocks, b.read("context", &b.Context))
	document := chat.Document{Title: b.read("title", &b.Title)}
	switch s := &b.Source; b.sourceType() {
	case "base64":
		document.MediaType, document.Data = b.mediaType(), b.base64()
		readText(&document)
	case "text":
		document.MediaType, document.Text = textPlain, b.read("source.data", &s.Data)
	case "content":
		b.inherit(s.Content.check("source.content"))
		document.MediaType, document.Text = textPlain, words(s.Content.blocks)
		return appendImages(append(blocks, document), s.Content.blocks)
	case "url":
		document.URL = b.webAddress()
	case "file":
		b.spoil("source.file_id", "names an uploaded file, but nothing can be uploaded here; send the document as base64 or text")
	default:
		b.spoil("source.type", "must be base64, text, content or url")
	}
	return append(blocks, document)
}

// webAddress is where the content is.
func (b *block) webAddress() string {
	url := b.need("source.url", &b.Source.URL)
	if scheme, _, _ := strings.Cut(strings.ToLower(url), ":"); scheme != "http" && scheme != "https" {
		b.spoil("source.url", "must be an http or https address; send the content itself as base64")
	}
	return url
}

func (b *block) sourceType() string {
	if b.Source.kind != jsontext.KindBeginObject {
		b.spoil("source", "must be an object")
	}
	return b.need("source.type", &b.Source.Type)
}

func (b *block) mediaType() string { return b.read("source.media_type", &b.Source.MediaType) }

func (b *block) base64() string {
	data, ok := lenient.Base64(b.need("source.data", &b.Source.Data))
	if !ok {
		b.spoil("source.data", "is not base64")
	}
	return data
}

// readText holds a file as text where it can be read as such.
func readText(document *chat.Document) {
	if !strings.HasPrefix(document.MediaType, "text/") && document.MediaType != "application/json" {
		return
	}
	if text, err := base64.StdEncoding.DecodeString(document.Data); err == nil {
		document.Text, document.Data = strings.ToValidUTF8(string(text), "\uFFFD"), ""
	}
}

func appendImages(blocks, from []chat.Block) []chat.Block {
	for _, block := range from {
		if image, ok := block.(chat.Image); ok {
			blocks = append(blocks, image)
		}
	}
	return blocks
}
