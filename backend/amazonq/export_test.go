package amazonq

import (
	"encoding/binary"
	"hash/crc32"
)

func encodePrelude(total, headers uint32) []byte {
	prelude := binary.BigEndian.AppendUint32(nil, total)
	prelude = binary.BigEndian.AppendUint32(prelude, headers)
	return binary.BigEndian.AppendUint32(prelude, crc32.ChecksumIEEE(prelude))
}

// EncodeMessage writes one message of an event stream; it is written apart from the decoder it tests.
func EncodeMessage(headers, payload []byte) []byte {
	message := encodePrelude(uint32(16+len(headers)+len(payload)), uint32(len(headers)))
	message = append(append(message, headers...), payload...)
	return binary.BigEndian.AppendUint32(message, crc32.ChecksumIEEE(message))
}

// SetOnline decides whether the computer has an address.
func SetOnline(client *Client, online bool) { client.online = func() bool { return online } }
