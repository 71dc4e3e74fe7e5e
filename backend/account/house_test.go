package account_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
	"amq2api/backend/store"
)

// canary is in every secret of these tests, so that one that leaks is found.
const canary = "canary-5d1e"

// house is a roster with a real database; the vault and Amazon are made up, and outlive the roster.
type house struct {
	*account.Roster
	t      *testing.T
	path   string
	db     *store.DB
	fate   fate
	vault  *safe
	amazon *amazon
	log    *bytes.Buffer
	jitter func(time.Duration) time.Duration
	told   atomic.Int64 // how often something visible changed
	oracle *oracle      // who tells quotas and models; nil is nobody
	asleep atomic.Int64 // nanoseconds that the computer slept
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, path: filepath.Join(t.TempDir(), "amq2api.db"), log: &bytes.Buffer{}}
	h.vault = &safe{fate: &h.fate, items: map[string]secret.String{}}
	h.amazon = &amazon{families: map[string]*family{}, lifetime: time.Hour}
	if err := h.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	return h
}

// open opens the roster anew, as a start of the program does. If it fails the database is closed again.
func (h *house) open() (err error) {
	h.t.Helper()
	if h.db, err = store.Open(context.Background(), h.path); err != nil {
		h.t.Fatal(err)
	}
	config := account.RosterConfig{
		Store: shaky{h.db.Accounts(), &h.fate}, Vault: h.vault, Renewer: h.amazon, Now: h.now, Jitter: h.jitter,
		Log: slog.New(slog.NewTextHandler(h.log, nil)), Changed: func() { h.told.Add(1) },
	}
	if h.oracle != nil {
		config.Provider = h.oracle
	}
	h.Roster, err = account.OpenRoster(context.Background(), config)
	if err != nil {
		h.closeDatabase()
	}
	return err
}

// close ends the program, and looks whether a secret got into the log or the database.
func (h *house) close() {
	h.t.Helper()
	if h.Roster != nil {
		if err := h.Roster.Close(context.Background()); err != nil {
			h.t.Error(err)
		}
		h.closeDatabase()
	}
	if strings.Contains(h.log.String(), canary) {
		h.t.Errorf("a secret is in the log: %s", h.log)
	}
}

func (h *house) closeDatabase() {
	h.t.Helper()
	if err := h.db.Close(); err != nil {
		h.t.Error(err)
	}
	h.Roster = nil
}

// now is the time, set forward by what the computer slept: to the program a sleep is a leap of the clock.
func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.asleep.Load())) }

func (h *house) reopen() {
	h.t.Helper()
	h.close()
	if err := h.open(); err != nil {
		h.t.Fatal(err)
	}
}

// draft is an account that somebody has just signed in to.
func (h *house) draft(name string) account.Draft {
	signed := h.amazon.signIn()
	return account.Draft{Name: name, ClientID: "client", Secrets: signed, Source: "api"}
}

// add adds an account with caps, 0 being none.
func (h *house) add(name string, perMinute, concurrent int) int64 {
	h.t.Helper()
	draft := h.draft(name)
	draft.Pace.RequestsPerMinute, draft.Pace.MaxConcurrent = &perMinute, &concurrent
	view, err := h.Add(context.Background(), draft)
	if err != nil {
		h.t.Fatal(err)
	}
	return view.ID
}

func (h *house) lease(want account.Want) *account.Lease {
	h.t.Helper()
	lease, err := h.Pool().Lease(context.Background(), want)
	if err != nil {
		h.t.Fatal(err)
	}
	return lease
}

// refusal is the fault that a lease is refused with.
func (h *house) refusal(want account.Want) *fault.Error {
	h.t.Helper()
	lease, err := h.Pool().Lease(context.Background(), want)
	if err == nil {
		h.t.Fatalf("account %d was leased, though nobody can serve", lease.Account().ID)
	}
	return fault.Of(err)
}

// serve lets one request end with an outcome, and answers with the account that it was leased.
func (h *house) serve(want account.Want, outcome error) int64 {
	h.t.Helper()
	lease := h.lease(want)
	lease.Done(outcome)
	return lease.Account().ID
}

// place is the name of one of an account's items in the vault.
func (h *house) place(id int64, item string) string {
	h.t.Helper()
	rows, err := h.db.Accounts().Rows(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, row := range rows {
		if row.ID == id {
			return "account/" + row.Tag + "/" + item
		}
	}
	h.t.Fatalf("there is no row %d", id)
	return ""
}

func (h *house) view(id int64) account.View {
	h.t.Helper()
	view, err := h.Get(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return view
}

func (h *house) health(id int64) account.Health {
	h.t.Helper()
	return h.view(id).Health
}

// inBubble runs a story in made-up time.
func inBubble(t *testing.T, story func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { story(t, newHouse(t)) })
}
