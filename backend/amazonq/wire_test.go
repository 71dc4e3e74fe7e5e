package amazonq_test

import (
	"encoding/binary"

	"amq2api/backend/amazonq"
)

// header is one of an event stream message's, of type string unless kind says otherwise.
type header struct {
	name  string
	kind  byte // 0 means string
	value string
}

func stringHeader(name, value string) header { return header{name: name, value: value} }

func appendMessage(to []byte, headers []header, payload string) []byte {
	var block []byte
	for _, h := range headers {
		block = append(block, byte(len(h.name)))
		block = append(block, h.name...)
		if h.kind == 0 {
			block = append(block, 7)
			block = binary.BigEndian.AppendUint16(block, uint16(len(h.value)))
		} else {
			block = append(block, h.kind)
		}
		block = append(block, h.value...)
	}
	return append(to, amazonq.EncodeMessage(block, []byte(payload))...)
}

func appendEvent(to []byte, kind, payload string) []byte {
	return appendMessage(to, []header{
		stringHeader(":event-type", kind), stringHeader(":content-type", "application/json"), stringHeader(":message-type", "event"),
	}, payload)
}

func appendException(to []byte, kind, payload string) []byte {
	return appendMessage(to, []header{
		stringHeader(":exception-type", kind), stringHeader(":content-type", "application/json"), stringHeader(":message-type", "exception"),
	}, payload)
}

func appendError(to []byte, code, text string) []byte {
	return appendMessage(to, []header{
		stringHeader(":error-code", code), stringHeader(":error-message", text), stringHeader(":message-type", "error"),
	}, "")
}
