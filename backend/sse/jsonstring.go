package sse

import "unicode/utf8"

// AppendString appends text to buf as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD. What some clients take for the end
// of a line (U+0085, U+2028, U+2029) is escaped, so that the frame stays one line for all of them.
func AppendString(buf []byte, text string) []byte {
	buf = append(buf, '"')
	start := 0
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf {
			if b < ' ' || b == '"' || b == '\\' {
				buf = append(buf, text[start:i]...)
				buf = appendEscaped(buf, b)
				start = i + 1
			}
			i++
			continue
		}
		char, size := utf8.DecodeRuneInString(text[i:])
		if escape := escapeOf(char, size); escape != "" {
			buf = append(buf, text[start:i]...)
			buf = append(buf, escape...)
			start = i + size
		}
		i += size
	}
	buf = append(buf, text[start:]...)
	return append(buf, '"')
}

func appendEscaped(buf []byte, b byte) []byte {
	const hex = "0123456789abcdef"
	switch b {
	case '"', '\\':
		return append(buf, '\\', b)
	case '\n':
		return append(buf, '\\', 'n')
	case '\r':
		return append(buf, '\\', 'r')
	case '\t':
		return append(buf, '\\', 't')
	default:
		return append(buf, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
	}
}

// escapeOf is what stands for a character that must not be written as it is, and empty for all others.
func escapeOf(char rune, size int) string {
	switch {
	case char == utf8.RuneError && size == 1:
		return "\uFFFD"
	case char == '\u0085':
		return `\u0085`
	case char == '\u2028':
		return `\u2028`
	case char == '\u2029':
		return `\u2029`
	default:
		return ""
	}
}
