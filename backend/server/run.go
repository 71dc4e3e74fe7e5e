package server

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"amq2api/backend/fault"
)

// run is one life of the listener, from start to stop.
type run struct {
	server    *http.Server
	listeners []net.Listener
	serving   sync.WaitGroup  // one for each listener
	base      context.Context // of every request; its cause says why they end
	cancel    context.CancelCauseFunc
	stopping  context.Context // done as soon as a stop begins
	announce  context.CancelFunc

	mu       sync.Mutex
	requests int
	closing  bool
	idle     chan struct{} // closed when closing and the last request has left
}

// runKey finds a request's run in its context.
type runKey struct{}

// runOf is nil for a request that came by another way than a Proxy.
func runOf(r *http.Request) *run {
	found, _ := r.Context().Value(runKey{}).(*run)
	return found
}

func newRun(listeners []net.Listener) *run {
	r := &run{listeners: listeners, idle: make(chan struct{})}
	r.base, r.cancel = context.WithCancelCause(context.WithValue(context.Background(), runKey{}, r))
	r.stopping, r.announce = context.WithCancel(context.Background())
	return r
}

// enter counts a client's request in, unless a stop has begun.
func (r *run) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return false
	}
	r.requests++
	return true
}

func (r *run) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests--
	r.closeIfIdle()
}

// close lets no client in any more.
func (r *run) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closing = true
	r.closeIfIdle()
}

// closeIfIdle is called with the lock held, and cannot be true twice: nobody enters once closing.
func (r *run) closeIfIdle() {
	if r.closing && r.requests == 0 {
		close(r.idle)
	}
}

// How long requests may take for a proper ending once they are told to end, and administrators for theirs.
const (
	lastWords = time.Second
	farewell  = 5 * time.Second
)

// stop frees the port at once, lets clients' requests run for the grace, then ends them with a fault and, if that does not help, cuts
// their connections. The grace ends early with ctx. Requests to /admin are not waited for: one of them may have asked for the stop.
func (r *run) stop(ctx context.Context, grace time.Duration) {
	r.vacate()
	r.announce()
	r.close()
	if !r.wait(ctx, grace) {
		r.cancel(fault.New(fault.Unavailable, "AMQ2API was stopped."))
		if !r.wait(context.Background(), lastWords) {
			_ = r.server.Close()
		}
	}
	go r.farewell()
}

// vacate frees the port, and nothing else.
func (r *run) vacate() {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = r.server.Shutdown(now) // closes the listeners and what is idle; that others are busy is no error here
	for _, listener := range r.listeners {
		_ = listener.Close() // one that the server has not begun to serve yet
	}
	r.serving.Wait() // a listener that two of us close is closed only when both are done
}

// wait reports whether the last request left in time.
func (r *run) wait(ctx context.Context, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-r.idle:
		return true
	case <-timer.C:
		return false
	case <-ctx.Done():
		return false
	}
}

// farewell closes the last connections.
func (r *run) farewell() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_ = r.server.Shutdown(ctx)
	_ = r.server.Close()
	r.cancel(nil)
}
