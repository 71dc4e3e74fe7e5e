package vault

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amq2api/backend/secret"
)

// victimVariable makes the test binary save without end in the vault at the path it has, so that it can be killed.
const victimVariable = "AMQ2API_TEST_VICTIM"

// TestMain is also the program that the test below kills.
func TestMain(m *testing.M) {
	path := os.Getenv(victimVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := saveForever(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The items that the victim turns over: two that always change one after the other, and one that comes and goes.
const (
	firstItem  = "first"
	secondItem = "second"
	guestItem  = "guest"
)

// saveForever says each number once both items have it.
func saveForever(path string) error {
	f, err := openFile(path, passphrase, folder{}, quick)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for n := 1; ; n++ {
		text := secret.New(textOf(3000) + fmt.Sprint(n))
		if err := errors.Join(f.Set(ctx, firstItem, text), f.Set(ctx, secondItem, text), f.Set(ctx, guestItem, text), f.Delete(ctx, guestItem)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// Killed in the middle of saving, the vault is the one before or the one after, and what it said it had kept is kept.
func TestKilledWhileSavingTheVaultIsTheOldOneOrTheNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	kills := either(200, 5)
	for kill := range kills {
		said := saveAndKill(t, path, rand.IntN(8))
		f := openQuick(t, path)
		first, second := numberOf(t, f, firstItem), numberOf(t, f, secondItem)
		if first < said || first > said+1 || second < said || second > first {
			t.Fatalf("kill %d: %d was said to be kept, and the items have %d and %d", kill, said, first, second)
		}
		if names := slices.Sorted(maps.Keys(f.items)); len(names) > 3 {
			t.Fatalf("kill %d: the items are %q", kill, names)
		}
		for _, part := range []string{path, path + ".key", path + ".old", path + ".new", path + ".old.new", path + ".key.new"} {
			if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	t.Logf("A22 | %d kills while saving | always the old vault or the new", kills)
}

// saveAndKill lets a victim save until it has said a number, kills it a moment later, and answers with the last number it said.
func saveAndKill(t *testing.T, path string, after int) (said int) {
	t.Helper()
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimVariable+"="+path)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err == nil {
		err = victim.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, err := fmt.Sscan(lines.Text(), &said); err != nil {
			t.Fatal(err)
		}
		if said == after+1 {
			time.Sleep(rand.N(20 * time.Millisecond))
			_ = victim.Process.Kill() // one that failed has ended by itself, before this number
		}
	}
	if err := victim.Wait(); err == nil || said <= after {
		t.Fatalf("the victim ended by itself after %d: %v", said, err)
	}
	return said
}

// numberOf is the number in an item; 0 if it is not there.
func numberOf(t *testing.T, f *File, name string) (n int) {
	t.Helper()
	item, err := f.Get(t.Context(), name)
	if errors.Is(err, ErrNotFound) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(strings.TrimPrefix(item.Reveal(), textOf(3000)), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
