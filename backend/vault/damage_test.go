package vault

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"amq2api/backend/secret"
)

// reliabilityVariable set to "full" lets the reliability tests run as long as their figures need.
const reliabilityVariable = "AMQ2API_RELIABILITY"

func inFull() bool { return os.Getenv(reliabilityVariable) == "full" }

// either is the figure of the full form, or that of the short one.
func either(full, short int) int {
	if inFull() {
		return full
	}
	return short
}

// stuffed is a vault with something in each of its three files.
func stuffed(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault.age")
	f := openQuick(t, path)
	for n := range 3 {
		set(t, f, "a", textOf(100+n))
	}
	return path
}

// expectRefused opens a vault that was meddled with. It must not open, and the refusal must change nothing.
func expectRefused(t *testing.T, path, story string) {
	t.Helper()
	before := tree(t, filepath.Dir(path))
	f, err := openFile(path, passphrase, folder{}, quick)
	if f != nil || !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrPassphrase) {
		t.Fatalf("%s: it opens, or fails with %v", story, err)
	}
	if tree(t, filepath.Dir(path)) != before {
		t.Fatalf("%s: the refused opening changed the files", story)
	}
}

// No single bit of the vault or its key can be flipped, no byte be cut off, and no part be put in another's place, so that it still opens.
func TestNoMeddlingWithTheFileVaultIsAccepted(t *testing.T) {
	path := stuffed(t)
	flips := flipBits(t, path, either(10_000, 200))
	cuts := cutShort(t, path, either(1, 7))
	swaps := swapParts(t, path)
	phrases := tryPassphrases(t, path, either(1000, 50))
	factors := plantFactors(t, path)
	wants(t, openQuick(t, path), "a", textOf(102))
	if !t.Failed() {
		t.Logf("A22 | %d flipped bits, %d truncations, %d swapped parts, %d wrong passphrases, %d hostile work factors | 0 accepted, 0 panics", flips, cuts, swaps, phrases, factors)
	}
}

func flipBits(t *testing.T, path string, n int) int {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	for flip := range n {
		part := []string{path, path + ".key"}[flip%2]
		whole := read(t, part)
		at, bit := random.IntN(len(whole)), random.IntN(8)
		flipped := slices.Clone(whole)
		flipped[at] ^= 1 << bit
		write(t, part, flipped)
		expectRefused(t, path, fmt.Sprintf("bit %d of byte %d of %d of %s", bit, at, len(whole), filepath.Base(part)))
		write(t, part, whole)
	}
	return n
}

func cutShort(t *testing.T, path string, step int) (cuts int) {
	t.Helper()
	for _, part := range []string{path, path + ".key"} {
		whole := read(t, part)
		for length := 0; length < len(whole); length += step {
			write(t, part, whole[:length])
			expectRefused(t, path, fmt.Sprintf("%s cut to %d bytes", filepath.Base(part), length))
			cuts++
		}
		write(t, part, whole)
	}
	return cuts
}

// swapParts puts whole files, and the halves of files, in each other's places: of this vault and of another with the same passphrase.
func swapParts(t *testing.T, path string) (swaps int) {
	t.Helper()
	other := stuffed(t)
	vault, key, old := read(t, path), read(t, path+".key"), read(t, path+".old")
	strangeVault, strangeKey := read(t, other), read(t, other+".key")
	half := func(a, b []byte) []byte { return slices.Concat(a[:len(a)/2], b[len(b)/2:]) }
	for story, parts := range map[string][2][]byte{
		"another's vault":               {strangeVault, key},
		"another's key":                 {vault, strangeKey},
		"the key for the vault":         {key, key},
		"the vault for the key":         {vault, vault},
		"vault and key exchanged":       {key, vault},
		"half of the vault before":      {half(vault, old), key},
		"half of another's vault":       {half(vault, strangeVault), key},
		"half of another's key":         {vault, half(key, strangeKey)},
		"the vault twice":               {slices.Concat(vault, vault), key},
		"the vault and what was before": {slices.Concat(vault, old), key},
		"the key twice":                 {vault, slices.Concat(key, key)},
	} {
		write(t, path, parts[0])
		write(t, path+".key", parts[1])
		expectRefused(t, path, story)
		swaps++
	}
	write(t, path, vault)
	write(t, path+".key", key)
	return swaps
}

func tryPassphrases(t *testing.T, path string, n int) int {
	t.Helper()
	right := passphrase.Reveal()
	for try := range n {
		wrong := fmt.Sprint(right, try)
		if try < len(right) {
			wrong = right[:try] + right[try+1:]
		}
		if f, err := openFile(path, secret.New(wrong), folder{}, quick); f != nil || !errors.Is(err, ErrPassphrase) {
			t.Fatalf("wrong passphrase %d: %v", try, err)
		}
	}
	return n
}

// plantFactors asks for more work, and other work, than we do. None of it may be done: what is refused is refused before it takes memory.
func plantFactors(t *testing.T, path string) (factors int) {
	t.Helper()
	key := read(t, path+".key")
	header, rest, _ := strings.Cut(string(key), " 1\n")
	for _, factor := range []string{"18", "20", "30", "62", "63", "64", "99", "0", "-1", "017", "+1", "1e9", "18446744073709551617", "", "x"} {
		write(t, path+".key", []byte(header+" "+factor+"\n"+rest))
		before := allocated()
		expectRefused(t, path, "work factor "+factor)
		if taken := allocated() - before; taken > 64<<20 {
			t.Errorf("work factor %s: %d MiB were taken", factor, taken>>20)
		}
		factors++
	}
	write(t, path+".key", key)
	return factors
}

// allocated is how many bytes were ever allocated.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// Opening a vault with the work factor of our own keys stays within the bound that we promise.
func TestOpeningTakesABoundedAmountOfMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	if _, err := OpenFile(path, passphrase); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	before := allocated()
	if _, err := OpenFile(path, passphrase); err != nil {
		t.Fatal(err)
	}
	taken := allocated() - before
	if t.Logf("A22 | opening takes %d MiB in all", taken>>20); taken > 256<<20 {
		t.Errorf("opening takes %d MiB", taken>>20)
	}
}
