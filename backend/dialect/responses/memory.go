package responses

import (
	"container/list"
	"sync"
	"time"
)

// Memory is a Store that forgets: what is older than a while, and what was not asked for the longest when there is too much.
type Memory struct {
	now     func() time.Time
	entries int
	bytes   int
	keep    time.Duration

	mu    sync.Mutex
	order list.List // of *remembered, the last used first
	byID  map[string]*list.Element
	held  int // bytes
}

type remembered struct {
	id     string
	stored Stored
	size   int
	until  time.Time
}

// NewMemory makes a store for so many responses and bytes at most, each for so long after it was saved.
func NewMemory(now func() time.Time, entries int, bytes int, keep time.Duration) *Memory {
	return &Memory{now: now, entries: entries, bytes: bytes, keep: keep, byID: map[string]*list.Element{}}
}

// Load finds a response.
func (m *Memory) Load(id string) (Stored, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgetOld()
	element, ok := m.byID[id]
	if !ok {
		return Stored{}, false
	}
	m.order.MoveToFront(element)
	return element.Value.(*remembered).stored, true
}

// Save keeps a response, unless it is larger than all that may be held.
func (m *Memory) Save(id string, s Stored) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(m.byID[id])
	m.forgetOld()
	kept := &remembered{id: id, stored: s, size: s.size(), until: m.now().Add(m.keep)}
	if !s.Until.IsZero() && s.Until.Before(kept.until) {
		kept.until = s.Until
	}
	if kept.size > m.bytes || m.entries < 1 {
		return
	}
	for m.order.Len() >= m.entries || m.held+kept.size > m.bytes {
		m.forget(m.order.Back())
	}
	m.byID[id] = m.order.PushFront(kept)
	m.held += kept.size
}

// Delete forgets a response.
func (m *Memory) Delete(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgetOld()
	element, ok := m.byID[id]
	m.forget(element)
	return ok
}

func (m *Memory) forgetOld() {
	now := m.now()
	for element := m.order.Front(); element != nil; {
		next := element.Next()
		if !now.Before(element.Value.(*remembered).until) {
			m.forget(element)
		}
		element = next
	}
}

func (m *Memory) forget(element *list.Element) {
	if element == nil {
		return
	}
	gone := m.order.Remove(element).(*remembered)
	delete(m.byID, gone.id)
	m.held -= gone.size
}
