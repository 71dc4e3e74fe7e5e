package lenient

import "strings"

// Base64 makes standard, padded base64 of what clients send: with line ends, URL-safe, unpadded, or with bits set behind the last byte. It
// looks at the alphabet only: decoding megabytes to throw them away is not worth it.
func Base64(data string) (string, bool) {
	digits := strings.TrimRight(data, "=")
	if !isBase64(digits) {
		data = strings.NewReplacer("-", "+", "_", "/", " ", "", "\t", "", "\r", "", "\n", "").Replace(data)
		digits = strings.TrimRight(data, "=")
	}
	if digits == "" || len(digits)%4 == 1 || !isBase64(digits) {
		return "", false
	}
	padding := "=="[:-len(digits)&3]
	if last := lastDigit(digits); last != digits[len(digits)-1] {
		return digits[:len(digits)-1] + string(last) + padding, true
	}
	if len(data) != len(digits)+len(padding) {
		return digits + padding, true
	}
	return data, true
}

// lastDigit is the last digit without the bits that belong to no byte: strict readers refuse them.
func lastDigit(digits string) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := digits[len(digits)-1]
	unused := (-len(digits) & 3) * 2
	return alphabet[strings.IndexByte(alphabet, last)>>unused<<unused]
}

func isBase64(digits string) bool {
	for i := 0; i < len(digits); i++ {
		b := digits[i]
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '+' || b == '/') {
			return false
		}
	}
	return true
}

// DataURI splits data:image/png;base64,AAAA. The media type may be missing and have parameters, which are dropped.
func DataURI(uri string) (media, data string, ok bool) {
	head, data, ok := strings.Cut(uri, ",")
	if !ok {
		return "", "", false
	}
	head = strings.ToLower(head)
	head, isData := strings.CutPrefix(head, "data:")
	head, isBase64 := strings.CutSuffix(head, ";base64")
	if !isData || !isBase64 {
		return "", "", false
	}
	media, _, _ = strings.Cut(head, ";")
	data, ok = Base64(data)
	return strings.TrimSpace(media), data, ok
}
