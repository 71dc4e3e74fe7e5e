package chat

import (
	"bytes"
	"encoding/base64"
	"image"
	_ "image/gif"  // so that a GIF's size can be read
	_ "image/jpeg" // so that a JPEG's size can be read
	_ "image/png"  // so that a PNG's size can be read
	"unicode/utf8"
)

// What the estimate adds besides text, in tokens: the frame around a turn, around a tool, and an image whose size cannot be read.
const (
	turnTokens  = 4
	toolTokens  = 12
	imageTokens = 1600
)

// Estimate guesses how many input tokens a request costs. It is a pure function of lengths: Latin text counts about four bytes a
// token, other scripts about one and a half characters, images by their area.
func Estimate(r *Request) int {
	var total Tokens
	total.Add(r.System)
	fixed := turnTokens
	for _, tool := range r.Tools {
		total.Add(tool.Name)
		total.Add(tool.Description)
		total.addBytes(tool.Schema)
		fixed += toolTokens
	}
	for _, message := range r.Messages {
		fixed += turnTokens + total.addBlocks(message.Blocks)
	}
	return fixed + total.Count()
}

// Tokens counts the tokens of text that comes in pieces. The zero value is ready to use.
type Tokens struct {
	ascii int // bytes
	other int // characters outside ASCII
}

// Add counts a piece of text.
func (t *Tokens) Add(text string) {
	wide := 0
	for i := 0; i < len(text); i++ {
		wide += int(text[i] >> 7) // without a branch, which the processor would mispredict in mixed text
	}
	t.ascii += len(text) - wide
	if wide > 0 {
		t.other += utf8.RuneCountInString(text) - (len(text) - wide)
	}
}

func (t *Tokens) addBytes(text []byte) {
	wide := 0
	for _, b := range text {
		wide += int(b >> 7)
	}
	t.ascii += len(text) - wide
	if wide > 0 {
		t.other += utf8.RuneCount(text) - (len(text) - wide)
	}
}

// Count is the estimate so far.
func (t *Tokens) Count() int { return (t.ascii+3)/4 + (t.other*2+2)/3 }

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
			t.ascii += len(b.Data) / 8
		case Image:
			fixed += areaTokens(b.Data)
		case ToolUse:
			t.Add(b.Name)
			t.addBytes(b.Input)
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
