// Package vault keeps secrets by name: in the keychain of the operating system, in one encrypted file, or in memory.
//
// The three never stand in for each other: a keychain that is locked or missing is an error that says what to do, not a reason to write
// secrets somewhere else.
package vault

import (
	"context"
	"errors"
	"sync"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// The kinds of vault, as State names them.
const (
	KindKeychain = "keychain"
	KindFile     = "file"
	KindMemory   = "memory"
)

// What a vault's error can be, for errors.Is. The fault around them has the sentence for people.
var (
	ErrNotFound   = errors.New("the vault has no item of that name")
	ErrAbsent     = errors.New("there is no keychain")
	ErrLocked     = errors.New("the keychain is locked")
	ErrBusy       = errors.New("the keychain does not answer")
	ErrDamaged    = errors.New("what the vault holds is damaged")
	ErrPassphrase = errors.New("the passphrase does not open the vault")
)

// State says where secrets are kept and whether they can be reached.
type State struct {
	Kind    string // KindKeychain, KindFile or KindMemory
	Ready   bool
	Message string // a sentence for people; empty if ready
	Said    fault.Said
}

// stateOf is the state a vault is in after err, which may be nil.
func stateOf(kind string, err error) State {
	if err == nil {
		return State{Kind: kind, Ready: true}
	}
	f := fault.Of(err)
	return State{Kind: kind, Message: f.Message, Said: f.Says()}
}

// Memory is a vault that forgets everything when the program ends. The zero value is empty and ready; it must not be copied.
type Memory struct {
	mu    sync.Mutex
	items map[string]secret.String
}

// Get returns the item, or ErrNotFound.
func (m *Memory) Get(_ context.Context, name string) (secret.String, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	item, found := m.items[name]
	if !found {
		return secret.String{}, ErrNotFound
	}
	return item, nil
}

// Set keeps the item under the name, in place of one that was there.
func (m *Memory) Set(_ context.Context, name string, item secret.String) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.items == nil {
		m.items = make(map[string]secret.String)
	}
	m.items[name] = item
	return nil
}

// Delete removes the item; one that is not there is no error.
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.items, name)
	return nil
}

// State is always ready.
func (m *Memory) State(context.Context) State { return stateOf(KindMemory, nil) }
