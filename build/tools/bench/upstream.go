//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
)

// serveUpstream plays the service as fast as it can: any token is good, every request gets the same number of text events, each flushed.
// The driver sets the number with POST /events?n=.
func serveUpstream(ctx context.Context) error {
	var events atomic.Int64
	events.Store(1)
	delta := frame("assistantResponseEvent", `{"content":"a few words of an answer "}`)
	tail := append(frame("contextUsageEvent", `{"contextUsagePercentage":1.5}`), frame("meteringEvent", `{"usage":0.01,"unit":"credit"}`)...)

	mux := http.NewServeMux()
	mux.HandleFunc("POST /events", func(_ http.ResponseWriter, r *http.Request) {
		n, err := strconv.ParseInt(r.FormValue("n"), 10, 64)
		if err == nil {
			events.Store(n)
		}
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"accessToken":"aoa-bench","tokenType":"Bearer","expiresIn":3600}`)
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
		flusher := w.(http.Flusher)
		for range events.Load() {
			_, _ = w.Write(delta)
			flusher.Flush()
		}
		_, _ = w.Write(tail)
	})
	return serveHere(ctx, mux)
}

// serveHere listens on a free port, prints its address for the parent, and serves until ctx ends.
func serveHere(ctx context.Context, handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// frame encodes one event of the service's event stream.
func frame(event, payload string) []byte {
	var headers []byte
	for _, header := range [][2]string{{":event-type", event}, {":content-type", "application/json"}, {":message-type", "event"}} {
		headers = append(headers, byte(len(header[0])))
		headers = append(headers, header[0]...)
		headers = append(headers, 7, 0, byte(len(header[1])))
		headers = append(headers, header[1]...)
	}
	const around = 16
	message := binary.BigEndian.AppendUint32(nil, uint32(around+len(headers)+len(payload)))
	message = binary.BigEndian.AppendUint32(message, uint32(len(headers)))
	message = binary.BigEndian.AppendUint32(message, crc32.ChecksumIEEE(message))
	message = append(append(message, headers...), payload...)
	return binary.BigEndian.AppendUint32(message, crc32.ChecksumIEEE(message))
}
