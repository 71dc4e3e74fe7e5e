//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
)

// serveReference is the least a proxy can do: read the request, send it on as it is, check the checksums of each event, and copy its text
// into an SSE frame without looking at it. What is buffered goes out in one write.
func serveReference(ctx context.Context, upstream string) error {
	transport := &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true}
	return serveHere(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return
		}
		call, err := http.NewRequestWithContext(r.Context(), http.MethodPost, upstream+"/", bytes.NewReader(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer, err := transport.RoundTrip(call)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer func() { _ = answer.Body.Close() }()
		w.Header().Set("Content-Type", "text/event-stream")
		copyEvents(w, bufio.NewReaderSize(answer.Body, 4096))
	}))
}

var (
	deltaHead = []byte("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"")
	deltaTail = []byte("\"}}\n\n")
	textHead  = []byte(`{"content":"`)
	lastFrame = []byte("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
)

func copyEvents(w http.ResponseWriter, in *bufio.Reader) {
	message := make([]byte, 0, 4096)
	out := make([]byte, 0, 4096)
	for {
		var err error
		if message, err = readMessage(in, message); err != nil {
			break
		}
		headers := binary.BigEndian.Uint32(message[4:])
		payload := message[12+headers : len(message)-4]
		if text, isText := bytes.CutPrefix(payload, textHead); isText {
			out = append(append(append(out, deltaHead...), text[:len(text)-2]...), deltaTail...)
		}
		if in.Buffered() == 0 {
			_, _ = w.Write(out)
			w.(http.Flusher).Flush()
			out = out[:0]
		}
	}
	_, _ = w.Write(append(out, lastFrame...))
}

// readMessage reads a message of the event stream into the space of the last one.
func readMessage(in *bufio.Reader, message []byte) ([]byte, error) {
	message = message[:12]
	if _, err := io.ReadFull(in, message); err != nil {
		return message, err
	}
	total := int(binary.BigEndian.Uint32(message))
	if crc32.ChecksumIEEE(message[:8]) != binary.BigEndian.Uint32(message[8:]) || total < 16 {
		return message, errDamaged
	}
	message = slices.Grow(message, total-12)[:total]
	if _, err := io.ReadFull(in, message[12:]); err != nil {
		return message, err
	}
	if crc32.ChecksumIEEE(message[:total-4]) != binary.BigEndian.Uint32(message[total-4:]) {
		return message, errDamaged
	}
	return message, nil
}

var errDamaged = errors.New("a message is damaged")
