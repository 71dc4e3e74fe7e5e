package admin

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"amq2api/backend/sse"
)

// Changes passes on that something of a noun changed, so that whoever shows it fetches it again. It never blocks the one who says so.
// The zero value is ready to use.
type Changes struct {
	mu          sync.Mutex
	subscribers map[*Subscription]struct{}
}

// Subscription is one listener to Changes. Nouns that change while it is busy are kept, each once.
type Subscription struct {
	changes *Changes
	wake    chan struct{}
	pending []string // guarded by changes.mu
}

// Say announces a change.
func (c *Changes) Say(noun string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.subscribers {
		if !slices.Contains(s.pending, noun) {
			s.pending = append(s.pending, noun)
		}
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// Subscribe starts listening. Close ends it.
func (c *Changes) Subscribe() *Subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subscribers == nil {
		c.subscribers = map[*Subscription]struct{}{}
	}
	s := &Subscription{changes: c, wake: make(chan struct{}, 1)}
	c.subscribers[s] = struct{}{}
	return s
}

// Wake receives when there is something to Take.
func (s *Subscription) Wake() <-chan struct{} { return s.wake }

// Take returns the nouns that changed since the last time.
func (s *Subscription) Take() []string {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	nouns := s.pending
	s.pending = nil
	return nouns
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	delete(s.changes.subscribers, s)
}

// batchEvery gathers changes, so that a burst of requests is one refresh of the page.
const batchEvery = 250 * time.Millisecond

// mayStay reports whether a stream's request would still be let in: sessions end while streams are open.
func (d *desk) mayStay(r *http.Request) bool { return d.window || d.admit(r) == nil }

// events streams changes until the page closes or its session has ended.
func (d *desk) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	subscription := d.Changes.Subscribe()
	defer subscription.Close()
	stream := sse.NewWriter(w, sse.Options{KeepAliveFrame: sse.Frame{Comment: "still here"}})
	defer func() { _, _ = stream.Close() }()
	if stream.Write(sse.Frame{Comment: "hello"}) != nil {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case <-subscription.Wake():
		}
		if !d.mayStay(r) {
			return
		}
		for _, noun := range subscription.Take() {
			encoded, err := json.Marshal(Change{Noun: noun})
			if err != nil || stream.Write(sse.Frame{Event: "changed", Data: encoded}) != nil {
				return
			}
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(batchEvery):
		}
	}
}
