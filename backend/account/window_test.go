package account_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/secret"
	"amq2api/backend/store"
)

// stopwatch notes when a rotated token comes by.
type stopwatch struct {
	mu    sync.Mutex
	token secret.String // received last
	laps  []lap
}

// lap is one station of a rotated token on its way.
type lap struct {
	station string
	at      time.Time
}

// The stations, in the order they must have.
const (
	received  = "received"
	kept      = "in the vault"
	pointedAt = "pointed at by the row"
	handedOut = "its access token handed out"
)

func (s *stopwatch) note(station string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.laps = append(s.laps, lap{station, time.Now()})
}

// take answers with the laps since the last time.
func (s *stopwatch) take() []lap {
	s.mu.Lock()
	defer s.mu.Unlock()
	laps := s.laps
	s.laps = nil
	return laps
}

type timedRenewer struct {
	account.Renewer
	watch *stopwatch
}

func (r timedRenewer) Renew(ctx context.Context, a account.Account, s account.Secrets) (account.Tokens, error) {
	tokens, err := r.Renewer.Renew(ctx, a, s)
	if err == nil {
		r.watch.note(received)
		r.watch.token = tokens.RefreshToken // read by the same goroutine, when it keeps the token
	}
	return tokens, err
}

type timedVault struct {
	account.Vault
	watch *stopwatch
}

func (v timedVault) Set(ctx context.Context, name string, item secret.String) error {
	err := v.Vault.Set(ctx, name, item)
	if err == nil && item.Equal(v.watch.token) {
		v.watch.note(kept)
	}
	return err
}

type timedStore struct {
	account.Store
	watch *stopwatch
}

func (s timedStore) Update(ctx context.Context, row account.Row) error {
	err := s.Store.Update(ctx, row)
	if err == nil && row.State == account.Active {
		s.watch.note(pointedAt)
	}
	return err
}

// A rotated refresh token is in the vault, and its account points at it, before anything is done with what came with it.
func TestARotatedTokenIsKeptBeforeItIsUsed(t *testing.T) {
	measureWindow(t, newRig(t), 20, false)
}

// The full form says how long a rotated token is in memory only, with a real keyring, and what a kill in that time costs if Amazon lets
// the token before it die at once.
func TestTheWindowInWhichARotatedTokenIsInMemoryOnly(t *testing.T) {
	if !inFull() {
		t.Skipf("%s=full runs it", reliabilityVariable)
	}
	if !inKeyring(t) {
		return
	}
	r := newRig(t)
	times := measureWindow(t, r, 500, true)
	killInWindow(r, true, 100)
	t.Logf("A2 | %s | %s", times, r.window())
}

// measureWindow lets an account renew its token again and again, and tells how long it took to be kept.
func measureWindow(t *testing.T, r *rig, rotations int, keyring bool) string {
	t.Helper()
	roster, watch := r.openTimed(keyring)
	signed := r.signIns(1)[0]
	most := 1_000_000
	if _, err := roster.Add(t.Context(), account.Draft{Name: keptName, ClientID: signed.Client, Secrets: signed.secrets(), Source: "api", Pace: account.EnvelopeEdit{RequestsPerMinute: &most}}); err != nil {
		t.Fatal(err)
	}
	lease, err := roster.Pool().Lease(t.Context(), account.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lease.Credential(t.Context()); err != nil {
		t.Fatal(err)
	}
	watch.take()
	inVault, inRow := make([]time.Duration, 0, rotations), make([]time.Duration, 0, rotations)
	for range rotations {
		if err := lease.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		watch.note(handedOut)
		laps := watch.take()
		if !inOrder(laps) {
			t.Fatalf("the token went %v", laps)
		}
		inVault, inRow = append(inVault, laps[1].at.Sub(laps[0].at)), append(inRow, laps[2].at.Sub(laps[0].at))
	}
	lease.Done(nil)
	return fmt.Sprintf("%d rotations: to the vault %s, to the row %s", rotations, spreadOf(inVault), spreadOf(inRow))
}

func inOrder(laps []lap) bool {
	return slices.EqualFunc(laps, []string{received, kept, pointedAt, handedOut}, func(l lap, station string) bool { return l.station == station })
}

func spreadOf(times []time.Duration) string {
	slices.Sort(times)
	return fmt.Sprintf("median %.1f ms, p99 %.1f ms", milliseconds(times[len(times)/2]), milliseconds(times[len(times)*99/100]))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// openTimed opens a roster with a stopwatch between its parts.
func (r *rig) openTimed(keyring bool) (*account.Roster, *stopwatch) {
	r.t.Helper()
	c := r.newChain(keyring)
	db, err := store.Open(r.t.Context(), filepath.Join(c.profile, "amq2api.db"))
	if err != nil {
		r.t.Fatal(err)
	}
	vault, err := openRigVault(r.t.Context(), job{Profile: c.profile, Service: c.service})
	if err != nil {
		r.t.Fatal(err)
	}
	amazon, err := login.New(login.Config{Endpoint: r.url + "/token", Version: "test"})
	if err != nil {
		r.t.Fatal(err)
	}
	watch := &stopwatch{}
	roster, err := account.OpenRoster(r.t.Context(), account.RosterConfig{
		Store: timedStore{db.Accounts(), watch}, Vault: timedVault{vault, watch}, Renewer: timedRenewer{amazon, watch}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := roster.Close(context.Background()); err != nil {
			r.t.Error(err)
		}
		if err := db.Close(); err != nil {
			r.t.Error(err)
		}
	})
	return roster, watch
}

// The points of a rotation before the new token is in the vault, and from then on.
func windowPoints() (before, after []string) {
	return []string{"rotate/amazon.Renew/after", "rotate/store.Enter refresh/before", "rotate/store.Enter refresh/after", "rotate/vault.Set refresh/before"},
		[]string{"rotate/vault.Set refresh/after", "rotate/vault.Get refresh #2/after", "rotate/store.Update/before", "rotate/store.Update/after", "rotate/store.Journal/after"}
}

// An Amazon that lets the old token die at once takes an account's sign-in with a kill in the window, and nothing else: the account stays,
// and says so. A kill after the window costs nothing.
func TestAKillInTheWindowCostsASignInAtMost(t *testing.T) {
	r := newRig(t)
	killInWindow(r, false, 1)
	t.Log(r.window())
}

// killInWindow kills a number of times at every point around the window.
func killInWindow(r *rig, keyring bool, each int) {
	r.t.Helper()
	r.rotation = amazonqtest.RotatesAtOnce
	before, after := windowPoints()
	r.share(slices.Repeat(slices.Concat(before, after), each), keyring)
}

// window says what the kills around the window cost.
func (r *rig) window() string {
	return fmt.Sprintf("%d kills: %d accounts must sign in again for a kill in the window, %d for one after it, %d lost", r.tally.kills, r.tally.inWindow, r.tally.unreadable, r.tally.lost)
}

// inWindow reports whether a kill at a point may cost a sign-in.
func (r *rig) inWindow(point string) bool {
	before, _ := windowPoints()
	return r.rotation == amazonqtest.RotatesAtOnce && slices.Contains(before, point)
}
