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

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Store keeps the keys and what is set aside of their daily limits.
type Store interface {
	KeyStore
	DayStore
}

// KeyStore keeps the keys. TotalRequests and LastUsed are counted by whoever records usage: All reads them, Update leaves them alone.
type KeyStore interface {
	All(ctx context.Context) ([]Key, error)
	Insert(ctx context.Context, k Key) (id int64, err error)
	Update(ctx context.Context, k Key) error
	Delete(ctx context.Context, id int64) error
}

// DayStore keeps the reservations. Days answers with those of several days a key, in the order they were last written.
type DayStore interface {
	Days(ctx context.Context) ([]Day, error)
	Reserve(ctx context.Context, d Day) error
}

// Day is what is set aside of a key's daily limit on one day.
type Day struct {
	KeyID    int64
	Day      int64 // days since 1970, UTC
	Reserved int
}

// Config is what a Gate needs.
type Config struct {
	Store   Store
	Now     func() time.Time     // the wall clock, which may jump
	Elapsed func() time.Duration // a clock that does not jump; nil is the time since the gate was made
	Log     *slog.Logger         // may be nil
	Changed func()               // called after every change to the keys; may be nil
}

// Gate lets clients in by their keys. It holds all keys in memory; only setting aside a part of a daily limit touches the store while a
// request waits.
type Gate struct {
	config   Config
	editing  sync.Mutex // one change to the keys at a time
	keys     atomic.Pointer[ring]
	inFlight atomic.Int64
}

// ring is all keys at one moment. It is never changed, only replaced.
type ring struct {
	byID     map[int64]*entry
	byDigest map[uint64][]*entry // by the first bytes of the digest
}

// entry is one state of a key. The states of one key share its counter.
type entry struct {
	key     Key
	counter *counter
	ended   chan struct{} // closed once the key is revoked or deleted
}

// NewGate loads the keys.
func NewGate(ctx context.Context, config Config) (*Gate, error) {
	if config.Elapsed == nil {
		start := time.Now()
		config.Elapsed = func() time.Duration { return time.Since(start) }
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	keys, err := config.Store.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the keys: %w", err)
	}
	days, err := config.Store.Days(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the keys' daily counts: %w", err)
	}
	g := &Gate{config: config}
	entries := map[int64]*entry{}
	for _, key := range keys {
		entries[key.ID] = &entry{key: key, counter: newCounter(), ended: make(chan struct{})}
	}
	for _, day := range days {
		if found, ok := entries[day.KeyID]; ok {
			found.counter.day.restore(day)
		}
	}
	g.publish(entries)
	return g, nil
}

// publish replaces the ring.
func (g *Gate) publish(entries map[int64]*entry) {
	fresh := &ring{byID: entries, byDigest: map[uint64][]*entry{}}
	for _, e := range entries {
		index := binary.LittleEndian.Uint64(e.key.Hash[:])
		fresh.byDigest[index] = append(fresh.byDigest[index], e)
	}
	g.keys.Store(fresh)
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

// Identify finds the key with this text. It counts nothing. A key that is missing, unknown, revoked or expired is fault.Unauthenticated; that
// it is revoked or expired is said only to those who have the whole key.
func (g *Gate) Identify(token secret.String) (Key, error) {
	if token.IsZero() {
		return Key{}, fault.New(fault.Unauthenticated, `This request has no API key. Send one made in AMQ2API as "Authorization: Bearer amq-..." or "x-api-key: amq-...".`)
	}
	sum := digest(token)
	for _, candidate := range g.keys.Load().byDigest[binary.LittleEndian.Uint64(sum[:])] {
		if subtle.ConstantTimeCompare(candidate.key.Hash[:], sum[:]) == 1 {
			return candidate.key, candidate.key.usable(g.config.Now())
		}
	}
	return Key{}, unknown()
}

func unknown() error {
	return fault.New(fault.Unauthenticated, "AMQ2API does not know this API key. Check that it is complete, or create a new one.")
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

// Permit is leave to run one generation request. Call Done when the request has ended, however it ended.
type Permit struct {
	Key   Key
	ended <-chan struct{}
	done  func()
}

// Revoked is closed when the key is revoked or deleted: what still runs under it is to be ended.
func (p *Permit) Revoked() <-chan struct{} { return p.ended }

// Done gives the permit back. Calling it again does nothing.
func (p *Permit) Done() { p.done() }

// Admit counts one generation request against the key's limits. Over a limit it is fault.Limited, with the time to wait; a key that has been
// revoked, deleted or has expired meanwhile is fault.Unauthenticated.
func (g *Gate) Admit(ctx context.Context, keyID int64) (*Permit, error) {
	e, ok := g.keys.Load().byID[keyID]
	if !ok {
		return nil, unknown()
	}
	if err := e.key.usable(g.config.Now()); err != nil {
		return nil, err
	}
	if err := g.count(ctx, e); err != nil {
		return nil, err
	}
	g.inFlight.Add(1)
	return &Permit{Key: e.key, ended: e.ended, done: sync.OnceFunc(func() { g.inFlight.Add(-1) })}, nil
}

// InFlight is the number of permits that are out.
func (g *Gate) InFlight() int { return int(g.inFlight.Load()) }

// Close writes the exact daily counts, so that a restart neither loses nor invents a request.
func (g *Gate) Close(ctx context.Context) error {
	for id, e := range g.keys.Load().byID {
		if err := e.counter.settle(ctx, g.config.Store, id); err != nil {
			return fmt.Errorf("write a key's daily count: %w", err)
		}
	}
	return nil
}
