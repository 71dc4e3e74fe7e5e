package vault

import (
	"context"
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// moody is a keychain that gets into a state, and may get out of it again.
type moody struct {
	*ring
	probing error         // what the probe says
	pause   time.Duration // before every answer, of the probe too
	denied  error         // what every call fails with
	asleep  int           // questions that wait right now
}

func newMoody() *moody { return &moody{ring: newRing()} }

func (m *moody) keychain() *Keychain {
	return newKeychain("amq2api/test", keyringCalls{
		get: func(service, entry string) (string, error) { return m.ask(service, entry) },
		set: func(service, entry, text string) error {
			return m.wait(func() error { return m.set(service, entry, text) })
		},
		delete: func(service, entry string) error { return m.wait(func() error { return m.delete(service, entry) }) },
	}, func(context.Context) error {
		m.sleep()
		return m.probing
	})
}

func (m *moody) ask(service, entry string) (text string, err error) {
	err = m.wait(func() (err error) { text, err = m.get(service, entry); return err })
	return text, err
}

func (m *moody) wait(call func() error) error {
	m.sleep()
	if m.denied != nil {
		return m.denied
	}
	return call()
}

func (m *moody) sleep() {
	m.mu.Lock()
	m.asleep++
	m.mu.Unlock()
	time.Sleep(m.pause)
	m.mu.Lock()
	m.asleep--
	m.mu.Unlock()
}

// unanswered counts the questions that nobody has answered yet.
func (m *moody) unanswered() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asleep
}

var errDenied = errors.New("access denied")

// The operations on a keychain. Opening one is asking it for its state with an error for an answer.
var operations = map[string]func(ctx context.Context, k *Keychain) error{
	"get":    func(ctx context.Context, k *Keychain) error { _, err := k.Get(ctx, "a"); return err },
	"set":    func(ctx context.Context, k *Keychain) error { return k.Set(ctx, "b", secret.New(textOf(1500))) },
	"delete": func(ctx context.Context, k *Keychain) error { return k.Delete(ctx, "c") },
	"open":   func(ctx context.Context, k *Keychain) error { return k.operate(ctx, func() error { return nil }) },
	"state": func(ctx context.Context, k *Keychain) error {
		if state := k.State(ctx); !state.Ready {
			return errors.New(state.Message)
		}
		return nil
	},
}

// errAny is any error with a sentence.
var errAny = errors.New("any error")

// In each state every operation says what the matter is, in the time that a call may take, and with no more than one goroutine left
// waiting. What was kept is there when the state is over.
func TestInEveryStateOfTheKeychainEveryOperationSaysSo(t *testing.T) {
	hour := func(m *moody) { m.pause = time.Hour }
	all := func(err error) map[string]error {
		return map[string]error{"get": err, "set": err, "delete": err, "open": err, "state": errAny}
	}
	states := map[string]struct {
		enter func(m *moody)
		want  map[string]error // by operation; what is not in it works
	}{
		"absent":                 {func(m *moody) { m.probing = fault.Wrap(fault.Unavailable, ErrAbsent, "There is no keychain.") }, all(ErrAbsent)},
		"locked":                 {func(m *moody) { m.probing = fault.Wrap(fault.Unavailable, ErrLocked, "The keychain is locked.") }, all(ErrLocked)},
		"hangs":                  {hour, all(ErrBusy)},
		"slow":                   {func(m *moody) { m.pause = 10 * time.Second }, all(ErrBusy)},
		"slow, but not too slow": {func(m *moody) { m.pause = callLimit - time.Millisecond }, nil},
		"too small":              {func(m *moody) { m.limit = 1000 }, map[string]error{"set": keyring.ErrSetDataTooBig}},
		"truncating":             {func(m *moody) { m.cut = 1000 }, map[string]error{"set": ErrDamaged}},
		"denied":                 {func(m *moody) { m.denied = errDenied }, map[string]error{"get": errDenied, "set": errDenied, "delete": errDenied}},
		"vanishes": {func(m *moody) {
			m.denied = errBroken
			m.probing = fault.Wrap(fault.Unavailable, ErrAbsent, "It is gone.")
		}, all(ErrAbsent)},
		"vanishes in a call": {func(m *moody) { m.left = 0 }, map[string]error{"get": errBroken, "set": errBroken, "delete": errBroken}},
	}
	cells := 0
	for name, state := range states {
		for operation, run := range operations {
			t.Run(name+" "+operation, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { suffer(t, state.enter, run, state.want[operation]) })
			})
			cells++
		}
	}
	t.Logf("A21 | %d states × %d operations = %d cells | typed answer within %v, at most 1 goroutine waiting, recovered in each", len(states), len(operations), cells, callLimit)
}

// suffer runs one operation in a state, more once it has failed, and then looks whether the keychain has recovered.
func suffer(t *testing.T, enter func(*moody), run func(context.Context, *Keychain) error, want error) {
	m := newMoody()
	k := m.keychain()
	set(t, k, "a", "token")
	set(t, k, "c", "another")
	before := maps.Clone(m.entries)
	enter(m)
	began := time.Now()
	err := run(t.Context(), k)
	expectAnswer(t, err, want)
	if waited := time.Since(began); want != nil && waited > callLimit {
		t.Errorf("the answer took %v", waited)
	}
	if want != nil {
		for range 5 {
			expectAnswer(t, run(t.Context(), k), want)
		}
		if n := m.unanswered(); n > 1 {
			t.Errorf("%d goroutines wait for the keychain", n)
		}
		expectKept(t, m, before)
	}
	time.Sleep(m.pause) // until the question that was given up has its answer
	synctest.Wait()
	m.probing, m.pause, m.denied, m.limit, m.cut, m.left = nil, 0, nil, 0, 0, -1
	wants(t, k, "a", "token")
	set(t, k, "b", "works again")
	wants(t, k, "b", "works again")
	if state := k.State(t.Context()); !state.Ready {
		t.Errorf("afterwards the keychain is %+v", state)
	}
}

func expectAnswer(t *testing.T, err, want error) {
	t.Helper()
	switch {
	case want == nil && err != nil:
		t.Errorf("error %v, want none", err)
	case want == errAny && (err == nil || err.Error() == ""):
		t.Error("no sentence")
	case want != nil && want != errAny:
		says(t, err, want)
	}
}

// expectKept checks that an operation that failed has left what was there as it was.
func expectKept(t *testing.T, m *moody, before map[string]string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for entry, text := range before {
		if m.entries[entry] != text {
			t.Errorf("the entry %q was changed", entry)
		}
	}
}

// A hang in the call itself, behind a probe that answers, blocks one goroutine however many come.
func TestAHangBehindTheProbeBlocksOneGoroutineForAllOperations(t *testing.T) {
	for name, run := range operations {
		synctest.Test(t, func(t *testing.T) {
			r := newRing()
			k := r.keychain()
			r.hang = make(chan struct{})
			_, err := k.Get(t.Context(), "a")
			says(t, err, ErrBusy)
			answers := make(chan error)
			for range 20 {
				go func() { answers <- run(t.Context(), k) }()
			}
			began := time.Now()
			for range 20 {
				if err := <-answers; err == nil {
					t.Errorf("%s worked", name)
				}
			}
			if waited := time.Since(began); waited != 0 || r.hanging() != 1 {
				t.Errorf("%s: 20 callers waited %v, and %d calls hang", name, waited, r.hanging())
			}
			r.release()
		})
	}
}
