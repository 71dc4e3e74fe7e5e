package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/amazonq"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/fault"
	"amq2api/backend/store"
	"amq2api/backend/vault"
)

// Check is one line of what Examine reports.
type Check = admin.Check

// How a check came out.
const (
	Healthy = admin.Healthy
	Notable = admin.Notable
	Broken  = admin.Broken
)

// examination is one look at a profile.
type examination struct {
	env     Environment
	now     time.Time
	profile *Profile
	checks  []Check
}

// Examine looks at a profile without changing anything in it, whether or not its program is running: its files, the database, the vault, and
// its backups, and whether each account has the secrets it needs and the vault none too many.
func Examine(ctx context.Context, env Environment, now time.Time) []Check {
	e := &examination{env: env, now: now}
	if !e.openProfile() {
		return e.checks
	}
	e.modes()
	e.endpoints()
	database := e.database(ctx)
	if database == nil {
		e.backups(ctx, nil)
		return e.checks
	}
	defer func() { _ = database.Close() }() // it was only read
	if chosen, err := database.Settings().Load(ctx); err == nil {
		e.backups(ctx, &chosen)
	} else {
		e.backups(ctx, nil)
	}
	e.accounts(ctx, database)
	return e.checks
}

func (e *examination) add(c Check) { e.checks = append(e.checks, c) }

func (e *examination) openProfile() (there bool) {
	profile, err := ReadProfile(e.env.DatabasePath)
	if err != nil {
		e.add(Check{Name: "profile", Code: admin.ProfileUnreadable, Values: admin.CheckValues{Reason: err.Error()}, Verdict: Broken, Message: err.Error()})
		return false
	}
	e.profile = profile
	e.add(Check{Name: "profile", Code: admin.ProfileFound, Values: admin.CheckValues{Subject: profile.Dir}, Verdict: Healthy, Message: profile.Dir})
	return true
}

// modes looks for files that other users of the computer can reach.
func (e *examination) modes() {
	if runtime.GOOS == "windows" {
		return
	}
	open := ""
	err := filepath.WalkDir(e.profile.Dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the program is running, and files come and go
		}
		if err != nil {
			return err
		}
		status, err := entry.Info()
		if err == nil && open == "" && status.Mode()&fs.ModeSymlink == 0 && status.Mode().Perm()&0o077 != 0 {
			open = path
		}
		return nil
	})
	switch {
	case err != nil:
		e.add(Check{Name: "files", Code: admin.FilesUnreadable, Values: admin.CheckValues{Reason: err.Error()}, Verdict: Broken,
			Message: fmt.Sprintf("The profile cannot be read: %v", err), Mend: "Give the folder and everything in it to your own user."})
	case open != "":
		e.add(Check{Name: "files", Code: admin.FilesOpen, Values: admin.CheckValues{Subject: open, Reason: e.profile.Dir}, Verdict: Broken, Message: fmt.Sprintf("Other users of this computer may reach %s.", open),
			Mend: fmt.Sprintf("Run: chmod -R go= %q", e.profile.Dir)})
	default:
		e.add(Check{Name: "files", Code: admin.FilesPrivate, Verdict: Healthy, Message: "Nobody else can reach them."})
	}
}

// endpoints checks the addresses that tokens would be sent to.
func (e *examination) endpoints() {
	_, upstream := amazonq.New(amazonq.Config{Endpoint: e.env.APIEndpoint})
	_, tokens := login.New(login.Config{Endpoint: e.env.TokenEndpoint})
	if err := cmp.Or(upstream, tokens); err != nil {
		e.add(Check{Name: "endpoints", Code: admin.EndpointsWrong, Values: admin.CheckValues{Reason: fault.Sentence(err)}, Verdict: Broken, Message: fault.Sentence(err), Mend: "Correct or unset AMAZONQ_API_ENDPOINT and AMAZONQ_TOKEN_ENDPOINT."})
	}
}

func (e *examination) database(ctx context.Context) *store.DB {
	if _, err := os.Stat(e.profile.Database); errors.Is(err, fs.ErrNotExist) {
		e.add(Check{Name: "database", Code: admin.DatabaseNone, Verdict: Notable, Message: "There is none yet.", Mend: "Start AMQ2API once."})
		return nil
	}
	database, err := store.Look(ctx, e.profile.Database)
	if err != nil {
		e.add(Check{Name: "database", Code: admin.DatabaseUnsound, Values: admin.CheckValues{Reason: err.Error()}, Verdict: Broken, Message: err.Error(),
			Mend: "Keep the file. If it is damaged, AMQ2API moves it aside at the next start and begins with an empty one. Backups lie in the folder backups; `amq2api restore` lists them."})
		return nil
	}
	e.add(Check{Name: "database", Code: admin.DatabaseSound, Verdict: Healthy, Message: "It is sound."})
	return database
}

func (e *examination) accounts(ctx context.Context, database *store.DB) {
	if e.env.Vault == VaultFile && !e.hasFileVault() {
		e.add(Check{Name: "vault", Code: admin.VaultNone, Verdict: Broken, Message: "There is no file vault in this profile.", Mend: "If AMQ2API keeps its secrets in the keychain, unset AMQ2API_VAULT."})
		return
	}
	door, err := openVault(ctx, e.env, e.profile)
	if err != nil {
		e.add(Check{Name: "vault", Code: admin.VaultUnopened, Values: admin.CheckValues{Reason: fault.Sentence(err)}, Verdict: Broken, Message: fault.Sentence(err), Mend: "Set the same AMQ2API_VAULT variables that AMQ2API runs with."})
		return
	}
	if c, ok := door.SecretStore.(io.Closer); ok {
		defer func() { _ = c.Close() }() // it was only read
	}
	state := door.State(ctx)
	if !state.Ready {
		e.add(Check{Name: "vault", Code: admin.VaultLocked, Values: admin.CheckValues{Reason: state.Message, Said: state.Said.OrNil()}, Verdict: Broken, Message: state.Message, Mend: "Unlock it and look again."})
		return
	}
	e.add(inVault(state))
	findings, err := account.Inspect(ctx, database.Accounts(), door, e.now)
	if err != nil {
		e.add(Check{Name: "accounts", Code: admin.AccountsUnchecked, Values: admin.CheckValues{Reason: err.Error()}, Verdict: Broken, Message: err.Error(), Mend: "Look again."})
		return
	}
	e.report(findings)
}

// hasFileVault keeps opening one from making one.
func (e *examination) hasFileVault() bool {
	_, err := os.Stat(filepath.Join(e.profile.Dir, fileVault+".key"))
	return err == nil
}

func inVault(state vault.State) Check {
	switch state.Kind {
	case vault.KindFile:
		return Check{Name: "vault", Code: admin.VaultFileOpen, Verdict: Healthy, Message: "The encrypted file is open."}
	case vault.KindMemory:
		return Check{Name: "vault", Code: admin.VaultInMemory, Verdict: Healthy, Message: "Secrets are kept in memory only, as in every demo."}
	default:
		return Check{Name: "vault", Code: admin.VaultKeychainOpen, Verdict: Healthy, Message: "The keychain is open."}
	}
}

func (e *examination) report(findings []account.Finding) {
	if len(findings) == 0 {
		e.add(Check{Name: "accounts", Code: admin.AccountsWhole, Verdict: Healthy, Message: "Each has its secrets, and the vault has none too many."})
	}
	for _, f := range findings {
		verdict := Notable
		if f.Grave {
			verdict = Broken
		}
		values := admin.CheckValues{Subject: f.Subject, Reason: f.Reason, Said: f.Said.OrNil()}
		if !f.At.IsZero() {
			values.At = &f.At
		}
		e.add(Check{Name: f.Code, Code: admin.CheckCode(f.Code), Values: values, Verdict: verdict, Account: f.Account, Message: f.Message, Mend: f.Mend})
	}
}
