package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/secret"
	"amq2api/backend/store"
)

// victimVariable makes the test binary run the victim instead of the tests, so that it can be killed.
const victimVariable = "AMQ2API_TEST_VICTIM"

// TestMain is also the program that the kill rig kills.
// shortChecks is how many schedules are tried where there are more of them than time.
const shortChecks = "25"

func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) == "" {
		if !inFull() {
			_ = flag.Set("rapid.checks", shortChecks)
		}
		os.Exit(m.Run())
	}
	if err := runVictim(context.Background(), os.Stdin, json.NewEncoder(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The accounts of the kill rig: one that must never be lost, and one that comes and goes.
const (
	keptName  = "kept"
	spareName = "spare"
)

// The operations that the rig interrupts, and everyOperation, which is all of them in turn until the victim is killed.
const (
	operationAdd    = "add"
	operationRotate = "rotate"
	operationEdit   = "edit"
	operationRemove = "remove"
	everyOperation  = "every"
)

// job is what a victim is told to do, on its standard input.
type job struct {
	Profile   string // folder of the database and the file vault
	Service   string // of the keychain; empty is the file vault
	Amazon    string // URL
	Operation string // empty only looks at what the last kill left
	Point     string // where to die; empty is nowhere
	SignIns   []signIn
}

// signIn is what somebody who signs in gets. The made-up Amazon gave it out.
type signIn struct{ Client, ClientSecret, RefreshToken string }

func (s signIn) secrets() account.Secrets {
	return account.Secrets{RefreshToken: secret.New(s.RefreshToken), ClientSecret: secret.New(s.ClientSecret)}
}

// word is a line that a victim says.
type word struct {
	Report *report  `json:",omitempty"` // what the last kill left, once repaired
	Begun  string   `json:",omitempty"` // an operation
	Done   string   `json:",omitempty"`
	Points []string `json:",omitempty"` // that the operation came by
}

// report is a profile after a start.
type report struct {
	Repair    time.Duration // from before the database is opened until the roster is
	Accounts  []string
	Findings  []account.Finding
	Stray     []string // items of the vault that the journal does not name
	Unrenewed []string // accounts whose token could not be renewed, and why
}

// victim is the part of the program that keeps accounts, with the trap between its parts.
type victim struct {
	job    job
	say    *json.Encoder
	trap   trap
	db     *store.DB
	vault  rigVault
	roster *account.Roster
}

func runVictim(ctx context.Context, in io.Reader, say *json.Encoder) error {
	v := &victim{say: say}
	if err := json.NewDecoder(in).Decode(&v.job); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	found, err := v.open(ctx)
	if err != nil {
		return err
	}
	if err := v.look(ctx, found); err != nil {
		return err
	}
	if err := say.Encode(word{Report: found}); err != nil {
		return err
	}
	switch v.job.Operation {
	case "":
	case everyOperation:
		for _, operation := range v.turns() {
			if err := v.operate(ctx, operation); err != nil {
				return fmt.Errorf("%s: %w", operation, err)
			}
		}
	default:
		if err := errors.Join(v.prepare(ctx), v.operate(ctx, v.job.Operation)); err != nil {
			return err
		}
	}
	return errors.Join(v.roster.Close(ctx), v.db.Close())
}

// open starts the program, and with it the repair.
func (v *victim) open(ctx context.Context) (*report, error) {
	began := time.Now()
	var err error
	if v.db, err = store.Open(ctx, filepath.Join(v.job.Profile, "amq2api.db")); err != nil {
		return nil, err
	}
	if v.vault, err = openRigVault(ctx, v.job); err != nil {
		return nil, err
	}
	amazon, err := login.New(login.Config{Endpoint: v.job.Amazon + "/token", Version: "victim"})
	if err != nil {
		return nil, err
	}
	v.roster, err = account.OpenRoster(ctx, account.RosterConfig{
		Store: trapStore{v.db.Accounts(), &v.trap}, Vault: trapVault{v.vault, &v.trap}, Renewer: trapRenewer{amazon, &v.trap},
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	return &report{Repair: time.Since(began)}, err
}

// look fills in what is to be seen after the repair, and renews every account's token.
func (v *victim) look(ctx context.Context, found *report) error {
	findings, err := account.Inspect(ctx, v.db.Accounts(), v.vault, time.Now())
	if err != nil {
		return err
	}
	found.Findings = findings
	names, err := v.vault.names(ctx)
	if err != nil {
		return err
	}
	journal, err := v.db.Accounts().Journal(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(journal, func(slot account.Slot) bool { return slot.Name == name }) {
			found.Stray = append(found.Stray, name)
		}
	}
	return v.renewAll(ctx, found)
}

func (v *victim) renewAll(ctx context.Context, found *report) error {
	views, err := v.roster.List(ctx)
	if err != nil {
		return err
	}
	for _, view := range views {
		found.Accounts = append(found.Accounts, view.Name)
		checked, err := v.roster.Check(ctx, view.ID)
		if err != nil {
			return err
		}
		if health := checked.Health; health.Status != account.Ready || health.Error != "" {
			found.Unrenewed = append(found.Unrenewed, fmt.Sprintf("%s: %s %s", view.Name, health.Status, health.Error))
		}
	}
	return nil
}
