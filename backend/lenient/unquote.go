package lenient

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

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
	var out strings.Builder
	out.Grow(len(rest))
	for ; next >= 0; next = bytes.IndexByte(rest, '\\') {
		out.Write(rest[:next])
		rest = unescape(&out, rest[next:])
	}
	out.Write(rest)
	return out.String()
}

// unescape writes what the escape at the beginning of rest stands for, and returns what follows it.
func unescape(out *strings.Builder, rest []byte) []byte {
	switch kind := rest[1]; kind {
	case 'n':
		out.WriteByte('\n')
	case 't':
		out.WriteByte('\t')
	case 'r':
		out.WriteByte('\r')
	case 'b':
		out.WriteByte('\b')
	case 'f':
		out.WriteByte('\f')
	case 'u':
		char := escapedUnit(rest)
		rest = rest[6:]
		if utf16.IsSurrogate(char) {
			if char = utf16.DecodeRune(char, escapedUnit(rest)); char != utf8.RuneError {
				rest = rest[6:]
			}
		}
		out.WriteRune(char)
		return rest
	default:
		out.WriteByte(kind)
	}
	return rest[2:]
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
