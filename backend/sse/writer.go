package sse

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// What Options that are zero stand for.
const (
	defaultCommitAfter  = 10 * time.Second
	defaultKeepAlive    = 15 * time.Second
	defaultWriteTimeout = 30 * time.Second
)

const (
	queueLimit = 256 << 10 // bytes that may wait before Write does
	piece      = 16 << 10  // bytes that must get through within one write timeout
)

// ErrClosed is what Write reports after Close or Cancel.
var ErrClosed = errors.New("the stream is closed")

// waiting is what a client hears before the first frame. Comments commit the status, not the answer.
var waiting = Frame{Comment: "waiting"}

// Options say how patient a Writer is. Zero values take the defaults.
type Options struct {
	CommitAfter    time.Duration // when the status is sent although there is no frame yet; 10 s
	KeepAlive      time.Duration // the longest silence; 15 s
	KeepAliveFrame Frame         // ends a silence after the first frame; a comment if it is zero
	WriteTimeout   time.Duration // how long a client may take nothing before the stream fails; 30 s
	OnCommit       func()        // runs once, just before the status is sent; the last chance to set headers
}

// Writer sends frames to one client from a goroutine of its own, so that whoever makes frames waits for a slow client only once
// 256 KiB are queued, and a silent upstream never silences us. What piles up while a write is under way goes out together and is
// flushed once.
//
// The Writer owns the ResponseWriter from NewWriter until Close or Cancel: nobody else may touch it, or its headers, in between.
type Writer struct {
	response http.ResponseWriter
	control  *http.ResponseController
	options  Options
	wake     chan struct{} // holds a token when there may be something to do
	done     chan struct{} // closed when the goroutine has ended

	mu        sync.Mutex
	room      sync.Cond // a full queue was taken, or the end has come
	queue     []byte
	taken     []byte // the other buffer; the goroutine's while it sends
	begun     bool   // a frame was written
	committed bool
	closed    bool
	err       error
}

// NewWriter starts a writer on a response whose status has not been sent. It must be closed.
func NewWriter(response http.ResponseWriter, options Options) *Writer {
	w := &Writer{
		response: response,
		control:  http.NewResponseController(response),
		options:  options.withDefaults(),
		wake:     make(chan struct{}, 1),
		done:     make(chan struct{}),
	}
	w.room.L = &w.mu
	go w.run()
	return w
}

func (o Options) withDefaults() Options {
	if o.CommitAfter == 0 {
		o.CommitAfter = defaultCommitAfter
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = defaultKeepAlive
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = defaultWriteTimeout
	}
	return o
}

// Write queues a frame; the first one commits the status. It blocks while the queue is full and fails once the client is gone or has
// taken nothing for the write timeout: then there is no point in making more frames. The frame is copied.
func (w *Writer) Write(f Frame) error {
	w.mu.Lock()
	for len(w.queue) >= queueLimit && w.err == nil && !w.closed {
		w.room.Wait()
	}
	if err := w.stopped(); err != nil {
		w.mu.Unlock()
		return err
	}
	w.begun = true
	w.queue = f.Append(w.queue)
	w.mu.Unlock()
	w.nudge()
	return nil
}

func (w *Writer) stopped() error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return ErrClosed
	}
	return nil
}

func (w *Writer) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Close sends what is queued and ends the writer; the last of it reaches the client with the end of the response, when the handler
// returns. If nothing was committed, nothing was written and the caller may still answer with a status of its own. Closing again reports
// the same.
func (w *Writer) Close() (committed bool, err error) {
	w.mu.Lock()
	w.closed = true
	w.room.Broadcast()
	w.mu.Unlock()
	w.nudge()
	<-w.done
	return w.committed, w.err
}

// Cancel closes the writer if nothing is committed or queued, and reports whether it did. Then the response is the caller's again,
// untouched; otherwise the stream goes on.
func (w *Writer) Cancel() bool {
	w.mu.Lock()
	if len(w.queue) > 0 || w.committed {
		w.mu.Unlock()
		return false
	}
	w.closed = true
	w.mu.Unlock()
	w.nudge()
	<-w.done
	return true
}

// run is the goroutine that sends.
func (w *Writer) run() {
	defer close(w.done)
	silence := time.NewTimer(w.options.CommitAfter)
	defer silence.Stop()
	for open := true; open; {
		select {
		case <-w.wake:
		case <-silence.C:
			w.breakSilence()
		}
		open = w.drain()
		silence.Reset(w.options.KeepAlive)
	}
	_ = w.extend() // for the terminator that the server writes
}

// breakSilence queues a sign of life if nothing else is.
func (w *Writer) breakSilence() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) > 0 || w.closed {
		return
	}
	sign := waiting
	if w.begun {
		sign = w.options.KeepAliveFrame
	}
	w.queue = sign.Append(w.queue)
}

// drain sends until the queue is empty, then flushes, unless that was the end: then the server is about to. It reports whether there can
// be more to send.
func (w *Writer) drain() bool {
	chunk, open := w.take()
	if len(chunk) == 0 {
		return open
	}
	var err error
	for ; len(chunk) > 0 && err == nil; chunk, open = w.take() {
		err = w.send(chunk)
	}
	if err == nil && open {
		err = supported(w.control.Flush())
	}
	if err != nil {
		w.fail(err)
	}
	return open && err == nil
}

// take swaps the two buffers and commits if there is something to send.
func (w *Writer) take() (chunk []byte, open bool) {
	w.mu.Lock()
	first := len(w.queue) > 0 && !w.committed
	if first {
		w.committed = true
	}
	w.queue, w.taken = w.taken[:0], w.queue
	chunk, open = w.taken, !w.closed
	w.room.Broadcast()
	w.mu.Unlock()
	if first {
		w.commit()
	}
	return chunk, open
}

func (w *Writer) commit() {
	if w.options.OnCommit != nil {
		w.options.OnCommit()
	}
	w.response.WriteHeader(http.StatusOK)
}

// send writes in pieces, each with its own deadline, so that a client which reads slowly but steadily is kept.
func (w *Writer) send(chunk []byte) error {
	for len(chunk) > 0 {
		n := min(len(chunk), piece)
		if err := w.extend(); err != nil {
			return err
		}
		if _, err := w.response.Write(chunk[:n]); err != nil {
			return err
		}
		chunk = chunk[n:]
	}
	return nil
}

// extend renews the deadline. It is the socket's, hence in real time.
func (w *Writer) extend() error {
	return supported(w.control.SetWriteDeadline(time.Now().Add(w.options.WriteTimeout)))
}

// supported forgives a ResponseWriter that cannot do a thing at all.
func supported(err error) error {
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

func (w *Writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
	w.queue = nil
	w.room.Broadcast()
}
