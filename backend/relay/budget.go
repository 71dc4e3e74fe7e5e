package relay

import (
	"sync"
	"time"
)

// The retry budget keeps a broken upstream from being hit harder than a healthy one: over a window, retries may be a fifth of the
// requests, or a small floor if that is more.
const (
	budgetWindow = 10 * time.Second
	budgetShare  = 5  // one retry for so many requests
	budgetFloor  = 30 // retries a window
)

// budget counts requests and retries in a window of fixed start.
type budget struct {
	now func() time.Time

	mu       sync.Mutex
	start    time.Time
	requests int
	retries  int
}

func newBudget(now func() time.Time) *budget { return &budget{now: now} }

func (b *budget) request() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roll()
	b.requests++
}

// retry takes one retry from the budget and reports whether there was one.
func (b *budget) retry() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roll()
	if b.retries >= max(budgetFloor, b.requests/budgetShare) {
		return false
	}
	b.retries++
	return true
}

func (b *budget) roll() {
	if now := b.now(); now.Sub(b.start) >= budgetWindow {
		b.start, b.requests, b.retries = now, 0, 0
	}
}
