package sse

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// client is a ResponseWriter that remembers what reached it, and when it was flushed.
type client struct {
	mu      sync.Mutex
	header  http.Header
	status  int
	sent    strings.Builder
	flushes int
	slow    time.Duration // how long each write takes
}

func newClient() *client { return &client{header: http.Header{}} }

func (c *client) Header() http.Header { return c.header }

func (c *client) WriteHeader(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

func (c *client) Write(p []byte) (int, error) {
	if c.slow > 0 {
		time.Sleep(c.slow)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent.Write(p)
}

func (c *client) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushes++
}

// got is what reached the client so far.
func (c *client) got() (status int, body string, flushes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status, c.sent.String(), c.flushes
}

func (c *client) mustHave(t *testing.T, status int, body string) {
	t.Helper()
	gotStatus, gotBody, _ := c.got()
	if gotStatus != status || gotBody != body {
		t.Fatalf("the client has %d %q, want %d %q", gotStatus, gotBody, status, body)
	}
}

func mustClose(t *testing.T, w *Writer, wantCommitted bool) {
	t.Helper()
	committed, err := w.Close()
	if err != nil || committed != wantCommitted {
		t.Fatalf("Close is %v, %v; want %v and no error", committed, err, wantCommitted)
	}
}

func mustWrite(t *testing.T, w *Writer, f Frame) {
	t.Helper()
	if err := w.Write(f); err != nil {
		t.Fatal(err)
	}
}

func text(s string) Frame { return Frame{Event: "delta", Data: []byte(s)} }

func TestTheFirstFrameCommitsAndGoesOutAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient()
		w := NewWriter(c, Options{})
		mustWrite(t, w, text("1"))
		synctest.Wait()
		c.mustHave(t, 200, "event: delta\ndata: 1\n\n")
		if _, _, flushes := c.got(); flushes != 1 {
			t.Fatalf("%d flushes, want 1", flushes)
		}
		mustClose(t, w, true)
	})
}

func TestASilentStartCommitsAfterTenSecondsAndThenCommentsEveryFifteen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient()
		w := NewWriter(c, Options{KeepAliveFrame: Frame{Event: "ping", Data: []byte("{}")}})
		time.Sleep(10*time.Second - time.Nanosecond)
		c.mustHave(t, 0, "")
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		c.mustHave(t, 200, ": waiting\n\n")
		time.Sleep(30 * time.Second)
		synctest.Wait()
		c.mustHave(t, 200, strings.Repeat(": waiting\n\n", 3))
		mustClose(t, w, true)
	})
}

func TestSilenceAfterTheFirstFrameIsBrokenByTheDialectsOwnFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient()
		w := NewWriter(c, Options{KeepAliveFrame: Frame{Event: "ping", Data: []byte("{}")}})
		mustWrite(t, w, text("1"))
		time.Sleep(14 * time.Second)
		mustWrite(t, w, text("2")) // speaking starts the silence anew
		time.Sleep(14 * time.Second)
		c.mustHave(t, 200, "event: delta\ndata: 1\n\nevent: delta\ndata: 2\n\n")
		time.Sleep(time.Second)
		synctest.Wait()
		c.mustHave(t, 200, "event: delta\ndata: 1\n\nevent: delta\ndata: 2\n\nevent: ping\ndata: {}\n\n")
		mustClose(t, w, true)
		time.Sleep(time.Minute)
		c.mustHave(t, 200, "event: delta\ndata: 1\n\nevent: delta\ndata: 2\n\nevent: ping\ndata: {}\n\n")
	})
}

func TestClosingBeforeAnythingLeavesTheResponseToTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient()
		w := NewWriter(c, Options{OnCommit: func() { t.Error("committed") }})
		time.Sleep(9 * time.Second)
		mustClose(t, w, false)
		time.Sleep(time.Minute)
		c.mustHave(t, 0, "")
		mustClose(t, w, false)
		if err := w.Write(text("late")); !errors.Is(err, ErrClosed) {
			t.Fatalf("Write after Close is %v, want ErrClosed", err)
		}
	})
}

func TestHeadersCanBeSetUntilTheCommit(t *testing.T) {
	answer := httptest.NewRecorder()
	w := NewWriter(answer, Options{OnCommit: func() { answer.Header().Set("Content-Type", "text/event-stream") }})
	mustWrite(t, w, text("1"))
	mustClose(t, w, true)
	if got := answer.Result().Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("Content-Type is %q", got)
	}
}

func TestCloseDrainsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient()
		c.slow = time.Second
		w := NewWriter(c, Options{})
		want := ""
		for i := range 50 {
			mustWrite(t, w, text(fmt.Sprint(i)))
			want += fmt.Sprintf("event: delta\ndata: %d\n\n", i)
		}
		mustClose(t, w, true)
		c.mustHave(t, 200, want)
	})
}

func TestABurstIsFlushedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient()
		c.slow = time.Second
		w := NewWriter(c, Options{})
		mustWrite(t, w, text("first"))
		synctest.Wait() // the sender is inside its first write
		for range 100 {
			mustWrite(t, w, text("more"))
		}
		time.Sleep(10 * time.Second)
		if _, _, flushes := c.got(); flushes != 1 {
			t.Fatalf("%d flushes for a burst, want 1", flushes)
		}
		mustClose(t, w, true)
	})
}

func TestTheEndIsLeftToTheServerToFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient()
		c.slow = time.Second
		w := NewWriter(c, Options{})
		mustWrite(t, w, text("all there is"))
		mustClose(t, w, true)
		c.mustHave(t, 200, "event: delta\ndata: all there is\n\n")
		if _, _, flushes := c.got(); flushes != 0 {
			t.Fatalf("%d flushes, want none", flushes)
		}
	})
}

func TestAFullQueueHoldsTheProducerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient()
		c.slow = time.Second
		w := NewWriter(c, Options{})
		frame := Frame{Data: make([]byte, 64<<10)}
		var written atomic.Int64
		go func() {
			for w.Write(frame) == nil {
				written.Add(1)
			}
		}()
		synctest.Wait()
		if n := written.Load(); n > 9 {
			t.Fatalf("%d frames of 64 KiB were taken while nothing got through", n)
		}
		time.Sleep(time.Minute) // 60 pieces of 16 KiB get through
		synctest.Wait()
		if n := written.Load(); n < 12 {
			t.Fatalf("only %d frames after a minute: the producer was not let go on", n)
		}
		mustClose(t, w, true)
		synctest.Wait()
	})
}

func TestCancelWinsOnlyBeforeTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		early := newClient()
		w := NewWriter(early, Options{})
		time.Sleep(9 * time.Second)
		if !w.Cancel() {
			t.Fatal("Cancel lost although nothing was committed")
		}
		time.Sleep(time.Minute)
		early.mustHave(t, 0, "")

		late := newClient()
		w = NewWriter(late, Options{})
		time.Sleep(11 * time.Second)
		if w.Cancel() {
			t.Fatal("Cancel won although the status was sent")
		}
		mustWrite(t, w, text("error"))
		mustClose(t, w, true)
		late.mustHave(t, 200, ": waiting\n\nevent: delta\ndata: error\n\n")

		queued := newClient()
		w = NewWriter(queued, Options{})
		mustWrite(t, w, text("1"))
		if w.Cancel() {
			t.Fatal("Cancel won although a frame was queued")
		}
		mustClose(t, w, true)
	})
}

func TestCancelAndTheCommitAtTheSameInstantAgree(t *testing.T) {
	for range 2000 {
		synctest.Test(t, func(t *testing.T) {
			c := newClient()
			w := NewWriter(c, Options{})
			time.Sleep(10 * time.Second)
			cancelled := w.Cancel()
			committed, err := w.Close()
			if err != nil || committed == cancelled {
				t.Fatalf("cancelled %v, committed %v, %v", cancelled, committed, err)
			}
			if status, _, _ := c.got(); (status == 200) != committed {
				t.Fatalf("committed is %v but the client has status %d", committed, status)
			}
		})
	}
}

// gone is a client whose connection broke.
type gone struct{ *client }

var errGone = errors.New("broken pipe")

func (gone) Write([]byte) (int, error) { return 0, errGone }

func TestAGoneClientStopsTheProducer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWriter(gone{newClient()}, Options{})
		mustWrite(t, w, text("1"))
		synctest.Wait()
		if err := w.Write(text("2")); !errors.Is(err, errGone) {
			t.Fatalf("Write to a gone client is %v", err)
		}
		if committed, err := w.Close(); !committed || !errors.Is(err, errGone) {
			t.Fatalf("Close is %v, %v", committed, err)
		}
	})
}

// bare is a ResponseWriter without Flush or deadlines.
type bare struct{ http.ResponseWriter }

func TestAResponseWriterThatCannotFlushStillWorks(t *testing.T) {
	answer := httptest.NewRecorder()
	w := NewWriter(bare{answer}, Options{})
	mustWrite(t, w, text("1"))
	mustClose(t, w, true)
	if got := answer.Body.String(); got != "event: delta\ndata: 1\n\n" {
		t.Fatalf("the client has %q", got)
	}
}

// oneConn is a listener with a single connection.
type oneConn struct {
	conns chan net.Conn
	once  sync.Once
}

func listenOn(conn net.Conn) *oneConn {
	l := &oneConn{conns: make(chan net.Conn, 1)}
	l.conns <- conn
	return l
}

func (l *oneConn) Accept() (net.Conn, error) {
	conn, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l *oneConn) Close() error   { l.once.Do(func() { close(l.conns) }); return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// stream serves one request with a Writer over an in-memory connection and returns the client's end and what the handler returned.
func stream(handler func(*Writer) error) (net.Conn, <-chan error, func()) {
	near, far := net.Pipe()
	result := make(chan error, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		w := NewWriter(rw, Options{})
		err := handler(w)
		_, closeErr := w.Close()
		result <- errors.Join(err, closeErr)
	})}
	listener := listenOn(far)
	go func() { _ = server.Serve(listener) }()
	_, _ = io.WriteString(near, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	return near, result, func() { _ = server.Close(); _ = near.Close() }
}

func TestAClientThatTakesNothingForThirtySecondsIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, result, stop := stream(func(w *Writer) error {
			for {
				if err := w.Write(text("unread")); err != nil {
					return err
				}
				time.Sleep(time.Second)
			}
		})
		defer stop()
		err := <-result
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Fatalf("the stream ended with %v, want a timeout", err)
		}
		if took := time.Since(began); took < 30*time.Second || took > 32*time.Second {
			t.Fatalf("the client was dropped after %v, want 30 s", took)
		}
	})
}

func TestAClientThatReadsSlowlyButSteadilyIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, result, stop := stream(func(w *Writer) error {
			return w.Write(Frame{Data: []byte(strings.Repeat("x", 200<<10))})
		})
		defer stop()
		go func() {
			reader := bufio.NewReaderSize(conn, 16)
			for {
				if _, err := reader.Discard(4 << 10); err != nil {
					return
				}
				time.Sleep(6 * time.Second) // 200 KiB take five minutes
			}
		}()
		if err := <-result; err != nil {
			t.Fatal(err)
		}
	})
}

func TestWritingAFrameAllocatesNothing(t *testing.T) {
	w := NewWriter(newDiscard(), Options{})
	frame := Frame{Event: "content_block_delta", Data: []byte(`{"type":"content_block_delta","index":0,"delta":{"text":"word"}}`)}
	for range 10_000 {
		mustWrite(t, w, frame) // lets the buffers grow
	}
	if allocs := testing.AllocsPerRun(10_000, func() { _ = w.Write(frame) }); allocs > 1 {
		t.Fatalf("%v allocations a frame", allocs)
	}
	mustClose(t, w, true)
}

// discard is a client without memory.
type discard struct{ header http.Header }

func newDiscard() discard                        { return discard{http.Header{}} }
func (d discard) Header() http.Header            { return d.header }
func (discard) WriteHeader(int)                  {}
func (discard) Flush()                           {}
func (discard) Write(p []byte) (int, error)      { return len(p), nil }
func (discard) SetWriteDeadline(time.Time) error { return nil }

func BenchmarkWrite(b *testing.B) {
	w := NewWriter(newDiscard(), Options{})
	frame := Frame{Event: "content_block_delta", Data: []byte(`{"type":"content_block_delta","index":0,"delta":{"text":"word"}}`)}
	b.ReportAllocs()
	for b.Loop() {
		_ = w.Write(frame)
	}
	_, _ = w.Close()
}
