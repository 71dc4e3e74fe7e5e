package amazonqtest

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"strings"
)

// Sound tells whether a client may take the stream for a whole answer: every message is intact, something was said, no failure was
// reported, and every call is ended and has an object as its input. It is written from the service's rules, apart from any client.
func (m Mangled) Sound() bool {
	h := hearing{calls: map[string]*heardCall{}}
	for rest := m.Stream; len(rest) > 0; {
		message, after, ok := readMessage(rest)
		if !ok {
			return false
		}
		rest = after
		if kind := message.headers[":message-type"]; kind == "exception" || kind == "error" {
			// The length limit is how the service ends an answer that has grown too long; anything else is a failure.
			return message.headers[":exception-type"] == "ContentLengthExceededException" && h.whole()
		} else if kind != "event" && kind != "" {
			continue
		}
		if !h.event(message.headers[":event-type"], message.payload) {
			return false
		}
	}
	return !m.Torn && h.whole()
}

type message struct {
	headers map[string]string
	payload []byte
}

func readMessage(raw []byte) (message, []byte, bool) {
	if len(raw) < 16 {
		return message{}, nil, false
	}
	total, headers := uint64(binary.BigEndian.Uint32(raw)), uint64(binary.BigEndian.Uint32(raw[4:]))
	if total < 16 || total > uint64(len(raw)) || headers > total-16 || crc32.ChecksumIEEE(raw[:8]) != binary.BigEndian.Uint32(raw[8:]) {
		return message{}, nil, false
	}
	end := total - 4
	if crc32.ChecksumIEEE(raw[:end]) != binary.BigEndian.Uint32(raw[end:]) {
		return message{}, nil, false
	}
	read, ok := readHeaders(raw[12 : 12+headers])
	return message{read, raw[12+headers : end]}, raw[total:], ok
}

func readHeaders(raw []byte) (map[string]string, bool) {
	sizes := map[byte]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
	headers := map[string]string{}
	for len(raw) > 0 {
		name := int(raw[0])
		if len(raw) < name+2 {
			return nil, false
		}
		kind, value := raw[name+1], raw[name+2:]
		size, fixed := sizes[kind]
		if !fixed {
			if kind != HeaderBytes && kind != HeaderString || len(value) < 2 {
				return headers, headers[":event-type"] != "" // what follows a type that is not known cannot be read
			}
			size, value = int(binary.BigEndian.Uint16(value)), value[2:]
		}
		if len(value) < size {
			return nil, false
		}
		headers[string(raw[1:name+1])] = string(value[:size])
		raw = value[size:]
	}
	return headers, true
}

type hearing struct {
	spoke bool
	calls map[string]*heardCall
}

type heardCall struct {
	input string
	ended bool
}

func (h *hearing) whole() bool {
	for _, call := range h.calls {
		if !call.ended {
			return false
		}
	}
	return h.spoke
}

// event takes an event, and returns false for one that spoils the answer.
func (h *hearing) event(kind string, payload []byte) bool {
	switch kind {
	case "assistantResponseEvent", "reasoningContentEvent":
		h.spoke = true
		return json.Valid(payload)
	case "toolUseEvent":
		h.spoke = true
		return h.toolUse(payload)
	case "metadataEvent", "contextUsageEvent", "meteringEvent":
		h.spoke = true // what it says of the cost may be unreadable
	}
	return true
}

func (h *hearing) toolUse(payload []byte) bool {
	var part struct {
		ID    string `json:"toolUseId"`
		Name  string `json:"name"`
		Input string `json:"input"`
		Stop  bool   `json:"stop"`
	}
	if json.Unmarshal(payload, &part) != nil {
		return false
	}
	call := h.calls[part.ID]
	switch {
	case call == nil && (part.ID == "" || part.Name == ""):
		return false
	case call == nil:
		call = &heardCall{}
		h.calls[part.ID] = call
	case call.ended:
		return true
	}
	call.input += part.Input
	if part.Stop {
		call.ended = true
		input := strings.TrimSpace(call.input)
		return input == "" || input[0] == '{' && json.Valid([]byte(input))
	}
	return true
}
