package backend_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"amq2api/backend"
	"amq2api/backend/admin"
)

// smallDisk is a file system of its own, so small that it can be filled.
func smallDisk(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("this needs to mount a small file system, which only root on Linux may")
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small file system cannot be mounted here: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("unmount: %s", out)
		}
	})
	return dir
}

// fill takes all the space that is left.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 4096, 1} {
		for block := make([]byte, size); err == nil || !errors.Is(err, syscall.ENOSPC); {
			_, err = file.Write(block)
		}
		err = nil
	}
	_ = file.Close()
}

// The disk is full. Requests go on, what cannot be written down says so and leaves nothing half done, and when there is space again all is well.
func TestRequestsGoOnWhileTheDiskIsFull(t *testing.T) {
	disk := smallDisk(t)
	e := newEstate(t)
	e.dir = filepath.Join(disk, "profile")
	passphrase := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("a full disk"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := &e.options.Environment
	env.DatabasePath, env.Vault, env.PassphraseFile, e.options.Vault = filepath.Join(e.dir, "amq2api.db"), backend.VaultFile, passphrase, nil
	full := time.Second
	if reliabilityIsFull() {
		full = 5 * time.Minute
	}
	e.live(func(o *office) {
		if err := o.Start(t.Context(), unusedPort(t)); err != nil {
			t.Fatal(err)
		}
		e.addAccount(o, "busy")
		key := strings.Split(strings.Split(o.must(201, "POST", "/admin/api-keys", `{"name":"laptop","requests_per_minute":0}`), `"key":"`)[1], `"`)[0]
		o.must(200, "POST", "/admin/accounts/1/check", "")
		calm := o.serve(key, 40)
		fill(t, filepath.Join(disk, "filler"))

		said := func(method, path, body string) {
			t.Helper()
			status, answer := o.ask(method, path, body)
			if status < 500 || !strings.Contains(answer, "disk") && !strings.Contains(answer, "space") {
				t.Errorf("%s %s answered %d %s", method, path, status, answer)
			}
		}
		said("POST", "/admin/api-keys", `{"name":"new","description":"`+strings.Repeat("x", 150)+`"}`)
		said("POST", "/admin/backups", "")
		said("POST", "/admin/accounts", e.draft("new"))
		served := int(full / perRequest)
		slow := o.serve(key, served)
		if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
			t.Fatal(err)
		}
		freed := time.Now()
		o.must(201, "POST", "/admin/api-keys", `{"name":"afterwards"}`)
		resumed := time.Since(freed)
		o.must(201, "POST", "/admin/backups", "")
		if accounts := o.statuses(); !sameStatuses(accounts, map[string]string{"busy": "ready"}) {
			t.Errorf("%v", accounts)
		}
		list := ask[admin.Backups](o, "/admin/backups").Backups
		if list = slices.DeleteFunc(list, func(one admin.Backup) bool { return one.Reason != "manual" }); len(list) != 1 {
			t.Errorf("the backups are %+v", list)
		}
		if left, err := filepath.Glob(filepath.Join(e.dir, "backups", ".*")); err != nil || len(left) != 0 {
			t.Errorf("half a backup is left: %v", left)
		}
		t.Logf("A23 | a disk full for %s | %d of %d requests served, p95 %s before and %s meanwhile | keys and accounts refused with a sentence, writes resumed %s after there was space", full, served, served,
			calm.Round(time.Millisecond), slow.Round(time.Millisecond), resumed.Round(time.Millisecond))
	})
	e.live(func(*office) {}) // the repair
	for _, check := range backend.Examine(t.Context(), *env, time.Now()) {
		if check.Verdict != backend.Healthy {
			t.Errorf("afterwards: %+v", check)
		}
	}
}

// perRequest is the time from one request to the next.
const perRequest = 50 * time.Millisecond

// serve sends some requests, all of which must be answered, and returns how long 19 of 20 took at most.
func (o *office) serve(key string, requests int) time.Duration {
	o.t.Helper()
	var waits []time.Duration
	for range requests {
		start := time.Now()
		if status, answer := o.chat(key); status != http.StatusOK {
			o.t.Fatal(status, answer)
		}
		waits = append(waits, time.Since(start))
		time.Sleep(max(0, perRequest-time.Since(start)))
	}
	slices.Sort(waits)
	return waits[len(waits)*95/100]
}

// The program is closed while the disk is full. Nobody knows any more what the last requests were, but how many there were is said at the next start.
func TestTheCountOfWhatWasNotRecordedOutlivesAStop(t *testing.T) {
	disk := smallDisk(t)
	e := newEstate(t)
	e.dir = filepath.Join(disk, "profile")
	e.options.Environment.DatabasePath = filepath.Join(e.dir, "amq2api.db")
	const unrecorded = 7
	o := &office{t: t}
	b, err := backend.Open(t.Context(), e.options)
	check(t, err)
	o.Backend = b
	check(t, b.Start(t.Context(), unusedPort(t)))
	e.addAccount(o, "busy")
	key := strings.Split(strings.Split(o.must(201, "POST", "/admin/api-keys", `{"name":"laptop","requests_per_minute":0,"requests_per_day":0}`), `"key":"`)[1], `"`)[0]
	o.must(200, "POST", "/admin/accounts/1/check", "")
	o.serve(key, 2)
	for start := time.Now(); len(ask[[]admin.Request](o, "/admin/requests")) < 2 && time.Since(start) < 10*time.Second; {
		time.Sleep(20 * time.Millisecond)
	}
	fill(t, filepath.Join(disk, "filler"))
	o.serve(key, unrecorded)
	_ = b.Close(testContext) // it cannot write down everything it would like to
	check(t, os.Remove(filepath.Join(disk, "filler")))
	for range 2 { // the second start must not count it again
		e.live(func(o *office) {
			start := time.Now()
			var gaps int
			for gaps == 0 && time.Since(start) < 10*time.Second {
				for _, gap := range ask[admin.UsageStats](o, "/admin/stats/usage?by=hour").Gaps {
					gaps += int(gap.Requests)
				}
			}
			if gaps == 0 || gaps > unrecorded {
				t.Errorf("%d requests are said not to be recorded, of %d", gaps, unrecorded)
			}
		})
	}
}
