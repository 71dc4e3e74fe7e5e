package donor

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const (
	holdVariable = "AMQ2API_TEST_HOLD"
	asLogged     = "logged" // the sign-in is in the log only
	asLocked     = "locked" // nobody else may read
)

// TestMain is also the tool that has its database open.
func TestMain(m *testing.M) {
	how, path, tool := strings.Cut(os.Getenv(holdVariable), ":")
	if !tool {
		os.Exit(m.Run())
	}
	if err := hold(how, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// hold writes a sign-in and keeps the database open until its input ends.
func hold(how, path string) error {
	journal := map[string]string{asLogged: "WAL", asLocked: "DELETE"}[how]
	db, err := openDonor(path, journal)
	if err != nil {
		return err
	}
	if _, err := db.Exec(`PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 0`); err != nil {
		return err
	}
	if err := store(db, odicToken, tokenJSON, odicClient, clientJSON); err != nil {
		return err
	}
	if how == asLocked {
		if _, err := db.Exec(`BEGIN EXCLUSIVE`); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	_, err = io.ReadAll(os.Stdin)
	return err
}

// heldBy starts a tool that has its database open, and returns how to kill it; the test's end does so too.
func heldBy(t *testing.T, how, path string) (kill func()) {
	t.Helper()
	tool := exec.Command(os.Args[0])
	tool.Env = append(os.Environ(), holdVariable+"="+how+":"+path)
	tool.Stderr = os.Stderr
	if _, err := tool.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := tool.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tool.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = tool.Process.Kill() // it may be dead
		_ = tool.Wait()
	}
	t.Cleanup(kill)
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the tool said %q: %v", line, err)
	}
	return kill
}
