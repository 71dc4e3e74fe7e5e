package store

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// SQLite's Go port is generated for one version of its C library; with another one it may corrupt memory.
func TestTheCLibraryIsTheOneSQLiteWasBuiltFor(t *testing.T) {
	declared, err := os.ReadFile(filepath.Join(module(t, "modernc.org/sqlite", "{{.Dir}}"), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(`modernc\.org/libc (v\S+)`).FindStringSubmatch(string(declared))
	if wanted == nil {
		t.Fatal("SQLite's go.mod no longer names modernc.org/libc")
	}
	if chosen := module(t, "modernc.org/libc", "{{.Version}}"); chosen != wanted[1] {
		t.Errorf("go.mod has modernc.org/libc %s, SQLite wants %s", chosen, wanted[1])
	}
}

func module(t *testing.T, path, format string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", format, path).Output()
	if err != nil {
		t.Fatalf("ask for %s: %v", path, err)
	}
	return strings.TrimSpace(string(output))
}
