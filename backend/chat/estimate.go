package chat

import (
	"bytes"
	"encoding/base64"
	"image"
	_ "image/gif"  // so that a GIF's size can be read
	_ "image/jpeg" // so that a JPEG's size can be read
	_ "image/png"  // so that a PNG's size can be read
)

// What the estimate adds besides text, in tokens: the frame around a turn, around a tool, and an image whose size cannot be read.
const (
	turnTokens  = 4
	toolTokens  = 12
	imageTokens = 1600
)

// documentBytes is how many bytes of a file in base64 count as a token: most of it is not text.
const documentBytes = 32

// Estimate guesses how many input tokens a request costs, by what its text is made of and by the area of its images. It is a pure function
// of the request.
func Estimate(r *Request) int {
	var total Tokens
	total.Add(r.System)
	fixed := turnTokens
	for _, tool := range r.Tools {
		total.Add(tool.Name)
		total.Add(tool.Description)
		total.count(tool.Schema)
		fixed += toolTokens
	}
	for _, message := range r.Messages {
		fixed += turnTokens + total.addBlocks(message.Blocks)
	}
	return fixed + total.Count()
}

// addBlocks counts the text in blocks and returns the tokens that do not come from text.
func (t *Tokens) addBlocks(blocks []Block) int {
	fixed := 0
	for _, block := range blocks {
		switch b := block.(type) {
		case Text:
			t.Add(b.Text)
		case Document:
			t.Add(b.Title)
			t.Add(b.Text)
			fixed += len(b.Data) / documentBytes
		case Image:
			fixed += areaTokens(b.Data)
		case ToolUse:
			t.Add(b.Name)
			t.count(b.Input)
			fixed += toolTokens
		case ToolResult:
			fixed += toolTokens + t.addBlocks(b.Content)
		}
	}
	return fixed
}

// areaTokens is an image's cost by Anthropic's published rule, width times height over 750, with its cap of about 1600.
func areaTokens(data string) int {
	const headerBytes = 64 << 10
	head := data[:min(len(data), headerBytes)/4*4]
	raw, err := base64.StdEncoding.DecodeString(head)
	if err != nil {
		return imageTokens
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return imageTokens
	}
	return max(1, min(imageTokens, size.Width*size.Height/750))
}
