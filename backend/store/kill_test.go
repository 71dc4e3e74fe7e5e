package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

const (
	victimPath      = "AMQ2API_TEST_VICTIM"
	victimOperation = "AMQ2API_TEST_OPERATION"
	killRounds      = 20
)

// reliabilityVariable set to "full" lets the reliability tests run as long as their figures need.
const reliabilityVariable = "AMQ2API_RELIABILITY"

func inFull() bool { return os.Getenv(reliabilityVariable) == "full" }

// TestMain is also the program that the tests kill. It stays on one thread, so that the calls it makes to the system can be counted.
func TestMain(m *testing.M) {
	path := os.Getenv(victimPath)
	if path == "" {
		os.Exit(m.Run())
	}
	runtime.LockOSThread()
	run := writeForever
	if operation := os.Getenv(victimOperation); operation != "" {
		run = func(path string) error { return act(operation, path) }
	}
	if err := run(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// writeForever says the name of each key once it is stored. In between it writes what else a running proxy writes.
func writeForever(path string) error {
	ctx := context.Background()
	db, err := Open(ctx, path)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		key := access.Key{Name: fmt.Sprintf("%d-%d", os.Getpid(), n), Active: true, CreatedAt: time.Now(), UpdatedAt: time.Now()}
		copy(key.Hash[:], key.Name)
		id, err := db.Keys().Insert(ctx, key)
		if err != nil {
			return err
		}
		fmt.Println(key.Name)
		record := &usage.Record{ID: key.Name, At: time.Now(), KeyID: id, Attempts: []usage.Attempt{{AccountID: 1, Account: "work"}}, Usage: chat.Usage{Input: n, Output: 1}}
		if err := errors.Join(db.Keys().Reserve(ctx, countOf(id, 1, n)), db.Usage().InsertBatch(ctx, []*usage.Record{record}, usage.Gap{})); err != nil {
			return err
		}
	}
}

// startVictim starts the program that does one thing to a database.
func startVictim(t *testing.T, operation, path string) *exec.Cmd {
	t.Helper()
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimPath+"="+path, victimOperation+"="+operation)
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	return victim
}

func TestKilledAtAnyMomentNoAcknowledgedKeyIsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amq2api.db")
	rounds := killRounds
	if inFull() {
		rounds = 300
	}
	var acknowledged []string
	recorded := 0
	for range rounds { // with two keys at least, the first of them has its record
		acknowledged = append(acknowledged, runAndKill(t, path, 2+rand.IntN(40))...)
		db, err := Open(t.Context(), path)
		if err != nil {
			t.Fatalf("open after a kill: %v", err)
		}
		keys, err := db.Keys().All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = db.read.QueryRowContext(t.Context(), `SELECT count(DISTINCT id) FROM requests`).Scan(&recorded)
		if err := errors.Join(err, db.Close(), wholly(t, path)); err != nil {
			t.Fatalf("after a kill: %v", err)
		}
		assertSumsAfterKill(t, path)
		stored := make([]string, 0, len(keys))
		for _, key := range keys {
			stored = append(stored, key.Name)
		}
		for _, name := range acknowledged {
			if !slices.Contains(stored, name) {
				t.Fatalf("key %s was acknowledged and is gone", name)
			}
		}
		if recorded < len(acknowledged)-rounds { // the last one before each kill may be missing
			t.Fatalf("%d requests are on record, %d keys were acknowledged", recorded, len(acknowledged))
		}
	}
	t.Logf("A4 | %d kills during mixed writes of %d keys | every database sound, 0 acknowledged keys lost, at most the request being written", rounds, len(acknowledged))
}

// runAndKill runs the victim until it has acknowledged some keys, kills it, and answers with all it acknowledged.
func runAndKill(t *testing.T, path string, after int) []string {
	t.Helper()
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimPath+"="+path)
	victim.Stderr = os.Stderr
	output, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			break
		}
		said = append(said, line[:len(line)-1])
		if len(said) == after {
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := victim.Wait(); err == nil || len(said) < after {
		t.Fatalf("the victim ended by itself after %d keys: %v", len(said), err)
	}
	return said
}
