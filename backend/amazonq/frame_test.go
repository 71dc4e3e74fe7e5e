package amazonq

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Messages computed apart from this program.
const (
	emptyMessage = `00000010 00000000 05c248eb 7d98c8ff`
	textMessage  = `0000007c0000005c3bddcf780b3a6576656e742d74797065070016617373697374616e74526573706f6e73654576656e74
		0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e74
		7b22636f6e74656e74223a224869227db02babdc`
	exceptionMessage = `0000007500000053a672b0980f3a657863657074696f6e2d747970650700056572726f720d3a636f6e74656e742d74797065
		0700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e
		7b226d657373616765223a22626f6f6d227df2452ceb`
)

func TestKnownMessages(t *testing.T) {
	stream := unhex(t, emptyMessage+textMessage+exceptionMessage)
	messages := newFrames(bytes.NewReader(stream))
	for _, want := range []frame{
		{},
		{message: []byte("event"), event: []byte("assistantResponseEvent"), payload: []byte(`{"content":"Hi"}`)},
		{message: []byte("exception"), exception: []byte("error"), payload: []byte(`{"message":"boom"}`)},
	} {
		got, err := messages.next()
		if err != nil {
			t.Fatal(err)
		}
		if string(got.message) != string(want.message) || string(got.event) != string(want.event) ||
			string(got.exception) != string(want.exception) || string(got.payload) != string(want.payload) {
			t.Errorf("got %+q, want %+q", got, want)
		}
	}
	if _, err := messages.next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last message: %v", err)
	}
}

func TestMessagesHoweverTheyAreCutIntoReads(t *testing.T) {
	big := bytes.Repeat([]byte("x"), 3*firstBuffer)
	var stream []byte
	for range 3 {
		stream = append(stream, unhex(t, textMessage)...)
		stream = append(stream, EncodeMessage(nil, big)...)
	}
	readers := map[string]func() io.Reader{
		"at once":          func() io.Reader { return bytes.NewReader(stream) },
		"byte by byte":     func() io.Reader { return iotest.OneByteReader(bytes.NewReader(stream)) },
		"by halves":        func() io.Reader { return iotest.HalfReader(bytes.NewReader(stream)) },
		"with the end":     func() io.Reader { return iotest.DataErrReader(bytes.NewReader(stream)) },
		"in 100-byte bits": func() io.Reader { return &chunks{stream, 100} },
	}
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			messages := newFrames(reader())
			for i := range 6 {
				got, err := messages.next()
				if err != nil {
					t.Fatal(i, err)
				}
				if want := [][]byte{[]byte(`{"content":"Hi"}`), big}[i%2]; !bytes.Equal(got.payload, want) {
					t.Fatalf("message %d has a payload of %d bytes", i, len(got.payload))
				}
			}
			if _, err := messages.next(); !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		})
	}
}

type chunks struct {
	rest []byte
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(c.size, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

func TestACutAnywhereInsideAMessageIsNotAnEnd(t *testing.T) {
	whole := unhex(t, textMessage)
	for length := 1; length < len(whole); length++ {
		if _, err := newFrames(bytes.NewReader(whole[:length])).next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after %d bytes: %v", length, err)
		}
	}
}

func TestNoFlippedBitGoesUnnoticed(t *testing.T) {
	whole := unhex(t, textMessage)
	for bit := range len(whole) * 8 {
		damaged := bytes.Clone(whole)
		damaged[bit/8] ^= 1 << (bit % 8)
		if got, err := newFrames(bytes.NewReader(damaged)).next(); err == nil {
			t.Errorf("bit %d flipped, and read %q", bit, got.payload)
		}
	}
}

func TestImpossibleLengthsAreRefusedBeforeAnythingIsAllocated(t *testing.T) {
	for name, lengths := range map[string][2]uint32{
		"shorter than a message can be":    {15, 0},
		"longer than we accept":            {maxMessage + 1, 0},
		"four gigabytes":                   {1<<32 - 1, 0},
		"headers longer than the message":  {100, 85},
		"headers longer than we accept":    {maxMessage, maxHeaders + 1},
		"headers of four gigabytes":        {100, 1<<32 - 1},
		"headers that leave room for less": {17, 2},
	} {
		t.Run(name, func(t *testing.T) {
			messages := newFrames(io.MultiReader(bytes.NewReader(encodePrelude(lengths[0], lengths[1])), neverRead{t}))
			if _, err := messages.next(); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %v", err)
			}
			if cap(messages.buffer) != firstBuffer {
				t.Errorf("the buffer grew to %d bytes", cap(messages.buffer))
			}
		})
	}
}

type neverRead struct{ t *testing.T }

func (n neverRead) Read([]byte) (int, error) {
	n.t.Error("more was read after a length that cannot be true")
	return 0, io.EOF
}

func TestALengthIsNotBelievedBeforeItsBytesArrive(t *testing.T) {
	messages := newFrames(io.MultiReader(bytes.NewReader(encodePrelude(maxMessage, 0)), bytes.NewReader(make([]byte, 100))))
	if _, err := messages.next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if cap(messages.buffer) > 2*firstBuffer {
		t.Errorf("100 bytes came and %d were allocated", cap(messages.buffer))
	}
}

func TestHeadersOfEveryTypeAreSteppedOver(t *testing.T) {
	name := func(n string) string { return string([]byte{byte(len(n))}) + n }
	before := name("a") + "\x00" + name("b") + "\x01" + name("c") + "\x02\x07" + name("d") + "\x03\x00\x07" + name("e") + "\x04\x00\x00\x00\x07" +
		name("f") + "\x05\x00\x00\x00\x00\x00\x00\x00\x07" + name("g") + "\x06\x00\x02xy" + name("h") + "\x08\x00\x00\x00\x00\x00\x00\x00\x07" +
		name("i") + "\x09" + strings.Repeat("u", 16)
	event := name(":event-type") + "\x07\x00\x04text"
	for kind, headers := range map[string]string{"known types": before + event, "an unknown type after": event + name("z") + "\x0bwhatever"} {
		got, err := newFrames(bytes.NewReader(EncodeMessage([]byte(headers), []byte("{}")))).next()
		if err != nil || string(got.event) != "text" || string(got.payload) != "{}" {
			t.Errorf("%s: %+q, %v", kind, got, err)
		}
	}
}

// Found by made-up streams: the text of such a message was lost, and the answer without it ended as if it were whole.
func TestAnUnknownHeaderThatHidesWhatAMessageIsIsDamage(t *testing.T) {
	const unknown, exception, failed = "\x01z\x2a", "\x0f:exception-type\x07\x00\x04Oops", "\x0d:message-type\x07\x00\x09exception"
	for headers, want := range map[string]error{
		unknown: errUnknownHeader, exception + unknown: errUnknownHeader, failed + unknown: errUnknownHeader, failed + exception + unknown: nil,
	} {
		if _, err := newFrames(bytes.NewReader(EncodeMessage([]byte(headers), nil))).next(); !errors.Is(err, want) {
			t.Errorf("%q: %v", headers, err)
		}
	}
}

func TestHeadersThatEndTooSoonAreDamage(t *testing.T) {
	for _, headers := range []string{"\x05abc", "\x01a", "\x01a\x07", "\x01a\x07\x00", "\x01a\x07\x00\x05abc", "\x01a\x05\x00", "\x01a\x09short"} {
		if _, err := newFrames(bytes.NewReader(EncodeMessage([]byte(headers), nil))).next(); !errors.Is(err, errHeader) {
			t.Errorf("%q: %v", headers, err)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(unhex(f, emptyMessage+textMessage))
	f.Add(unhex(f, exceptionMessage))
	f.Add(encodePrelude(maxMessage, maxHeaders))
	f.Add(EncodeMessage([]byte("\x01a\x07\x00\x05abc"), nil))
	f.Fuzz(func(t *testing.T, stream []byte) {
		read := func(source io.Reader) (payloads []string, ending error) {
			messages := newFrames(source)
			for {
				ready := messages.buffered()
				got, err := messages.next()
				if err != nil {
					if ready && errors.Is(err, io.EOF) {
						t.Fatal("a message was said to be there")
					}
					return payloads, err
				}
				payloads = append(payloads, string(got.payload)+string(got.event)+string(got.message))
				if cap(messages.buffer) > 4*firstBuffer+4*len(stream) {
					t.Fatalf("%d bytes came and %d were allocated", len(stream), cap(messages.buffer))
				}
			}
		}
		whole, ending := read(bytes.NewReader(stream))
		cut, sameEnding := read(&chunks{stream, 3})
		if strings.Join(whole, "|") != strings.Join(cut, "|") || ending.Error() != sameEnding.Error() {
			t.Errorf("read at once %q, %v; in pieces %q, %v", whole, ending, cut, sameEnding)
		}
	})
}
