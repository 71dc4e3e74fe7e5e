package backend_test

import (
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestEveryFileIsTheUsersAlone looks at all that the program writes under the laxest umask, and lets another user of the computer try to read
// it: A20.
func TestEveryFileIsTheUsersAlone(t *testing.T) {
	for _, umask := range []int{0, 0o022} {
		before := syscall.Umask(umask)
		t.Cleanup(func() { syscall.Umask(before) })
		s := openReplayStage(t)
		passphrase := filepath.Join(t.TempDir(), "passphrase")
		if err := os.WriteFile(passphrase, []byte("a passphrase of some length\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.reopenWithFileVault(t, passphrase)
		key := s.keyFor(t)
		s.mustAdmin(t, "/admin/captures", map[string]any{"minutes": 5}, nil)
		s.sendWhatever(t, "/v1/messages", key, askLook)
		files, folders := modesIn(t, s.profile)
		if len(files) < 5 || len(folders) < 3 {
			t.Errorf("there are only %q and %q", files, folders)
		}
		tried := s.strangerTries(t, files)
		t.Logf("A20 umask %03o | %d files of 0600, %d folders of 0700; another user: 0 of %d reads and calls", umask, len(files), len(folders), tried)
	}
}

func modesIn(t *testing.T, folder string) (files, folders []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		status, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
			folders = append(folders, path)
		} else {
			files = append(files, path)
		}
		if got := status.Mode().Perm(); got != want {
			t.Errorf("%s has the mode %v", strings.TrimPrefix(path, folder), got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, folders
}

// strangerTries is what another user gets: nothing. Only root can become one.
func (s *scriptStage) strangerTries(t *testing.T, files []string) (tried int) {
	t.Helper()
	if os.Getuid() == 0 {
		if !s.othersRead(t, s.openToAll(t)) {
			t.Error("another user cannot read even what is for everyone: this proves nothing")
		}
		for _, file := range files {
			tried++
			if s.othersRead(t, file) {
				t.Errorf("another user reads %s", filepath.Base(file))
			}
		}
	}
	for _, route := range append([]string{"GET /admin/accounts", "GET /admin/events", "POST /admin/api-keys", "GET /metrics", "GET /admin/captures"}, clientRoutes...) {
		tried++
		if status := s.status(t, route, nil); status != http.StatusUnauthorized {
			t.Errorf("%s without a credential: %d", route, status)
		}
	}
	return tried
}

// openToAll is a file beside the profile that everyone may read.
func (s *scriptStage) openToAll(t *testing.T) string {
	t.Helper()
	beside := filepath.Dir(s.profile)
	file := filepath.Join(beside, "for everyone")
	for _, err := range []error{os.WriteFile(file, []byte("hello"), 0o600), os.Chmod(file, 0o644), os.Chmod(beside, 0o755), os.Chmod(filepath.Dir(beside), 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func (s *scriptStage) othersRead(t *testing.T, file string) bool {
	t.Helper()
	command := exec.CommandContext(t.Context(), "cat", file)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := command.Output()
	return err == nil || len(out) > 0
}
