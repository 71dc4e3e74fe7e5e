package access

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Store keeps the keys and what is counted of them.
type Store interface {
	KeyStore
	CountStore
}

// KeyStore keeps the keys. TotalRequests and what begins with Last are counted by whoever records usage: All reads them, Update leaves them
// alone.
type KeyStore interface {
	All(ctx context.Context) ([]Key, error)
	Insert(ctx context.Context, k Key) (id int64, err error)
	Update(ctx context.Context, k Key) error
	Delete(ctx context.Context, id int64) error
}

// CountStore keeps what is counted. Counts answers with several days and months a key, in the order they were last written. Reserve replaces
// those it is given, all or nothing.
type CountStore interface {
	Counts(ctx context.Context) ([]Count, error)
	Reserve(ctx context.Context, c Count) error
}

// Count is what is counted of a key, with what is set aside for requests to come.
type Count struct {
	KeyID   int64
	Periods []Period // the last of each span is the one counted on
	Recent  Recent
}

// Config is what a Gate needs.
type Config struct {
	Store   Store
	Now     func() time.Time     // the wall clock, which may jump
	Elapsed func() time.Duration // a clock that does not jump; nil is the time since the gate was made
	Zone    *time.Location       // where days begin for keys that do not say; nil is this computer's
	Price   Price                // nil is no price for any model
	Log     *slog.Logger         // may be nil
	Changed func()               // called after every change to the keys, and when a budget is nearly used; may be nil
}

// Price says what a model's usage costs, and false if it has no price.
type Price func(model string, usage chat.Usage) (float64, bool)

// Gate lets clients in by their keys. It holds all keys in memory; only setting aside a part of a limit touches the store while a request
// waits.
type Gate struct {
	config   Config
	editing  sync.Mutex // one change to the keys at a time
	keys     atomic.Pointer[ring]
	inFlight atomic.Int64
}

// ring is all keys at one moment. It is never changed, only replaced.
type ring struct {
	byID     map[int64]*entry
	byDigest map[uint64][]text // by the first bytes of the digest
}

// text is one that opens the gate.
type text struct {
	hash     [32]byte
	replaced bool // by a rotation
	entry    *entry
}

// entry is one state of a key. The states of one key share its counter.
type entry struct {
	key     Key
	zone    *time.Location
	counter *counter
	ended   chan struct{} // closed once the key is revoked or deleted
}

// NewGate loads the keys.
func NewGate(ctx context.Context, config Config) (*Gate, error) {
	config.fillIn()
	keys, err := config.Store.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the keys: %w", err)
	}
	counts, err := config.Store.Counts(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the keys' counts: %w", err)
	}
	g := &Gate{config: config}
	entries := map[int64]*entry{}
	for _, key := range keys {
		entries[key.ID] = g.newEntry(key)
	}
	for _, count := range counts {
		if found, ok := entries[count.KeyID]; ok {
			found.counter.restore(count, config.Now(), config.Elapsed())
		}
	}
	g.publish(entries)
	return g, nil
}

func (c *Config) fillIn() {
	if c.Elapsed == nil {
		start := time.Now()
		c.Elapsed = func() time.Duration { return time.Since(start) }
	}
	if c.Zone == nil {
		c.Zone = time.Local
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

func (g *Gate) newEntry(key Key) *entry {
	return &entry{key: key, zone: g.zone(key), counter: newCounter(), ended: make(chan struct{})}
}

// publish replaces the ring.
func (g *Gate) publish(entries map[int64]*entry) {
	fresh := &ring{byID: entries, byDigest: map[uint64][]text{}}
	for _, e := range entries {
		fresh.add(text{hash: e.key.Hash, entry: e})
		if e.key.Previous.Prefix != "" {
			fresh.add(text{hash: e.key.Previous.Hash, replaced: true, entry: e})
		}
	}
	g.keys.Store(fresh)
}

func (r *ring) add(t text) {
	index := binary.LittleEndian.Uint64(t.hash[:])
	r.byDigest[index] = append(r.byDigest[index], t)
}

// replace publishes the ring with another entry for one key; nil takes the key out.
func (g *Gate) replace(id int64, with *entry) {
	entries := maps.Clone(g.keys.Load().byID)
	if with == nil {
		delete(entries, id)
	} else {
		entries[id] = with
	}
	g.publish(entries)
}

// Identify finds the key with this text. It counts nothing. A key that is missing, unknown, revoked, replaced or expired is
// fault.Unauthenticated; what became of it is said only to those who have the whole key.
func (g *Gate) Identify(token secret.String) (Key, error) {
	if token.IsZero() {
		return Key{}, fault.New(fault.Unauthenticated, `This request has no API key. Send one made in AMQ2API as "Authorization: Bearer amq-..." or "x-api-key: amq-...".`)
	}
	sum := digest(token)
	for _, candidate := range g.keys.Load().byDigest[binary.LittleEndian.Uint64(sum[:])] {
		if subtle.ConstantTimeCompare(candidate.hash[:], sum[:]) == 1 {
			key := candidate.entry.key
			if candidate.replaced && !g.config.Now().Before(key.Previous.Until) {
				return key, replaced(key)
			}
			return key, key.usable(g.config.Now())
		}
	}
	if mistyped(token) {
		return Key{}, fault.New(fault.Unauthenticated, "This API key has a typing mistake: its last characters do not fit the others. Copy it once more.")
	}
	return Key{}, unknown()
}

func unknown() error {
	return fault.New(fault.Unauthenticated, "AMQ2API does not know this API key. Check that it is complete, or create a new one.")
}

func replaced(k Key) error {
	return fault.New(fault.Unauthenticated, "This API key was replaced by one that begins with %s, and stopped working on %s. Use the new one.",
		k.Prefix, k.Previous.Until.UTC().Format(time.DateOnly))
}

// usable refuses a key that is revoked or expired.
func (k Key) usable(now time.Time) error {
	switch {
	case !k.Active:
		return fault.New(fault.Unauthenticated, "This API key was revoked. Use another one, or create a new one in AMQ2API.")
	case k.Expired(now):
		return fault.New(fault.Unauthenticated, "This API key expired on %s. Extend it, or create a new one in AMQ2API.", k.ExpiresAt.UTC().Format(time.DateOnly))
	default:
		return nil
	}
}

// InFlight is the number of permits that are out.
func (g *Gate) InFlight() int { return int(g.inFlight.Load()) }

// Close writes the exact counts, so that a restart neither loses nor invents a request.
func (g *Gate) Close(ctx context.Context) error {
	for _, e := range g.keys.Load().byID {
		if err := g.settle(ctx, e); err != nil {
			return fmt.Errorf("write a key's counts: %w", err)
		}
	}
	return nil
}
