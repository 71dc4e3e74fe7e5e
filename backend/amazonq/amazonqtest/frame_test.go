package amazonqtest_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"amq2api/backend/amazonq/amazonqtest"
)

// The vectors were computed by hand from the format's description, apart from any implementation.
func TestFramesMatchTheKnownVectors(t *testing.T) {
	rows := []struct {
		name  string
		frame []byte
		hex   string
	}{
		{"empty", amazonqtest.Frame(nil), "00000010 00000000 05c248eb 7d98c8ff"},
		{"event", amazonqtest.EventFrame("assistantResponseEvent", []byte(`{"content":"Hi"}`)), `
			0000007c0000005c3bddcf780b3a6576656e742d74797065070016617373697374616e74526573706f6e73654576656e74
			0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070005
			6576656e747b22636f6e74656e74223a224869227db02babdc`},
		{"exception", amazonqtest.ExceptionFrame("error", []byte(`{"message":"boom"}`)), `
			0000007500000053a672b0980f3a657863657074696f6e2d747970650700056572726f720d3a636f6e74656e742d74797065
			0700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e
			7b226d657373616765223a22626f6f6d227df2452ceb`},
	}
	for _, row := range rows {
		want, err := hex.DecodeString(strings.Join(strings.Fields(row.hex), ""))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(row.frame, want) {
			t.Errorf("%s:\n got %x\nwant %x", row.name, row.frame, want)
		}
	}
}

// message is a frame as the tests read it: kind is the event or exception type, or the error code.
type message struct{ kind, payload string }

// readFrames decodes a stream with a reader of its own. The last result says what broke it, empty at an orderly end.
func readFrames(r io.Reader) (messages []message, broken string) {
	for {
		prelude := make([]byte, 12)
		if _, err := io.ReadFull(r, prelude); err == io.EOF {
			return messages, ""
		} else if err != nil {
			return messages, "prelude: " + err.Error()
		}
		total, headers := binary.BigEndian.Uint32(prelude), binary.BigEndian.Uint32(prelude[4:])
		switch {
		case crc32.ChecksumIEEE(prelude[:8]) != binary.BigEndian.Uint32(prelude[8:]):
			return messages, "prelude crc"
		case total < 16 || total > 1<<20:
			return messages, "length"
		case headers > total-16:
			return messages, "header length"
		}
		rest := make([]byte, total-12)
		if _, err := io.ReadFull(r, rest); err != nil {
			return messages, "body: " + err.Error()
		}
		end := len(rest) - 4
		sum := crc32.Update(crc32.ChecksumIEEE(prelude), crc32.IEEETable, rest[:end])
		if sum != binary.BigEndian.Uint32(rest[end:]) {
			return messages, "message crc"
		}
		kind, ok := kindOf(rest[:headers])
		if !ok {
			return messages, "header type"
		}
		messages = append(messages, message{kind, string(rest[headers:end])})
	}
}

func kindOf(headers []byte) (kind string, ok bool) {
	for len(headers) > 0 {
		n := int(headers[0])
		name := string(headers[1 : 1+n])
		if headers[1+n] != amazonqtest.HeaderString {
			return "", false
		}
		size := int(binary.BigEndian.Uint16(headers[2+n:]))
		value := string(headers[4+n : 4+n+size])
		headers = headers[4+n+size:]
		switch name {
		case ":event-type", ":exception-type", ":error-code":
			kind = value
		}
	}
	return kind, true
}
