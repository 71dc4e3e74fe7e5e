package amazonq

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// randomUUID is a fresh UUID of version 4.
func randomUUID() string {
	var bytes [16]byte
	_, _ = rand.Read(bytes[:]) // never fails: package rand ends the program rather than return bad randomness
	return formatUUID(bytes, 4)
}

// conversationID is the same for all requests of a client's session, so that the service may recognise them, and fresh for a request
// whose session is unknown. The service keeps no state under it: every request carries the whole history.
func conversationID(session string) string {
	if session == "" {
		return randomUUID()
	}
	sum := sha256.Sum256([]byte("conversation\x00" + session))
	return formatUUID([16]byte(sum[:16]), 8)
}

// formatUUID writes an RFC 9562 UUID.
func formatUUID(bytes [16]byte, version byte) string {
	bytes[6] = bytes[6]&0x0f | version<<4
	bytes[8] = bytes[8]&0x3f | 0x80
	digits := hex.EncodeToString(bytes[:])
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}
