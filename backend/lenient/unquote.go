package lenient

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// Unquote is the text of a valid JSON string; what is not Unicode becomes U+FFFD. The general way, a character at a time, was measured to
// cost more than the rest of the decoding.
func Unquote(quoted []byte) string {
	if !utf8.Valid(quoted) {
		plain, _ := jsontext.AppendUnquote(nil, quoted) // the error is that it is not UTF-8, which is mended
		return string(plain)
	}
	rest := quoted[1 : len(quoted)-1]
	next := bytes.IndexByte(rest, '\\')
	if next < 0 {
		return string(rest)
	}
	return unescape(rest, next)
}

// unescape is text without its escapes, of which the first is at next. It copies eight bytes at a time and then looks whether there was an
// escape among them: what it writes never overtakes what it reads.
func unescape(text []byte, next int) string {
	out := make([]byte, len(text))
	written := copy(out, text[:next])
	for next < len(text) {
		if len(text)-next >= 8 {
			eight := binary.LittleEndian.Uint64(text[next:])
			binary.LittleEndian.PutUint64(out[written:], eight)
			before := bytesBefore('\\', eight)
			next, written = next+before, written+before
			if before == 8 {
				continue
			}
		} else if text[next] != '\\' {
			out[written] = text[next]
			next, written = next+1, written+1
			continue
		}
		if char := escapes[text[next+1]]; char != 0 {
			out[written] = char
			next, written = next+2, written+1
			continue
		}
		char, length := escapedRune(text[next:])
		next, written = next+length, written+utf8.EncodeRune(out[written:], char)
	}
	return unsafe.String(unsafe.SliceData(out), written) // nobody else has it
}

// bytesBefore counts the bytes before the first that is b, from the lowest; 8 if there is none.
func bytesBefore(b byte, eight uint64) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	zero := eight ^ ones*uint64(b)
	return bits.TrailingZeros64((zero-ones)&^zero&highs) / 8
}

// escapes are the characters that stand for another, or for themselves, after a backslash.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escapedRune is the character of the escape \uXXXX at the beginning of rest, or of two of them. Half a pair becomes U+FFFD.
func escapedRune(rest []byte) (char rune, length int) {
	char = escapedUnit(rest)
	if !utf16.IsSurrogate(char) {
		return char, 6
	}
	if char = utf16.DecodeRune(char, escapedUnit(rest[6:])); char != utf8.RuneError {
		return char, 12
	}
	return char, 6
}

// escapedUnit is the UTF-16 unit of the escape \uXXXX at the beginning of rest, and -1 if there is none.
func escapedUnit(rest []byte) rune {
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return -1
	}
	var unit rune
	for _, digit := range rest[2:6] {
		unit <<= 4
		switch {
		case digit <= '9':
			unit |= rune(digit - '0')
		default:
			unit |= rune(digit|0x20-'a') + 10
		}
	}
	return unit
}
