package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// renewalGrace is how long the text that a tool's key had before still works: for what is running with it.
const renewalGrace = 10 * time.Minute

// Apply carries a plan out. A file that is not as it was then is fault.Conflict, and nothing is written.
func (c *Connector) Apply(ctx context.Context, id string, start Start) (View, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.propose(ctx, id, start.Model)
	if err != nil {
		return View{}, err
	}
	if err := d.stale(start.Digests); err != nil {
		return View{}, err
	}
	if err := c.compose(d, unmade); err != nil { // before a key is made for nothing
		return View{}, err
	}
	key, err := c.takeKey(ctx, d)
	if err == nil {
		c.passed("key")
		err = c.carryOut(d, key)
	}
	if err != nil {
		return View{}, err
	}
	c.Log.Info("tool connected", "tool", id)
	c.Changed()
	return c.viewOf(ctx, d.tool)
}

// takeKey makes the tool's key, or gives it a new text, unless the one in the file is kept.
func (c *Connector) takeKey(ctx context.Context, d *proposal) (secret.String, error) {
	if d.tool.keyless() || !d.key.text.IsZero() {
		return d.key.text, nil
	}
	if d.key.id == 0 {
		view, text, err := c.Keys.Create(ctx, access.Draft{Name: c.freeName(ctx, d.tool.name), Description: describing(d.tool)})
		d.key.id = view.ID
		return text, err
	}
	if d.key.active {
		_, text, err := c.Keys.Rotate(ctx, d.key.id, renewalGrace)
		return text, err
	}
	_, text, err := c.Keys.Rotate(ctx, d.key.id, 0) // the text that was revoked stays so
	if err != nil {
		return secret.String{}, err
	}
	active := true
	_, err = c.Keys.Update(ctx, d.key.id, access.Edit{Active: &active})
	return text, err
}

// freeName is a tool's name, or with a number if another key is called so.
func (c *Connector) freeName(ctx context.Context, name string) string {
	keys, err := c.Keys.List(ctx)
	taken := func(wanted string) bool {
		return slices.ContainsFunc(keys, func(key access.View) bool { return key.Name == wanted })
	}
	if err != nil || !taken(name) {
		return name
	}
	for number := 2; ; number++ {
		if numbered := fmt.Sprintf("%s %d", name, number); !taken(numbered) {
			return numbered
		}
	}
}

// carryOut writes the copies of what was there, then the journal, then the files.
func (c *Connector) carryOut(d *proposal, key secret.String) error {
	if err := c.compose(d, key.Reveal()); err != nil {
		return err
	}
	for i, base := range d.bases {
		if base.exists {
			if err := c.books.keep(d.keeps[i].Before, base.text); err != nil {
				return err
			}
		}
		c.passed("copy")
	}
	j, err := c.books.read()
	if err != nil {
		return err
	}
	j.Tools[d.tool.id] = entry{Key: d.key.id, Model: d.model, At: c.Now().UTC(), Files: d.keeps}
	if err := c.books.write(j); err != nil {
		return err
	}
	c.passed("journal")
	for i, f := range d.files {
		if err := f.unchanged(); err != nil {
			return err
		}
		if err := f.store(d.results[i], nil); err != nil {
			return err
		}
		c.passed("file")
	}
	c.books.tidy(j)
	return nil
}

// unchanged looks once more, just before a file is replaced.
func (f file) unchanged() error {
	if now := look(f.path); now.trouble != nil || now.digest() != f.digest() {
		return fault.New(fault.Conflict, "%s was changed by another program at this moment, so it was not written. Try again.", f.path)
	}
	return nil
}

func (c *Connector) passed(step string) {
	if c.after != nil {
		c.after(step)
	}
}

// Undo puts back what was there before. The key that was made for the tool is revoked, unless it is to be kept.
func (c *Connector) Undo(ctx context.Context, id string, keepKey bool) (View, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.writable(id)
	if err != nil {
		return View{}, err
	}
	if err := c.undo(ctx, t, keepKey); err != nil {
		return View{}, err
	}
	c.Changed()
	return c.viewOf(ctx, t)
}

// UndoAll is Undo for every tool. One that cannot be undone does not keep the others from it; what is in its way is the error.
func (c *Connector) UndoAll(ctx context.Context, keepKeys bool) ([]View, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var failures error
	for _, t := range tools() {
		if t.files != nil && c.Home != "" {
			failures = errors.Join(failures, c.undo(ctx, t, keepKeys))
		}
	}
	c.Changed()
	if failures != nil {
		return nil, failures
	}
	return c.views(ctx)
}

func (c *Connector) undo(ctx context.Context, t tool, keepKey bool) error {
	j, err := c.books.read()
	if err != nil {
		return err
	}
	r := j.Tools[t.id]
	if len(r.Files) == 0 {
		return nil
	}
	if err := c.putBack(t, r); err != nil {
		return err
	}
	r.Files = nil
	j.Tools[t.id] = r
	if err := c.books.write(j); err != nil {
		return err
	}
	c.passed("journal")
	c.books.tidy(j)
	c.Log.Info("tool disconnected", "tool", t.id)
	if keepKey || r.Key == 0 {
		return nil
	}
	if _, err := c.Keys.Revoke(ctx, r.Key); err != nil && fault.Of(err).Kind != fault.NotFound { // it may have been deleted
		return err
	}
	return nil
}

// putBack writes what every file is without us, once it is known for all of them.
func (c *Connector) putBack(t tool, r entry) error {
	files := c.look(t, r)
	results := make([]outcome, len(files))
	for i, f := range files {
		if f.trouble != nil {
			return unfit(f.path, *f.trouble)
		}
		k, _ := r.find(f.path)
		var err error
		if results[i], err = c.books.restored(t.speaks, f, k, t.fresh); err != nil {
			return unfit(f.path, trouble{Broken, reasonOf(err), err.Error()})
		}
	}
	for i, f := range files {
		k, _ := r.find(f.path)
		if err := f.store(results[i], k.Folders); err != nil {
			return err
		}
		c.passed("file")
	}
	return nil
}
