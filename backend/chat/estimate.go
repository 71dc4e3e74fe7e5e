package chat

import (
	"bytes"
	"encoding/base64"
	"image"
	_ "image/gif"  // so that a GIF's size can be read
	_ "image/jpeg" // so that a JPEG's size can be read
	_ "image/png"  // so that a PNG's size can be read
	"math/bits"
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
		count(&total, []byte(tool.Schema))
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
func (t *Tokens) Add(text string) { count(t, text) }

// count takes eight bytes at a time, because it sees every byte of every request. A character outside ASCII counts where it begins: with
// two bits set, where the bytes that continue it have one.
func count[T string | []byte](t *Tokens, text T) {
	const top = 0x8080808080808080
	wide, i := 0, 0
	for ; i+8 <= len(text); i += 8 {
		word := text[i : i+8]
		w := uint64(word[0]) | uint64(word[1])<<8 | uint64(word[2])<<16 | uint64(word[3])<<24 |
			uint64(word[4])<<32 | uint64(word[5])<<40 | uint64(word[6])<<48 | uint64(word[7])<<56
		if w&top != 0 {
			wide += bits.OnesCount64(w & top)
			t.other += bits.OnesCount64(w & (w << 1) & top)
		}
	}
	for ; i < len(text); i++ {
		wide += int(text[i] >> 7)
		t.other += int(text[i] >> 7 & (text[i] >> 6))
	}
	t.ascii += len(text) - wide
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
			count(t, []byte(b.Input))
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
