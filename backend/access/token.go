package access

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"strings"

	"amq2api/backend/secret"
)

const (
	tokenPrefix    = "amq-"
	randomLength   = 30 // base62 digits: 178 bits
	checksumLength = 6
	shownLength    = len(tokenPrefix) + 4
	digits         = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// newToken makes the text of a key: amq-, 30 random base62 digits and a checksum of them, by which scanners for leaked secrets tell a key
// from an accident, and a typing mistake is told from a key that does not exist. The README has the rule.
func newToken() secret.String {
	random := randomDigits()
	return secret.New(tokenPrefix + random + checksum(random))
}

// randomDigits draws each digit with the same chance: bytes past the last whole multiple of 62 are thrown away.
func randomDigits() string {
	const fair = 256 / len(digits) * len(digits)
	var drawn [2 * randomLength]byte
	var text strings.Builder
	for text.Len() < randomLength {
		_, _ = rand.Read(drawn[:]) // never fails
		for _, b := range drawn {
			if int(b) < fair && text.Len() < randomLength {
				text.WriteByte(digits[int(b)%len(digits)])
			}
		}
	}
	return text.String()
}

// checksum is the CRC-32 of the text as six base62 digits.
func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	var written [checksumLength]byte
	for i := len(written) - 1; i >= 0; i-- {
		written[i] = digits[sum%uint32(len(digits))]
		sum /= uint32(len(digits))
	}
	return string(written[:])
}

// mistyped reports whether a text has the form of a key and a checksum that does not fit. It tells nothing that the text does not tell itself.
func mistyped(token secret.String) bool {
	body, ours := strings.CutPrefix(token.Reveal(), tokenPrefix)
	if !ours || len(body) != randomLength+checksumLength || strings.Trim(body, digits) != "" {
		return false
	}
	return checksum(body[:randomLength]) != body[randomLength:]
}

// digest is what is kept of a key. Its text is random enough that a slow hash would add nothing.
func digest(token secret.String) [sha256.Size]byte { return sha256.Sum256([]byte(token.Reveal())) }
