package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// struckCalls are the calls to the system that read or change files, or open them. A strike lets the nth of one sort that the victim makes fail, or
// kills the victim there.
var struckCalls = []string{"openat", "open", "pread64", "pwrite64", "write", "fsync", "renameat", "unlink", "unlinkat", "ftruncate", "mkdirat", "fchmodat", "fcntl"}

// strike is one way to fail.
type strike string

const (
	fullDisk   strike = "error=ENOSPC"
	brokenDisk strike = "error=EIO"
	killThere  strike = "signal=KILL"
)

// Whichever call to the system fails while a backup is made, a backup is restored or an old database is brought up to date, and wherever the
// program is killed: the next start finds every row, of before or of after, and no half file with a backup's name.
func TestNothingIsLostWhicheverCallToTheSystemFails(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("this needs strace, which lets calls to the system fail")
	}
	if err := exec.CommandContext(t.Context(), "strace", "-f", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skipf("strace cannot trace here: %v", err)
	}
	every := 400
	if inFull() {
		every = 1
	}
	total := 0
	for o, operation := range []string{"backup", "restore", "migrate"} {
		s := newSweep(t, operation)
		for w, way := range []strike{fullDisk, brokenDisk, killThere} {
			struck := 0
			for i, call := range struckCalls {
				if !inFull() && (w != o || i%3 != 0) { // the short form takes turns
					continue
				}
				for n := 1; s.once(way, call, n); n += every {
					struck++
				}
			}
			total += struck
			t.Logf("%s, %s: %d", operation, way, struck)
		}
	}
	if t.Failed() {
		return
	}
	t.Logf("A24 | %d injected failures and kills of backup, restore and migrate, by call to the system | every row of before or of after, no half backup", total)
}

type sweep struct {
	t         *testing.T
	operation string
	template  string // the database as it is before
	source    string // of a restore
	before    map[string]string
	after     map[string]string
}

func newSweep(t *testing.T, operation string) *sweep {
	t.Helper()
	version := latestVersion(t)
	if operation == "migrate" {
		version = 2
	}
	s := &sweep{t: t, operation: operation, template: furnished(t, version, 5), source: furnished(t, latestVersion(t), 7)}
	s.before, s.after = digestsOf(t, s.template), digestsOf(t, s.source)
	return s
}

// once strikes the nth call and looks at what is left. It reports whether there was an nth call.
func (s *sweep) once(way strike, call string, nth int) bool {
	s.t.Helper()
	path := copied(s.t, s.template)
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }()
	if s.operation == "restore" {
		text, err := os.ReadFile(s.source)
		if err := errors.Join(err, os.WriteFile(path+".source", text, 0o600)); err != nil {
			s.t.Fatal(err)
		}
	}
	log := filepath.Join(filepath.Dir(path), "strace.log")
	victim := exec.CommandContext(s.t.Context(), "strace", "-f", "-qq", "-o", log, "-e", "trace="+call,
		"-e", fmt.Sprintf("inject=%s:%s:when=%d", call, way, nth), os.Args[0])
	victim.Env = append(os.Environ(), victimPath+"="+path, victimOperation+"="+s.operation, "GOMAXPROCS=1", "GOGC=off")
	err := victim.Run()
	traced, failed := os.ReadFile(log)
	if failed != nil {
		s.t.Fatal(failed)
	}
	struck := strings.Contains(string(traced), "INJECTED") || err != nil && strings.Contains(err.Error(), "killed")
	if err := os.Remove(log); err != nil {
		s.t.Fatal(err)
	}
	s.look(fmt.Sprintf("%s, %s %d, %s, told %v", s.operation, call, nth, way, err), path, err == nil)
	return struck
}

// look does what the next start does, and compares.
func (s *sweep) look(story, path string, acknowledged bool) {
	s.t.Helper()
	ctx := context.Background()
	if _, err := Swap(ctx, path, noon); err != nil {
		s.t.Errorf("%s: the next start: %v", story, err)
		return
	}
	db, err := Open(ctx, path)
	if err != nil {
		s.t.Errorf("%s: the next start: %v", story, err)
		return
	}
	found := digests(s.t, db)
	if err := errors.Join(db.FullCheck(ctx), db.Close()); err != nil {
		s.t.Errorf("%s: %v", story, err)
	}
	switch isNew := same(s.after, found); {
	case s.operation != "restore":
		expectKept(s.t, s.before, found)
	case !isNew && (acknowledged || !same(s.before, found)):
		s.t.Errorf("%s: the database is neither the old one nor the restored one", story)
	}
	backups := BackupsOf(path, time.Now)
	list, err := backups.List()
	if err != nil || s.operation == "backup" && acknowledged && len(list) != 1 {
		s.t.Errorf("%s: the backups are %v, %v", story, list, err)
	}
	for _, one := range list {
		if err := Verify(ctx, filepath.Join(backups.Folder, one.Name)); err != nil {
			s.t.Errorf("%s: %v", story, err)
		}
		expectKept(s.t, s.before, digestsOf(s.t, filepath.Join(backups.Folder, one.Name)))
	}
	if s.t.Failed() {
		s.t.Fatalf("stopped at: %s", story)
	}
}

// same reports whether two databases have the same rows, the ledger of steps aside.
func same(a, b map[string]string) bool {
	for _, names := range []map[string]string{a, b} {
		for name := range names {
			if a[name] != b[name] && !slices.Contains([]string{"sqlite_sequence"}, name) {
				return false
			}
		}
	}
	return true
}
