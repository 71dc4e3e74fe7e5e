package access

import (
	"context"
	"fmt"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// View is a key and what it has used of its limits.
type View struct {
	Key
	CurrentRPM  int // requests in the last 60 seconds
	CurrentRPD  int // requests today
	InFlight    int
	TokensToday int64 // of requests that have ended
	MonthTokens int64 // the same of the month
	MonthCost   float64
	Budget      Budget
	DayEnds     time.Time // when the counts of the day begin anew
	MonthEnds   time.Time
}

// List is all keys, oldest first.
func (g *Gate) List(ctx context.Context) ([]View, error) {
	keys, err := g.config.Store.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	ring := g.keys.Load()
	views := make([]View, 0, len(keys))
	for _, key := range keys {
		if e, ok := ring.byID[key.ID]; ok {
			views = append(views, g.view(key, e))
		}
	}
	return views, nil
}

// Get is one key, or fault.NotFound.
func (g *Gate) Get(ctx context.Context, id int64) (View, error) {
	views, err := g.List(ctx)
	if err != nil {
		return View{}, err
	}
	for _, view := range views {
		if view.ID == id {
			return view, nil
		}
	}
	return View{}, missing(id)
}

// Create makes a key. Its text is returned here and kept nowhere.
func (g *Gate) Create(ctx context.Context, draft Draft) (View, secret.String, error) {
	key, err := draft.key(g.rules())
	if err != nil {
		return View{}, secret.String{}, err
	}
	token := newToken()
	key.Prefix, key.Hash = token.Reveal()[:shownLength], digest(token)

	g.editing.Lock()
	defer g.editing.Unlock()
	if key.ID, err = g.config.Store.Insert(ctx, key); err != nil {
		return View{}, secret.String{}, fmt.Errorf("save the key: %w", err)
	}
	made := g.newEntry(key)
	g.replace(key.ID, made)
	g.changed()
	return g.view(key, made), token, nil
}

// Update changes a key. Making it inactive revokes it, making it active again lets it back in.
func (g *Gate) Update(ctx context.Context, id int64, edit Edit) (View, error) {
	if err := g.update(ctx, id, edit); err != nil {
		return View{}, err
	}
	return g.Get(ctx, id)
}

func (g *Gate) update(ctx context.Context, id int64, edit Edit) error {
	g.editing.Lock()
	defer g.editing.Unlock()
	old, ok := g.keys.Load().byID[id]
	if !ok {
		return missing(id)
	}
	key, err := edit.apply(old.key, g.rules())
	if err != nil {
		return err
	}
	if err := g.config.Store.Update(ctx, key); err != nil {
		return fmt.Errorf("save the key: %w", err)
	}
	g.replace(id, g.become(old, key))
	g.changed()
	return nil
}

// become is the entry after a change. It ends what runs under the key if the change revokes it.
func (g *Gate) become(e *entry, key Key) *entry {
	next := &entry{key: key, zone: g.zone(key), counter: e.counter, ended: e.ended}
	switch {
	case e.key.Active && !key.Active:
		close(e.ended)
	case !e.key.Active && key.Active:
		next.ended = make(chan struct{})
	}
	return next
}

// Revoke ends a key and what runs under it. Revoking it again changes nothing.
func (g *Gate) Revoke(ctx context.Context, id int64) (View, error) {
	inactive := false
	return g.Update(ctx, id, Edit{Active: &inactive})
}

// Delete ends a key and forgets it.
func (g *Gate) Delete(ctx context.Context, id int64) error {
	g.editing.Lock()
	defer g.editing.Unlock()
	old, ok := g.keys.Load().byID[id]
	if !ok {
		return missing(id)
	}
	if err := g.config.Store.Delete(ctx, id); err != nil {
		return fmt.Errorf("delete the key: %w", err)
	}
	g.replace(id, nil)
	if old.key.Active {
		close(old.ended)
	}
	g.changed()
	return nil
}

func (g *Gate) view(key Key, e *entry) View {
	c := e.counter
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roll(g.config.Now(), e.zone)
	month := c.month.current.spent()
	return View{
		Key: key, CurrentRPM: c.window.count(g.config.Elapsed()), CurrentRPD: int(c.day.current.used().Requests), InFlight: c.running,
		TokensToday: c.day.current.spent().Tokens, MonthTokens: month.Tokens, MonthCost: float64(month.Cost) / million, Budget: c.budget(key),
		DayEnds: c.day.end(), MonthEnds: c.month.end(),
	}
}

// moment is now as the store keeps it.
func (g *Gate) moment() time.Time { return g.config.Now().UTC().Truncate(time.Millisecond) }

func (g *Gate) changed() {
	if g.config.Changed != nil {
		g.config.Changed()
	}
}

func missing(id int64) error {
	return fault.New(fault.NotFound, "There is no API key with the id %d.", id)
}
