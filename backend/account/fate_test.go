package account_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/secret"
)

// fate makes the calls to store and vault fail that a story names.
type fate struct {
	mu    sync.Mutex
	calls int
	nth   int // the call that fails; 0 is none
	mode  mode
	also  func() // what else happens when a call fails; may be nil
}

// mode is how a call fails.
type mode string

const (
	refused mode = "refused"                   // it does nothing and fails
	unheard mode = "done, but reported failed" // it does its work and fails
	killed  mode = "killed"                    // it does nothing and fails, and so does everything after it
)

var errFate = errors.New("the cable was pulled")

func (f *fate) strike(nth int, mode mode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.nth, f.mode = 0, nth, mode
}

func (f *fate) do(call func() error) error {
	f.mu.Lock()
	f.calls++
	struck := f.nth > 0 && (f.calls == f.nth || f.mode == killed && f.calls > f.nth)
	mode, also := f.mode, f.also
	f.mu.Unlock()
	if !struck {
		return call()
	}
	if also != nil {
		also()
	}
	if mode == unheard {
		return errors.Join(errFate, call())
	}
	return errFate
}

// safe is a vault.
type safe struct {
	fate  *fate
	mu    sync.Mutex
	items map[string]secret.String
	away  error                             // not nil while the vault is out of reach
	cut   func(secret.String) secret.String // nil keeps secrets as they are
	takes time.Duration                     // that every call takes
}

func (s *safe) do(call func() error) error {
	return s.fate.do(func() error {
		s.mu.Lock()
		takes := s.takes
		s.mu.Unlock()
		if takes > 0 {
			time.Sleep(takes)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.away != nil {
			return s.away
		}
		return call()
	})
}

func (s *safe) Get(_ context.Context, name string) (item secret.String, err error) {
	err = s.do(func() error {
		found, known := s.items[name]
		if item = found; !known {
			return fmt.Errorf("get %s: %w", name, account.ErrNoSecret)
		}
		return nil
	})
	return item, err
}

func (s *safe) Set(_ context.Context, name string, item secret.String) error {
	return s.do(func() error {
		if s.cut != nil {
			item = s.cut(item)
		}
		s.items[name] = item
		return nil
	})
}

func (s *safe) Delete(_ context.Context, name string) error {
	return s.do(func() error {
		delete(s.items, name)
		return nil
	})
}

func (s *safe) lock(away error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// slow makes every call take its time.
func (s *safe) slow(takes time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takes = takes
}

func (s *safe) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.items))
}
