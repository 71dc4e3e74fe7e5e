package amazonq

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// appendEscaped appends text as the inside of a JSON string. Bad UTF-8 becomes U+FFFD. It is written for speed, because a request is
// hundreds of kilobytes of text with few characters to escape: eight bytes are looked at together.
func appendEscaped(to []byte, text string) []byte {
	text = validText(text)
	for {
		plain := plainPrefix(text)
		to = append(to, text[:plain]...)
		if plain == len(text) {
			return to
		}
		to = appendEscape(to, text[plain])
		text = text[plain+1:]
	}
}

// validText replaces bad UTF-8.
func validText(text string) string {
	if utf8.ValidString(text) { // much faster than finding it out by replacing
		return text
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

func appendEscape(to []byte, char byte) []byte {
	const hex = "0123456789abcdef"
	switch char {
	case '"', '\\':
		return append(to, '\\', char)
	case '\n':
		return append(to, '\\', 'n')
	case '\t':
		return append(to, '\\', 't')
	case '\r':
		return append(to, '\\', 'r')
	default:
		return append(to, '\\', 'u', '0', '0', hex[char>>4], hex[char&0xf])
	}
}

// plainPrefix counts the bytes before the first control character, quote or backslash.
func plainPrefix(text string) int {
	const (
		each = 0x0101010101010101
		top  = 0x8080808080808080
	)
	i := 0
	for ; i+8 <= len(text); i += 8 {
		word := text[i : i+8]
		w := uint64(word[0]) | uint64(word[1])<<8 | uint64(word[2])<<16 | uint64(word[3])<<24 |
			uint64(word[4])<<32 | uint64(word[5])<<40 | uint64(word[6])<<48 | uint64(word[7])<<56
		quote, backslash := w^each*'"', w^each*'\\'
		// Subtracting borrows into a byte's top bit if the byte was too small. A borrow may run on into the bytes above, so only the
		// lowest marked byte is sure.
		marked := ((w-each*' ')&^w | (quote-each)&^quote | (backslash-each)&^backslash) & top
		if marked != 0 {
			return i + bits.TrailingZeros64(marked)/8
		}
	}
	for ; i < len(text); i++ {
		if char := text[i]; char < ' ' || char == '"' || char == '\\' {
			return i
		}
	}
	return i
}
