//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/http"
)

// serveReference is the least a proxy can do: read the request, send it on as it is, and copy the text of each event into an SSE frame
// without looking at it. It flushes when nothing more is buffered.
func serveReference(ctx context.Context, upstream string) error {
	transport := &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true}
	return serveHere(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
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
	var prelude [12]byte
	message := make([]byte, 0, 4096)
	out := make([]byte, 0, 1024)
	for {
		if _, err := io.ReadFull(in, prelude[:]); err != nil {
			break
		}
		total, headers := binary.BigEndian.Uint32(prelude[:4]), binary.BigEndian.Uint32(prelude[4:8])
		message = append(message[:0], make([]byte, total-12)...)
		if _, err := io.ReadFull(in, message); err != nil {
			return
		}
		payload := message[headers : len(message)-4]
		if text, isText := bytes.CutPrefix(payload, textHead); isText {
			out = append(append(append(out[:0], deltaHead...), text[:len(text)-2]...), deltaTail...)
			_, _ = w.Write(out)
		}
		if in.Buffered() == 0 {
			w.(http.Flusher).Flush()
		}
	}
	_, _ = w.Write(lastFrame)
}
