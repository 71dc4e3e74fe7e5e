package access

import (
	"context"
	"fmt"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// maxGrace is how long two texts of a key may work.
const maxGrace = 7 * 24 * time.Hour

// Rotate gives a key a new text, which is returned here and kept nowhere. The old one works until the grace, at most seven days, is over; both
// are the same key, with the same limits. What runs goes on. A text that was replaced before ends at once.
func (g *Gate) Rotate(ctx context.Context, id int64, grace time.Duration) (View, secret.String, error) {
	if grace < 0 || grace > maxGrace {
		return View{}, secret.String{}, invalid("grace_s", "grace_s must be from 0, for no time at all, to %d (seven days).", maxGrace/time.Second).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "grace_s", Limit: int64(maxGrace / time.Second)})
	}
	token := newToken()
	if err := g.rotate(ctx, id, token, grace); err != nil {
		return View{}, secret.String{}, err
	}
	view, err := g.Get(ctx, id)
	return view, token, err
}

// EndPrevious ends the text that a rotation replaced before its grace is over. Without such a text nothing changes.
func (g *Gate) EndPrevious(ctx context.Context, id int64) (View, error) {
	if err := g.endPrevious(ctx, id); err != nil {
		return View{}, err
	}
	return g.Get(ctx, id)
}

func (g *Gate) endPrevious(ctx context.Context, id int64) error {
	g.editing.Lock()
	defer g.editing.Unlock()
	old, ok := g.keys.Load().byID[id]
	if !ok {
		return missing(id)
	}
	key, now := old.key, g.moment()
	if !now.Before(key.Previous.Until) {
		return nil
	}
	key.UpdatedAt, key.Previous.Until = now, now
	if err := g.config.Store.Update(ctx, key); err != nil {
		return fmt.Errorf("save the key: %w", err)
	}
	g.replace(id, g.become(old, key))
	g.changed()
	return nil
}

func (g *Gate) rotate(ctx context.Context, id int64, token secret.String, grace time.Duration) error {
	g.editing.Lock()
	defer g.editing.Unlock()
	old, ok := g.keys.Load().byID[id]
	if !ok {
		return missing(id)
	}
	key := old.key
	key.UpdatedAt = g.moment()
	key.Previous = Previous{Prefix: key.Prefix, Hash: key.Hash, Until: key.UpdatedAt.Add(grace)}
	key.Prefix, key.Hash = token.Reveal()[:shownLength], digest(token)
	if err := g.config.Store.Update(ctx, key); err != nil {
		return fmt.Errorf("save the key: %w", err)
	}
	g.replace(id, g.become(old, key))
	g.changed()
	return nil
}
