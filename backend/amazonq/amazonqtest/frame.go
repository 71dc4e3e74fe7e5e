package amazonqtest

import (
	"encoding/binary"
	"hash/crc32"
)

// The types of a header's value that have a length in front. Source: the public event-stream format.
const (
	HeaderBytes  = 6
	HeaderString = 7
)

// Header is one header of a frame. Type can be any number. Value is the encoded value; the length in front of bytes and strings is added.
type Header struct {
	Name  string
	Type  byte
	Value []byte
}

// StringHeader is a header with a text.
func StringHeader(name, value string) Header {
	return Header{Name: name, Type: HeaderString, Value: []byte(value)}
}

// Frame encodes one message of an event stream: length, header length, prelude CRC, headers, payload, message CRC, all big-endian.
func Frame(payload []byte, headers ...Header) []byte {
	var encoded []byte
	for _, header := range headers {
		encoded = header.append(encoded)
	}
	total := 12 + len(encoded) + len(payload) + 4
	frame := make([]byte, 0, total)
	frame = binary.BigEndian.AppendUint32(frame, uint32(total))
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(encoded)))
	frame = binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame))
	frame = append(frame, encoded...)
	frame = append(frame, payload...)
	return binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame))
}

// EventFrame is a frame with an event and its JSON.
func EventFrame(kind string, payload []byte) []byte {
	return Frame(payload, StringHeader(":event-type", kind), StringHeader(":content-type", "application/json"),
		StringHeader(":message-type", "event"))
}

// ExceptionFrame is a frame with an exception and its JSON.
func ExceptionFrame(kind string, payload []byte) []byte {
	return Frame(payload, StringHeader(":exception-type", kind), StringHeader(":content-type", "application/json"),
		StringHeader(":message-type", "exception"))
}

// ErrorFrame is a frame with an error, which has no payload.
func ErrorFrame(code, message string) []byte {
	return Frame(nil, StringHeader(":error-code", code), StringHeader(":error-message", message), StringHeader(":message-type", "error"))
}

func (h Header) append(buf []byte) []byte {
	buf = append(buf, byte(len(h.Name)))
	buf = append(buf, h.Name...)
	buf = append(buf, h.Type)
	if h.Type == HeaderBytes || h.Type == HeaderString {
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(h.Value)))
	}
	return append(buf, h.Value...)
}

// reseal computes both CRCs of a frame anew, after its bytes were changed. The lengths are taken as they are.
func reseal(frame []byte) []byte {
	binary.BigEndian.PutUint32(frame[8:], crc32.ChecksumIEEE(frame[:8]))
	binary.BigEndian.PutUint32(frame[len(frame)-4:], crc32.ChecksumIEEE(frame[:len(frame)-4]))
	return frame
}
