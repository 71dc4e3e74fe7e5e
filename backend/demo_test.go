package backend_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"amq2api/backend"
)

func TestADemoClearsAwayThoseThatWereKilled(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	lockOf := func(name string, age time.Duration) string {
		path := filepath.Join(folder, name, "amq2api.lock")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	killed, starting, running, other := lockOf("amq2api-demo-1", time.Hour), lockOf("amq2api-demo-2", time.Second), lockOf("amq2api-demo-3", time.Hour), lockOf("notes", time.Hour)
	held := flock.New(running)
	if ok, err := held.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer func() { _ = held.Unlock() }()

	b, _, err := backend.OpenDemo(t.Context(), backend.Options{Version: "test", Environment: backend.Environment{Port: backend.AnyPort}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(testContext); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]bool{killed: false, starting: true, running: true, other: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "amq2api-demo-*")); len(left) != 2 {
		t.Errorf("left are %v", left)
	}
}
