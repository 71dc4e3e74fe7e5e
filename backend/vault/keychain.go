package vault

import (
	"context"
	"errors"
	"time"

	"github.com/zalando/go-keyring"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// silence is how long a keychain that does not even say how it is is not asked again, so that not everybody waits for it in turn.
const silence = 3 * time.Second

// callLimit bounds one call to the keychain. A locked keychain may ask the user for a password and wait for the answer without end.
const callLimit = 5 * time.Second

// otherWay ends every sentence about a keychain that cannot be used.
const otherWay = "set AMQ2API_VAULT=file and AMQ2API_VAULT_PASSPHRASE_FILE to keep secrets in an encrypted file instead."

// keyringCalls is what a keychain is to us. Get and Delete of a missing entry fail with keyring.ErrNotFound.
type keyringCalls struct {
	get    func(service, entry string) (string, error)
	set    func(service, entry, text string) error
	delete func(service, entry string) error
}

// Keychain keeps secrets in the operating system's keychain: Credential Manager, the macOS Keychain or the Secret Service. Operations
// run one after another. Safe for concurrent use; nothing to close.
type Keychain struct {
	service string
	calls   keyringCalls
	probe   func(context.Context) error // nil, or a fault around ErrAbsent or ErrLocked; asked before every operation
	turn    chan struct{}               // held by the operation that runs
	silent  time.Time                   // when it last did not say how it is; belongs to the turn
	call    chan struct{}               // held by the call that runs, also when nobody waits for it any more
}

// OpenKeychain opens the keychain for the items of one service, such as "amq2api/<profile id>". It fails with ErrAbsent where there is
// no keychain. One that is locked opens all the same: State tells, and operations fail with ErrLocked until it is unlocked.
func OpenKeychain(ctx context.Context, service string) (*Keychain, error) {
	if service == "" {
		return nil, errors.New("open the keychain: the service has no name")
	}
	k := newKeychain(service, keyringCalls{get: keyring.Get, set: keyring.Set, delete: keyring.Delete}, probe)
	if err := k.operate(ctx, func() error { return nil }); errors.Is(err, ErrAbsent) || err != nil && ctx.Err() != nil {
		return nil, err
	}
	return k, nil
}

func newKeychain(service string, calls keyringCalls, probe func(context.Context) error) *Keychain {
	return &Keychain{service: service, calls: calls, probe: probe, turn: make(chan struct{}, 1), call: make(chan struct{}, 1)}
}

// State asks the keychain whether it is there, unlocked and answering; it waits for its turn, and at most 5 seconds for the answer.
func (k *Keychain) State(ctx context.Context) State {
	return stateOf(KindKeychain, k.operate(ctx, func() error { return nil }))
}

// Get returns the item. Errors: ErrNotFound, ErrAbsent, ErrLocked, ErrBusy, or ErrDamaged for an item that is not whole.
func (k *Keychain) Get(ctx context.Context, name string) (secret.String, error) {
	var item secret.String
	err := k.operate(ctx, func() error {
		text, err := k.load(ctx, name)
		item = secret.New(text)
		return err
	})
	return item, err
}

// Set keeps the item under the name and reads it back. An item that was there stays whole until the new one is. After ErrBusy it is
// not known whether the keychain has kept the item. Errors: ErrAbsent, ErrLocked, ErrBusy, or ErrDamaged if the keychain did not keep
// what it was given.
func (k *Keychain) Set(ctx context.Context, name string, item secret.String) error {
	return k.operate(ctx, func() error { return k.save(ctx, name, item.Reveal()) })
}

// Delete removes the item and every piece of it; one that is not there is no error. Errors: ErrAbsent, ErrLocked, ErrBusy.
func (k *Keychain) Delete(ctx context.Context, name string) error {
	return k.operate(ctx, func() error { return k.remove(ctx, name) })
}

// operate waits for its turn, probes, and runs one operation.
func (k *Keychain) operate(ctx context.Context, run func() error) error {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if time.Since(k.silent) < silence {
		return busy()
	}
	asked := time.Now()
	if err := k.bounded(ctx, k.probe); err != nil {
		if now := time.Now(); errors.Is(err, ErrBusy) && now.Sub(asked) >= callLimit {
			k.silent = now
		}
		return err
	}
	return run()
}

// bounded runs one call on a goroutine of its own and waits for it, at most callLimit. A context that is cancelled meanwhile does not
// cut the call short, because nobody could tell then what it did. A call that was given up keeps k.call until it returns, and until
// then every other call fails at once: there is never more than one such goroutine.
func (k *Keychain) bounded(ctx context.Context, call func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case k.call <- struct{}{}:
	default:
		return busy()
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := call(limited)
		<-k.call
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || limited.Err() == nil {
			return err
		}
	case <-limited.Done():
	}
	return busy()
}

func busy() error {
	return fault.Wrap(fault.Unavailable, ErrBusy, "The keychain is busy: it does not answer. It may be waiting for you to unlock it in a "+
		"window of its own. Answer that window, or %s", otherWay).Saying(fault.Said{Code: fault.KeychainBusy})
}

// read fetches one entry. A missing one is ErrNotFound.
func (k *Keychain) read(ctx context.Context, entry string) (string, error) {
	var text string
	err := k.bounded(ctx, func(context.Context) error {
		found, err := k.calls.get(k.service, entry)
		if err == nil {
			text = found
		}
		return err
	})
	if err != nil {
		return "", refused(err)
	}
	return text, nil
}

// write puts one entry and compares what the keychain then has.
func (k *Keychain) write(ctx context.Context, entry, text string) error {
	err := k.bounded(ctx, func(context.Context) error { return k.calls.set(k.service, entry, text) })
	if err != nil {
		return refused(err)
	}
	kept, err := k.read(ctx, entry)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err != nil || kept != text {
		return fault.Wrap(fault.Internal, ErrDamaged, "The keychain did not keep a secret as it was given. Try again, or %s", otherWay).Saying(fault.Said{Code: fault.VaultUnwritten})
	}
	return nil
}

// erase deletes one entry; a missing one is no error.
func (k *Keychain) erase(ctx context.Context, entry string) error {
	err := k.bounded(ctx, func(context.Context) error { return k.calls.delete(k.service, entry) })
	if err = refused(err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// refused turns what the keychain library says into our errors.
func refused(err error) error {
	var known *fault.Error
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return fault.Wrap(fault.Internal, err, "The keychain takes no secret of this size. To go on, %s", otherWay)
	default:
		return fault.Wrap(fault.Unavailable, err, "The keychain refused to answer. Unlock it and try again, or %s", otherWay).Saying(fault.Said{Code: fault.KeychainRefuse})
	}
}
