package access_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/store"
)

const victimPath = "AMQ2API_TEST_VICTIM"

// TestMain is also the program that the test below kills.
func TestMain(m *testing.M) {
	path := os.Getenv(victimPath)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := admitForever(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// admitForever says a word for every request that it admits with the first key, and another one when it is over the limit.
func admitForever(path string) error {
	db, err := store.Open(context.Background(), path)
	if err != nil {
		return err
	}
	day := func() time.Time { return noon }
	gate, err := access.NewGate(context.Background(), access.Config{Store: db.Keys(), Now: day})
	if err != nil {
		return err
	}
	for {
		_, err := gate.Admit(context.Background(), 1)
		switch {
		case err == nil:
			fmt.Println("admitted")
		case fault.Of(err).Kind == fault.Limited:
			fmt.Println("limited")
			select {}
		default:
			return err
		}
	}
}

func TestKilledAtAnyMomentTheDailyLimitHolds(t *testing.T) {
	const limit, rounds = 2000, 20
	path := filepath.Join(t.TempDir(), "amq2api.db")
	w := &world{t: t, path: path, now: noon}
	w.start()
	w.create(0, limit)
	w.end()
	admitted := 0
	for range rounds {
		admitted += countUntilKilled(t, path, 1+rand.IntN(60))
	}
	admitted += countUntilKilled(t, path, limit+1)
	if admitted > limit || admitted < limit-10*rounds {
		t.Errorf("%d requests went through, the limit is %d", admitted, limit)
	}
}

// countUntilKilled runs the victim until it has admitted some requests or is limited, kills it, and answers with how many it admitted.
func countUntilKilled(t *testing.T, path string, most int) int {
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
	admitted, killed := 0, false
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if lines.Text() == "admitted" {
			admitted++
		}
		if !killed && (lines.Text() == "limited" || admitted >= most) {
			killed = true
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := victim.Wait(); err == nil || !killed {
		t.Fatalf("the victim ended by itself after %d requests: %v", admitted, err)
	}
	return admitted
}
