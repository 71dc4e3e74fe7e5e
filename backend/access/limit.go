package access

import (
	"context"
	"strings"
	"sync"
	"time"

	"amq2api/backend/fault"
)

const (
	minute         = time.Minute
	reserveTimeout = 2 * time.Second
	reserveRetry   = 5 * time.Second
	largestBlock   = 10
	uncappedBlock  = 100
)

// counter is what is counted of one key.
type counter struct {
	mu      sync.Mutex
	window  window
	day     dayCount
	retryAt time.Duration // while the store cannot be written: when to try again
}

func newCounter() *counter { return &counter{day: dayCount{kept: map[int64]int{}}} }

// count admits one request or says which limit is reached. Nothing is counted unless all limits allow it.
func (g *Gate) count(ctx context.Context, e *entry) error {
	c, k := e.counter, e.key
	c.mu.Lock()
	defer c.mu.Unlock()
	now, elapsed := g.config.Now(), g.config.Elapsed()
	if wait := c.window.wait(elapsed, k.RequestsPerMinute); wait > 0 {
		return limited(k.RequestsPerMinute, "minute", wait, now.Add(wait))
	}
	c.day.roll(now)
	if k.RequestsPerDay > 0 && c.day.used >= k.RequestsPerDay {
		if c.day.used > c.day.reserved {
			g.reserve(ctx, e, 0)
		}
		return limited(k.RequestsPerDay, "day", c.day.end().Sub(now), c.day.end())
	}
	if c.day.used >= c.day.reserved {
		g.reserve(ctx, e, block(k.RequestsPerDay, c.day.used))
	}
	c.window.add(elapsed)
	c.day.used++
	return nil
}

// block is how many requests are set aside at once: after a crash so many at most are counted that never were, and none is forgotten. It
// shrinks as the limit comes near. Without a limit only the number shown is at stake.
func block(limit, used int) int {
	if limit == 0 {
		return uncappedBlock
	}
	return max(1, min(largestBlock, (limit-used)/10))
}

// reserve sets requests aside before they are used. A store that cannot be written does not stop clients: counting then goes on in memory, and
// the store is tried again after a while. The client's leaving must not undo what all requests of the key rely on.
func (g *Gate) reserve(ctx context.Context, e *entry, more int) {
	c := e.counter
	if g.config.Elapsed() < c.retryAt {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reserveTimeout)
	defer cancel()
	total := c.day.used + more
	if err := g.config.Store.Reserve(ctx, Day{KeyID: e.key.ID, Day: c.day.day, Reserved: total}); err != nil {
		c.retryAt = g.config.Elapsed() + reserveRetry
		g.config.Log.Warn("a key's daily count cannot be written; it goes on in memory", "key", e.key.Name, "err", err)
		return
	}
	c.day.reserved = total
}

// settle writes the exact count of the day.
func (c *counter) settle(ctx context.Context, store DayStore, keyID int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.day.used == c.day.reserved {
		return nil
	}
	if err := store.Reserve(ctx, Day{KeyID: keyID, Day: c.day.day, Reserved: c.day.used}); err != nil {
		return err
	}
	c.day.reserved = c.day.used
	return nil
}

// now is what the key has used of its limits.
func (c *counter) now(wall time.Time, elapsed time.Duration) (perMinute, perDay int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.day.roll(wall)
	return c.window.count(elapsed), c.day.used
}

func limited(limit int, span string, wait time.Duration, until time.Time) error {
	f := fault.New(fault.Limited, "This API key has used its %d requests per %s. Try again in %s, or raise the limit in AMQ2API.", limit, span, inWords(wait))
	f.RetryAfter, f.Until = wait, until
	return f
}

// inWords rounds up to seconds, or to minutes where seconds no longer matter: 12s, 5h13m.
func inWords(wait time.Duration) string {
	if wait > 2*time.Minute {
		return strings.TrimSuffix((wait + time.Minute - 1).Truncate(time.Minute).String(), "0s")
	}
	return (wait + time.Second - 1).Truncate(time.Second).String()
}

// window is when requests were admitted during the last minute, oldest first.
type window struct {
	at   []time.Duration
	head int // what is before it has left the window
}

// count is the number of requests in the minute that ends now, both ends included.
func (w *window) count(now time.Duration) int {
	for w.head < len(w.at) && now-w.at[w.head] > minute {
		w.head++
	}
	if w.head > len(w.at)/2 {
		w.at = w.at[:copy(w.at, w.at[w.head:])]
		w.head = 0
	}
	return len(w.at) - w.head
}

// wait is how long until another request keeps the window within the limit; 0 is now. A limit of 0 is none.
func (w *window) wait(now time.Duration, limit int) time.Duration {
	if limit == 0 || w.count(now) < limit {
		return 0
	}
	return w.at[len(w.at)-limit] + minute - now + 1
}

func (w *window) add(now time.Duration) { w.at = append(w.at, now) }
