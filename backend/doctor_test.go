package backend_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amq2api/backend"
	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/secret"

	_ "modernc.org/sqlite" // to damage a profile by hand
)

// profileWithFileVault is a profile of its own whose secrets lie in a file.
func profileWithFileVault(t *testing.T) backend.Environment {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "profile")
	passphrase := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse battery staple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return backend.Environment{
		DatabasePath: filepath.Join(dir, "amq2api.db"), Port: backend.AnyPort, Vault: backend.VaultFile, PassphraseFile: passphrase,
		Account: backend.EnvironmentAccount{ClientID: "client", RefreshToken: secret.New("refresh-canary"), ClientSecret: secret.New("client-canary")},
	}
}

// lived opens the program once and closes it.
func lived(t *testing.T, env backend.Environment, during func()) {
	t.Helper()
	b, err := backend.Open(t.Context(), backend.Options{Environment: env, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	during()
	if err := b.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func verdicts(checks []backend.Check) map[string]admin.Verdict {
	found := map[string]admin.Verdict{}
	for _, c := range checks {
		found[c.Name] = c.Verdict
	}
	return found
}

func TestTheDoctorFindsAProfileSoundWhileItRunsAndAfterwards(t *testing.T) {
	env := profileWithFileVault(t)
	sound := func(when string) {
		checks := backend.Examine(t.Context(), env, time.Now())
		if len(checks) != 6 || slices.ContainsFunc(checks, func(c backend.Check) bool { return c.Verdict != backend.Healthy }) {
			t.Errorf("%s: %+v", when, checks)
		}
	}
	lived(t, env, func() { sound("while it runs") })
	sound("afterwards")
}

func TestTheDoctorNamesWhatIsWrongAndChangesNothing(t *testing.T) {
	env := profileWithFileVault(t)
	if checks := backend.Examine(t.Context(), env, time.Now()); verdicts(checks)["profile"] != backend.Broken {
		t.Errorf("without a profile: %+v", checks)
	}
	lived(t, env, func() {})

	db, err := sql.Open("sqlite", env.DatabasePath)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE accounts SET refresh_version = 7; INSERT INTO secret_slots VALUES ('account/gone/refresh-token/1', 99, 1, 0, 0)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before := contents(t, env.ProfileDir())
	found := verdicts(backend.Examine(t.Context(), env, time.Now()))
	if found[account.SecretMissing] != backend.Broken || found[account.OrphanSecret] != backend.Notable {
		t.Errorf("found %v", found)
	}
	if after := contents(t, env.ProfileDir()); after != before {
		t.Error("looking changed the profile")
	}
	if err := os.Chmod(env.DatabasePath, 0o644); err != nil {
		t.Fatal(err)
	}
	if found := verdicts(backend.Examine(t.Context(), env, time.Now())); found["files"] != backend.Broken {
		t.Errorf("with a database others can read: %v", found)
	}
	if err := os.WriteFile(env.DatabasePath, []byte(strings.Repeat("this is not a database. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if found := verdicts(backend.Examine(t.Context(), env, time.Now())); found["database"] != backend.Broken {
		t.Errorf("with a broken database: %v", found)
	}
}

// contents is every file of a folder but SQLite's own side files, which come and go with reading.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasSuffix(entry.Name(), "-shm") || strings.HasSuffix(entry.Name(), "-wal") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(entry.Name())
		all.Write(text)
	}
	return all.String()
}
