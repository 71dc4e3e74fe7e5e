package amazonq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A message of the event stream, all integers big-endian:
//
//	total length u32 | headers length u32 | CRC-32 of these 8 bytes | headers | payload | CRC-32 of everything before
//
// A header is: name length u8 | name | type u8 | value. Source: the official CLI.
const (
	preludeBytes = 12
	crcBytes     = 4
	maxMessage   = 16 << 20
	maxHeaders   = 128 << 10
	firstBuffer  = 4 << 10
)

// frame is one message. Its slices are valid until the next one is read.
type frame struct {
	message   []byte // :message-type, i.e. event, exception or error
	event     []byte // :event-type
	exception []byte // :exception-type
	code      []byte // :error-code
	text      []byte // :error-message
	payload   []byte
}

// frames reads messages out of one buffer that grows with what has arrived, never with what a length announces.
type frames struct {
	source     io.Reader
	buffer     []byte
	start, end int // what has arrived and not been used yet
}

func newFrames(source io.Reader) *frames {
	return &frames{source: source, buffer: make([]byte, firstBuffer)}
}

// buffered reports whether the next message can be read without waiting, or is wrong already.
func (f *frames) buffered() bool {
	ahead := f.buffer[f.start:f.end]
	return len(ahead) >= preludeBytes && len(ahead) >= int(binary.BigEndian.Uint32(ahead))
}

// next reads a message. io.EOF means that the stream ended between messages, io.ErrUnexpectedEOF inside one. A damaged stream stays
// damaged: there is no safe way to find the next message.
func (f *frames) next() (frame, error) {
	if err := f.fill(preludeBytes); err != nil {
		return frame{}, err
	}
	total, headers, err := parsePrelude(f.buffer[f.start:])
	if err != nil {
		return frame{}, err
	}
	if err := f.fill(total); err != nil {
		return frame{}, err
	}
	whole := f.buffer[f.start : f.start+total]
	f.start += total
	body, sum := whole[:total-crcBytes], binary.BigEndian.Uint32(whole[total-crcBytes:])
	if crc32.ChecksumIEEE(body) != sum {
		return frame{}, errors.New("the checksum of a message is wrong")
	}
	read := frame{payload: body[preludeBytes+headers:]}
	return read, read.parseHeaders(body[preludeBytes : preludeBytes+headers])
}

// parsePrelude returns the lengths a message announces, if they can be true.
func parsePrelude(prelude []byte) (total, headers int, err error) {
	if crc32.ChecksumIEEE(prelude[:8]) != binary.BigEndian.Uint32(prelude[8:]) {
		return 0, 0, errors.New("the checksum of a message's lengths is wrong")
	}
	announced, ofHeaders := binary.BigEndian.Uint32(prelude), binary.BigEndian.Uint32(prelude[4:])
	switch {
	case announced < preludeBytes+crcBytes || announced > maxMessage:
		return 0, 0, fmt.Errorf("a message of %d bytes", announced)
	case ofHeaders > maxHeaders || ofHeaders > announced-preludeBytes-crcBytes:
		return 0, 0, fmt.Errorf("a message of %d bytes with %d bytes of headers", announced, ofHeaders)
	}
	return int(announced), int(ofHeaders), nil
}

// fill reads until need bytes are ahead.
func (f *frames) fill(need int) error {
	for f.end-f.start < need {
		f.makeRoom()
		n, err := f.source.Read(f.buffer[f.end:])
		f.end += n
		if err == nil || f.end-f.start >= need {
			continue
		}
		if errors.Is(err, io.EOF) && f.end > f.start {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	return nil
}

// makeRoom leaves space behind what has arrived: by moving it to the front if that helps, else by doubling the buffer.
func (f *frames) makeRoom() {
	switch {
	case f.start == f.end:
		f.start, f.end = 0, 0
	case f.end < len(f.buffer):
	case f.start > len(f.buffer)/2:
		f.end = copy(f.buffer, f.buffer[f.start:f.end])
		f.start = 0
	default:
		grown := make([]byte, 2*len(f.buffer))
		f.end = copy(grown, f.buffer[f.start:f.end])
		f.start, f.buffer = 0, grown
	}
}

var (
	errHeader        = errors.New("a header of a message is cut off")
	errUnknownHeader = errors.New("a header of an unknown type hides what a message is")
)

// parseHeaders keeps the headers that matter. After a type of value that is not known the rest cannot be read: it is ignored if what came
// before tells what the message is, for a message that is passed over may be a piece of the answer, or its failure.
func (f *frame) parseHeaders(rest []byte) error {
	for len(rest) > 0 {
		nameEnd := 1 + int(rest[0])
		if len(rest) <= nameEnd {
			return errHeader
		}
		name, kind := rest[1:nameEnd], rest[nameEnd]
		skip, size, known := valueLayout(kind, rest[nameEnd+1:])
		if !known && !f.isNamed() {
			return errUnknownHeader
		}
		if !known {
			return nil
		}
		value := rest[nameEnd+1:]
		if size < 0 || len(value) < skip+size {
			return errHeader
		}
		if kind == stringValue {
			f.keep(name, value[skip:skip+size])
		}
		rest = value[skip+size:]
	}
	return nil
}

// isNamed tells whether the headers so far say what a message is.
func (f *frame) isNamed() bool {
	return f.event != nil || f.message != nil && (f.exception != nil || f.code != nil)
}

const stringValue = 7

// valueLayout says how many bytes come before a header's value and how long it is; the size is -1 if its length is cut off.
func valueLayout(kind byte, rest []byte) (skip, size int, known bool) {
	switch kind {
	case 0, 1: // true, false
		return 0, 0, true
	case 2: // int8
		return 0, 1, true
	case 3: // int16
		return 0, 2, true
	case 4: // int32
		return 0, 4, true
	case 5, 8: // int64, timestamp
		return 0, 8, true
	case 9: // UUID
		return 0, 16, true
	case 6, stringValue: // bytes, string
		if len(rest) < 2 {
			return 0, -1, true
		}
		return 2, int(binary.BigEndian.Uint16(rest)), true
	default:
		return 0, 0, false
	}
}

func (f *frame) keep(name, value []byte) {
	switch string(name) {
	case ":message-type":
		f.message = value
	case ":event-type":
		f.event = value
	case ":exception-type":
		f.exception = value
	case ":error-code":
		f.code = value
	case ":error-message":
		f.text = value
	}
}
