package settings

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// Store keeps the settings. Load answers with the defaults for what was never saved.
type Store interface {
	Load(ctx context.Context) (Settings, error)
	Save(ctx context.Context, s Settings) error
}

// Choices are the settings in force. Reading them is cheap and never waits.
type Choices struct {
	store   Store
	changed func(Settings)
	ignored []string
	saving  sync.Mutex
	current atomic.Pointer[Settings]
}

// Load reads the settings. What is stored and not valid does not come into force; see Ignored. changed, if not nil, is called with the new ones
// after every change.
func Load(ctx context.Context, store Store, changed func(Settings)) (*Choices, error) {
	loaded, err := store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the settings: %w", err)
	}
	c := &Choices{store: store, changed: changed}
	loaded, c.ignored = loaded.sound()
	loaded = loaded.own()
	c.current.Store(&loaded)
	return c, nil
}

// Ignored names the settings that were stored with a value nobody can mean when they were loaded; they have their defaults.
func (c *Choices) Ignored() []string { return c.ignored }

// Current is the settings in force; they are the caller's own.
func (c *Choices) Current() Settings {
	return c.current.Load().own()
}

// own is a copy that shares no list with the original. Its lists are never nil: on the wire they are arrays.
func (s Settings) own() Settings {
	s.Aliases, s.Hosts, s.Prices = append([]Alias{}, s.Aliases...), append([]string{}, s.Hosts...), append([]Price{}, s.Prices...)
	return s
}

// InForce is the settings in force, shared: to be read only. It costs nothing, so that every request can ask.
func (c *Choices) InForce() *Settings { return c.current.Load() }

// Save puts settings in force that are valid, once they are stored.
func (c *Choices) Save(ctx context.Context, s Settings) error {
	if err := s.Validate(); err != nil {
		return err
	}
	s = s.own()
	c.saving.Lock()
	defer c.saving.Unlock()
	if err := c.store.Save(ctx, s); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	c.current.Store(&s)
	if c.changed != nil {
		c.changed(s)
	}
	return nil
}
