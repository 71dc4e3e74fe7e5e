package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend"
	"amq2api/backend/vault"
)

// lived is a profile whose program ran once and ended.
func lived(t *testing.T) (database string) {
	t.Helper()
	database = filepath.Join(t.TempDir(), "profile", "amq2api.db")
	t.Setenv("DATABASE_PATH", database)
	b, err := backend.Open(t.Context(), backend.Options{Version: "test", Vault: new(vault.Memory), Environment: backend.Environment{DatabasePath: database, Port: backend.AnyPort}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return database
}

func TestBackupAndRestoreFromATerminal(t *testing.T) {
	lived(t)
	if out, err := run(t, "restore"); err != nil || !strings.Contains(out, "no backups yet") {
		t.Errorf("without backups: %q, %v", out, err)
	}
	out, err := run(t, "backup")
	name := filepath.Base(strings.Split(out, " (")[0])
	if err != nil || !strings.HasSuffix(name, "-manual.db") {
		t.Fatalf("backup says %q, %v", out, err)
	}
	file := filepath.Join(t.TempDir(), "mine.db")
	if out, err := run(t, "backup", file); err != nil || !strings.HasPrefix(out, file) {
		t.Errorf("to a file: %q, %v", out, err)
	}
	if status, err := os.Stat(file); err != nil || status.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", status.Mode(), err)
	}
	if out, err := run(t, "restore"); err != nil || !strings.Contains(out, name) {
		t.Errorf("the list is %q, %v", out, err)
	}
	for _, backup := range []string{name, file} {
		out, err := run(t, "restore", backup, "--yes")
		if err != nil || !strings.Contains(out, "Restored "+backup) || !strings.Contains(out, "before-restore") {
			t.Errorf("restoring says %q, %v", out, err)
		}
	}
}

func TestARestoreAsksFirst(t *testing.T) {
	database := lived(t)
	if _, err := run(t, "backup", filepath.Join(filepath.Dir(database), "mine.db")); err != nil {
		t.Fatal(err)
	}
	for answer, restores := range map[string]bool{"": false, "no\n": false, "y\n": false, "yes\n": true} {
		var out bytes.Buffer
		command := commands()
		command.SetArgs([]string{"restore", filepath.Join(filepath.Dir(database), "mine.db")})
		command.SetOut(&out)
		command.SetIn(strings.NewReader(answer))
		if err := command.ExecuteContext(t.Context()); (err == nil) != restores || !restores && !errors.Is(err, errNotRestored) {
			t.Errorf("%q: %q, %v", answer, &out, err)
		}
	}
}

func TestWhatIsNoBackupIsToldByTheExitCode(t *testing.T) {
	database := lived(t)
	wrong := filepath.Join(t.TempDir(), "wrong.db")
	if err := os.WriteFile(wrong, []byte(strings.Repeat("not a backup ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, backup := range []string{wrong, "nothing"} {
		if _, err := run(t, "restore", backup, "--yes"); exitCode(err) != exitUnreadable {
			t.Errorf("%s: %v", backup, err)
		}
	}
	profile, err := backend.OpenProfile(database) // as a program that is running
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = profile.Close() }()
	if _, err := run(t, "restore", wrong, "--yes"); !errors.Is(err, backend.ErrProfileBusy) || exitCode(err) != 1 || !strings.Contains(err.Error(), "/admin/backups/NAME/restore") {
		t.Errorf("beside a running program: %v", err)
	}
}
