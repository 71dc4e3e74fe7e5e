package account_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"amq2api/backend/account"
	"amq2api/backend/secret"
)

// trap stands at both sides of every call that an operation makes, and kills the program at one of them. The points have names such as
// "add/vault.Set refresh/after"; what an operation calls again gets a number, such as "rotate/vault.Get refresh #2/before".
type trap struct {
	mu     sync.Mutex
	under  string         // the operation under way; empty lets everything pass
	point  string         // where the program dies; empty is nowhere
	counts map[string]int // by call, of the operation under way
	passed []string       // every point the operation came by
}

// arm begins an operation that dies at a point.
func (k *trap) arm(operation, point string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.under, k.point, k.counts, k.passed = operation, point, map[string]int{}, nil
}

// disarm ends the operation and answers with every point it came by.
func (k *trap) disarm() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.under = ""
	return k.passed
}

func (k *trap) around(call string, do func() error) error {
	name := k.number(call)
	k.reach(name + "/before")
	err := do()
	k.reach(name + "/after")
	return err
}

// number is the call's name within its operation.
func (k *trap) number(call string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.under == "" {
		return ""
	}
	k.counts[call]++
	if n := k.counts[call]; n > 1 {
		call = fmt.Sprintf("%s #%d", call, n)
	}
	return k.under + "/" + call
}

func (k *trap) reach(point string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.under == "" || !strings.HasPrefix(point, k.under) {
		return
	}
	k.passed = append(k.passed, point)
	if point == k.point {
		die()
	}
}

// die ends the program as kill -9 does.
func die() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// trapStore is a store with the trap at its calls.
type trapStore struct {
	account.Store
	trap *trap
}

func (s trapStore) Rows(ctx context.Context) (rows []account.Row, err error) {
	err = s.trap.around("store.Rows", func() (err error) { rows, err = s.Store.Rows(ctx); return err })
	return rows, err
}

func (s trapStore) Insert(ctx context.Context, row account.Row) (id int64, err error) {
	err = s.trap.around("store.Insert", func() (err error) { id, err = s.Store.Insert(ctx, row); return err })
	return id, err
}

func (s trapStore) Update(ctx context.Context, row account.Row) error {
	return s.trap.around("store.Update", func() error { return s.Store.Update(ctx, row) })
}

func (s trapStore) SaveHealth(ctx context.Context, id int64, health account.Health) error {
	return s.trap.around("store.SaveHealth", func() error { return s.Store.SaveHealth(ctx, id, health) })
}

func (s trapStore) Delete(ctx context.Context, id int64) error {
	return s.trap.around("store.Delete", func() error { return s.Store.Delete(ctx, id) })
}

func (s trapStore) Journal(ctx context.Context) (slots []account.Slot, err error) {
	err = s.trap.around("store.Journal", func() (err error) { slots, err = s.Store.Journal(ctx); return err })
	return slots, err
}

func (s trapStore) Enter(ctx context.Context, slot account.Slot) error {
	return s.trap.around("store.Enter "+kindOf(slot.Name), func() error { return s.Store.Enter(ctx, slot) })
}

func (s trapStore) Strike(ctx context.Context, slot account.Slot) error {
	return s.trap.around("store.Strike "+kindOf(slot.Name), func() error { return s.Store.Strike(ctx, slot) })
}

// trapVault is a vault with the trap at its calls.
type trapVault struct {
	account.Vault
	trap *trap
}

func (v trapVault) Get(ctx context.Context, name string) (item secret.String, err error) {
	err = v.trap.around("vault.Get "+kindOf(name), func() (err error) { item, err = v.Vault.Get(ctx, name); return err })
	return item, err
}

func (v trapVault) Set(ctx context.Context, name string, item secret.String) error {
	return v.trap.around("vault.Set "+kindOf(name), func() error { return v.Vault.Set(ctx, name, item) })
}

func (v trapVault) Delete(ctx context.Context, name string) error {
	return v.trap.around("vault.Delete "+kindOf(name), func() error { return v.Vault.Delete(ctx, name) })
}

// trapRenewer is the way to Amazon with the trap at both ends.
type trapRenewer struct {
	account.Renewer
	trap *trap
}

func (r trapRenewer) Renew(ctx context.Context, a account.Account, s account.Secrets) (tokens account.Tokens, err error) {
	err = r.trap.around("amazon.Renew", func() (err error) { tokens, err = r.Renewer.Renew(ctx, a, s); return err })
	return tokens, err
}

// kindOf says what a slot of that name holds.
func kindOf(name string) string {
	if strings.Contains(name, "/client-secret/") {
		return "client"
	}
	return "refresh"
}
