package anthropic

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

// appendTo appends what the block means. What is wrong with it is noted in bad.
func (b *block) appendTo(blocks []chat.Block) []chat.Block {
	switch b.read("type", &b.Type) {
	case "":
		b.spoil("type", "is missing")
		return appendText(blocks, b.Text.text)
	case "text":
		return appendText(blocks, b.read("text", &b.Text))
	case "image":
		return b.image(blocks)
	case "document":
		return b.document(blocks)
	case "thinking":
		return append(blocks, chat.Thinking{Text: b.read("thinking", &b.Thinking), Signature: b.read("signature", &b.Signature)})
	case "redacted_thinking":
		return append(blocks, chat.Thinking{Signature: b.read("data", &b.Data), Redacted: true})
	case "tool_use":
		return append(blocks, chat.ToolUse{ID: b.need("id", &b.ID), Name: b.need("name", &b.Name), Input: input(b.Input)})
	case "tool_result":
		return append(blocks, b.toolResult())
	case "search_result":
		return append(blocks, b.searchResult())
	case "tool_reference":
		return appendText(blocks, "(The tool "+b.need("tool_name", &b.ToolName)+".)")
	default:
		return append(blocks, chat.Text{Text: b.leftOver()})
	}
}

// read is a member's text.
func (b *block) read(path string, member *loose) string {
	if !member.isText() {
		b.spoil(path, "must be a string%s", lenient.ButIs(member.kind))
	}
	return member.text
}

// need is read for a member that must be there.
func (b *block) need(path string, member *loose) string {
	text := b.read(path, member)
	if text == "" {
		b.spoil(path, "is missing")
	}
	return text
}

func (b *block) spoil(path, format string, args ...any) {
	if b.bad == nil {
		b.bad = defective(path, format, args...)
	}
}

func (b *block) inherit(bad *defect) {
	if b.bad == nil {
		b.bad = bad
	}
}

func (b *block) toolResult() chat.Block {
	result := chat.ToolResult{ID: b.need("tool_use_id", &b.ToolUseID), IsError: b.IsError.kind == jsontext.KindTrue}
	b.inherit(b.Content.check("content"))
	for _, inner := range b.Content.blocks {
		switch inner.(type) {
		case chat.Text, chat.Image, chat.Document:
			result.Content = append(result.Content, inner)
		}
	}
	return result
}

// searchResult makes a document of what the client found.
func (b *block) searchResult() chat.Block {
	b.inherit(b.Content.check("content"))
	if b.Source.kind == jsontext.KindBeginObject {
		b.spoil("source", "must be a string")
	}
	text := strings.Join(nonEmpty(b.Source.address, words(b.Content.blocks)), "\n\n")
	return chat.Document{Title: b.read("title", &b.Title), MediaType: textPlain, Text: text}
}

// leftOver puts a block into words that has no place in a conversation here: what a provider's own tools were asked and returned, and
// types that came after us. A history with them must not fail.
func (b *block) leftOver() string {
	kind := fmt.Sprintf("%.40s", b.Type.text)
	if strings.HasSuffix(kind, "_tool_use") {
		return "(The tool " + b.Name.text + " was called with " + string(input(b.Input)) + ".)"
	}
	text := strings.Join(nonEmpty(b.Title.text, b.URL.text, b.Text.text, b.Stdout.text, b.Stderr.text, b.ErrorCode.text,
		words(b.Content.blocks)), "\n")
	switch isResult := strings.HasSuffix(kind, "_tool_result"); {
	case isResult && text == "":
		return "(" + kind + ": nothing that can be shown here.)"
	case isResult:
		return "(" + kind + ":\n" + text + ")"
	case text == "":
		return "(A block of the type " + kind + " was left out.)"
	default:
		return text
	}
}
