package attach

import (
	"sync"
	"time"
)

// cache remembers values for a while, and only so many bytes of them: the oldest go first.
type cache[K comparable, V any] struct {
	limit int // bytes
	life  time.Duration
	now   func() time.Time

	mu      sync.Mutex
	entries map[K]entry[V]
	order   []K // the oldest first
	size    int
}

type entry[V any] struct {
	value V
	size  int
	until time.Time
}

func newCache[K comparable, V any](limit int, life time.Duration) *cache[K, V] {
	return &cache[K, V]{limit: limit, life: life, now: time.Now, entries: map[K]entry[V]{}}
}

func (c *cache[K, V]) get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.entries[key]
	if ok && !c.now().Before(found.until) {
		return value, false
	}
	return found.value, ok
}

// put remembers a value of a size in bytes, unless it alone would be half of everything.
func (c *cache[K, V]) put(key K, value V, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if size > c.limit/2 {
		return
	}
	if old, known := c.entries[key]; known {
		c.size -= old.size
	} else {
		c.order = append(c.order, key)
	}
	c.entries[key] = entry[V]{value, size, c.now().Add(c.life)}
	for c.size += size; c.size > c.limit; {
		oldest := c.order[0]
		c.order = c.order[1:]
		c.size -= c.entries[oldest].size
		delete(c.entries, oldest)
	}
}
