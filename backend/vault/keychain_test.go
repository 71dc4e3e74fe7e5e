package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// ring is a keychain in a map, with the faults of real ones.
type ring struct {
	mu      sync.Mutex
	entries map[string]string
	limit   int           // of one entry in bytes; 0 is none
	cut     int           // entries are silently cut to this many bytes; 0 is never
	hang    chan struct{} // calls wait for it to be closed
	left    int           // calls until every call fails; negative is never
	calls   int
	waiting int // calls that hang right now
}

func newRing() *ring { return &ring{entries: make(map[string]string), left: -1} }

var errBroken = errors.New("the service left the bus")

// enter counts a call and lets it hang or fail.
func (r *ring) enter() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if hang := r.hang; hang != nil {
		r.waiting++
		r.mu.Unlock()
		<-hang
		r.mu.Lock()
		r.waiting--
	}
	if r.left == 0 {
		return errBroken
	}
	r.left--
	return nil
}

// release lets the calls that hang go on, and later ones through.
func (r *ring) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.hang)
	r.hang = nil
}

// hanging counts the calls that hang right now.
func (r *ring) hanging() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting
}

func (r *ring) get(service, entry string) (string, error) {
	if err := r.enter(); err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	text, found := r.entries[service+" "+entry]
	if !found {
		return "", keyring.ErrNotFound
	}
	return text, nil
}

func (r *ring) set(service, entry, text string) error {
	if err := r.enter(); err != nil {
		return err
	}
	if r.limit > 0 && len(text) > r.limit {
		return keyring.ErrSetDataTooBig
	}
	if r.cut > 0 && len(text) > r.cut {
		text = text[:r.cut]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[service+" "+entry] = text
	return nil
}

func (r *ring) delete(service, entry string) error {
	if _, err := r.get(service, entry); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entries, service+" "+entry)
	return nil
}

func ready(context.Context) error { return nil }

func (r *ring) keychain() *Keychain {
	return newKeychain("amq2api/test", keyringCalls{get: r.get, set: r.set, delete: r.delete}, ready)
}

// lengths are the sizes of secrets around the edges of a piece.
var lengths = []int{1, pieceSize - 1, pieceSize, pieceSize + 1, 2 * pieceSize, 2*pieceSize + 1, 9000, 5, maxPieces * pieceSize}

func textOf(length int) string { return strings.Repeat("0123456789", length/10+1)[:length] }

func TestKeychainKeepsItemsOfEverySize(t *testing.T) {
	r := newRing()
	r.limit = 2560 // of Windows, the smallest
	texts := []string{"", "plain", strings.Repeat("漢字", 1500), "with | and # and \n"}
	for _, length := range lengths {
		texts = append(texts, textOf(length))
	}
	keeps(t, r.keychain(), texts...)
	if len(r.entries) != 0 {
		t.Errorf("%d entries are left after everything was deleted", len(r.entries))
	}
}

func TestPiecesAreCutBetweenCharacters(t *testing.T) {
	text := "x" + strings.Repeat("漢", 3000)
	pieces := split(text)
	for _, piece := range pieces {
		if len(piece) > pieceSize || strings.ToValidUTF8(piece, "") != piece {
			t.Errorf("a piece of %d bytes, or cut inside a character", len(piece))
		}
	}
	if strings.Join(pieces, "") != text {
		t.Error("the pieces are not the text")
	}
	if garbage := strings.Repeat("\x80", 5000); strings.Join(split(garbage), "") != garbage {
		t.Error("bytes that are no characters are lost")
	}
}

func TestAKeychainThatCutsSecretsShortIsFoundOut(t *testing.T) {
	for _, length := range []int{1900, 5000} {
		r := newRing()
		k := r.keychain()
		set(t, k, "a", textOf(6000))
		r.cut = 1000
		says(t, k.Set(t.Context(), "b", secret.New(textOf(length))), ErrDamaged)
		if length > pieceSize {
			says(t, k.Set(t.Context(), "a", secret.New(textOf(length))), ErrDamaged)
			wants(t, k, "a", textOf(6000))
		}
	}
}

func TestAnItemThatWasCutOrMixedUpLaterIsRefused(t *testing.T) {
	tamper := map[string]func(map[string]string){
		"header cut":         func(e map[string]string) { e["amq2api/test a"] = e["amq2api/test a"][:20] },
		"header of others":   func(e map[string]string) { e["amq2api/test a"] = "a password" },
		"header of b":        func(e map[string]string) { e["amq2api/test a"] = e["amq2api/test b"] },
		"too many pieces":    func(e map[string]string) { e["amq2api/test a"] = "amq2api:1|a|99999|x|" },
		"piece cut":          func(e map[string]string) { e["amq2api/test a#a2"] = e["amq2api/test a#a2"][:5] },
		"last piece missing": func(e map[string]string) { delete(e, "amq2api/test a#a3") },
		"pieces swapped": func(e map[string]string) {
			e["amq2api/test a#a1"], e["amq2api/test a#a2"] = e["amq2api/test a#a2"], e["amq2api/test a#a1"]
		},
	}
	for name, change := range tamper {
		t.Run(name, func(t *testing.T) {
			r := newRing()
			k := r.keychain()
			set(t, k, "a", "x"+textOf(5000))
			set(t, k, "b", "short")
			change(r.entries)
			_, err := k.Get(t.Context(), "a")
			says(t, err, ErrDamaged)
			if state := k.State(t.Context()); !state.Ready {
				t.Errorf("one damaged item makes the vault %+v", state)
			}
			set(t, k, "a", "new")
			wants(t, k, "a", "new")
		})
	}
}

func TestASecretTooBigForTheKeychainIsRefused(t *testing.T) {
	r := newRing()
	r.limit = 1000
	if err := r.keychain().Set(t.Context(), "a", secret.New(textOf(1500))); !errors.Is(err, keyring.ErrSetDataTooBig) {
		t.Errorf("error %v", err)
	}
	err := r.keychain().Set(t.Context(), "a", secret.New(textOf(maxPieces*pieceSize+1)))
	if err == nil || fault.Of(err).Kind != fault.Invalid {
		t.Errorf("error %v, want invalid", err)
	}
	if len(r.entries) != 0 {
		t.Errorf("%d entries of a refused item are left", len(r.entries))
	}
}

func TestANameThatCouldBeAPieceIsRefused(t *testing.T) {
	for _, name := range []string{"", "a#a1"} {
		if err := newRing().keychain().Set(t.Context(), name, secret.New("x")); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
}

func TestAFailureAtAnyCallLeavesTheOldTextOrTheNew(t *testing.T) {
	before, after := textOf(5000), "x"+textOf(7000)
	for cut := 0; ; cut++ {
		r := newRing()
		k := r.keychain()
		set(t, k, "a", before)
		r.left = cut
		err := k.Set(t.Context(), "a", secret.New(after))
		r.left = -1
		item, getting := k.Get(t.Context(), "a")
		if getting != nil || item.Reveal() != before && item.Reveal() != after {
			t.Fatalf("a failure at call %d of a change lost the item: %v", cut, getting)
		}
		if deleting := k.Delete(t.Context(), "a"); deleting != nil || len(r.entries) != 0 {
			t.Fatalf("%v; %d entries are left after a failure at call %d", deleting, len(r.entries), cut)
		}
		if err == nil {
			return
		}
		says(t, err, errBroken)
	}
}

func TestAnInterruptedDeletingIsFinishedByTheNext(t *testing.T) {
	for cut := 0; ; cut++ {
		r := newRing()
		k := r.keychain()
		set(t, k, "a", textOf(9000))
		r.left = cut
		err := k.Delete(t.Context(), "a")
		r.left = -1
		if again := k.Delete(t.Context(), "a"); again != nil || len(r.entries) != 0 {
			t.Fatalf("%v; %d entries are left after a failure at call %d", again, len(r.entries), cut)
		}
		if err == nil {
			return
		}
	}
}

func TestAKeychainThatHangsBlocksOneGoroutineOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRing()
		k := r.keychain()
		set(t, k, "a", "token")
		r.hang = make(chan struct{})

		start := time.Now()
		_, err := k.Get(t.Context(), "a")
		says(t, err, ErrBusy)
		if waited := time.Since(start); waited != callLimit {
			t.Errorf("the call was given up after %v, want %v", waited, callLimit)
		}

		start = time.Now()
		for range 10 {
			says(t, k.Set(t.Context(), "b", secret.New("x")), ErrBusy)
			says(t, k.Delete(t.Context(), "b"), ErrBusy)
		}
		state := k.State(t.Context())
		if state.Ready || state.Kind != "keychain" || !strings.Contains(state.Message, "AMQ2API_VAULT=file") {
			t.Errorf("state %+v, want one that says what to do", state)
		}
		if waited := time.Since(start); waited != 0 || r.hanging() != 1 {
			t.Errorf("later calls waited %v, and %d calls hang; want none and 1", waited, r.hanging())
		}

		r.release()
		synctest.Wait()
		wants(t, k, "a", "token")
		lacks(t, k, "b")
	})
}

func TestCallersInLineLearnAtOnceThatTheKeychainHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRing()
		k := r.keychain()
		r.hang = make(chan struct{})
		start := time.Now()
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() { says(t, k.Set(t.Context(), fmt.Sprint(i), secret.New("x")), ErrBusy) })
		}
		all.Wait()
		if waited := time.Since(start); waited != callLimit || r.hanging() != 1 {
			t.Errorf("20 callers waited %v and %d calls hang, want %v and 1", waited, r.hanging(), callLimit)
		}
		r.release()
	})
}

func TestACallerWhoLeavesDoesNotCutACallShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRing()
		k := r.keychain()
		r.hang = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		setting := make(chan error)
		go func() { setting <- k.Set(ctx, "a", secret.New("x")) }()
		synctest.Wait()

		waiting, leave := context.WithCancel(t.Context())
		leave()
		if _, err := k.Get(waiting, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("one who leaves the line got %v", err)
		}
		cancel()
		time.Sleep(callLimit / 2)
		r.release()
		if err := <-setting; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller who left got %v", err)
		}
		lacks(t, k, "a")
	})
}

func TestManyUseTheKeychainAtOnce(t *testing.T) {
	k := newRing().keychain()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			name := fmt.Sprint(i)
			if err := k.Set(t.Context(), name, secret.New(name+textOf(3000))); err != nil {
				t.Error(err)
			}
			wants(t, k, name, name+textOf(3000))
		})
	}
	all.Wait()
}

func TestALockedKeychainIsNotTouched(t *testing.T) {
	r := newRing()
	k := r.keychain()
	k.probe = func(context.Context) error {
		return fault.Wrap(fault.Unavailable, ErrLocked, "The keyring is locked. Unlock it.").Saying(fault.Said{Code: fault.KeychainLocked})
	}
	_, err := k.Get(t.Context(), "a")
	says(t, err, ErrLocked)
	says(t, k.Set(t.Context(), "a", secret.New("x")), ErrLocked)
	says(t, k.Delete(t.Context(), "a"), ErrLocked)
	if r.calls != 0 {
		t.Errorf("%d calls reached a locked keychain, which may ask for a password", r.calls)
	}
	if state := k.State(t.Context()); state != (State{Kind: "keychain", Message: "The keyring is locked. Unlock it.", Said: fault.Said{Code: fault.KeychainLocked}}) {
		t.Errorf("state %+v", state)
	}
	k.probe = ready
	keeps(t, k, "works again")
}

func FuzzDecodeHeader(f *testing.F) {
	f.Add(header{digest: "d", text: "x|y"}.encode())
	f.Add(header{slot: "b", pieces: 3, digest: "d"}.encode())
	f.Add("amq2api:1|a|-1|d|")
	f.Add("amq2api:1||0")
	f.Fuzz(func(t *testing.T, entry string) {
		h, whole := decodeHeader(entry)
		if !whole {
			return
		}
		if again, ok := decodeHeader(h.encode()); !ok || again != h || h.pieces > maxPieces {
			t.Errorf("%q reads as %+v and then as %+v", entry, h, again)
		}
	})
}
