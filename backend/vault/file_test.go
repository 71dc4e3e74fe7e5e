package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// quick makes keys cheap to open, so that a test can open many.
const quick = 1

var passphrase = secret.New("correct horse")

func openQuick(t *testing.T, path string) *File {
	t.Helper()
	f, err := openFile(path, passphrase, folder{}, quick)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func set(t *testing.T, v anyVault, name, text string) {
	t.Helper()
	if err := v.Set(t.Context(), name, secret.New(text)); err != nil {
		t.Fatal(err)
	}
}

// tree is every file of a folder with its bytes.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		fmt.Fprintf(&all, "%s %q\n", entry.Name(), read(t, filepath.Join(dir, entry.Name())))
	}
	return all.String()
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func write(t *testing.T, path string, body []byte) {
	t.Helper()
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFileKeepsItemsAcrossOpenings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	f, err := OpenFile(path, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	keeps(t, f, "first", strings.Repeat("long ", 100_000), `quoted "<&>" and ünïcode`)
	set(t, f, "stays", "canary-text")

	again, err := OpenFile(path, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, again, "stays", "canary-text")
	lacks(t, again, "account/1/refresh/1")
	if all := tree(t, filepath.Dir(path)); strings.Contains(all, "canary-text") || strings.Contains(all, "stays") {
		t.Error("the files show a secret or its name")
	}
}

func TestFileIsForTheUserAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	write(t, path+".new", []byte("left over by a crash"))
	if err := os.Chmod(path+".new", 0o644); err != nil {
		t.Fatal(err)
	}
	f := openQuick(t, path)
	set(t, f, "a", "1")
	set(t, f, "a", "2")
	for _, part := range []string{path, path + ".key", path + ".old"} {
		file, err := os.Stat(part)
		if err != nil || file.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", part, file, err)
		}
	}
}

func TestAWrongPassphraseChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	set(t, openQuick(t, path), "a", "1")
	before := tree(t, filepath.Dir(path))

	_, err := openFile(path, secret.New("wrong"), folder{}, quick)
	says(t, err, ErrPassphrase)
	_, err = openFile(path, secret.String{}, folder{}, quick)
	says(t, err, ErrPassphrase)
	if tree(t, filepath.Dir(path)) != before {
		t.Error("the refused opening changed the files")
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	set(t, openQuick(t, path), "a", "a token")
	for _, part := range []string{path, path + ".key"} {
		whole := read(t, part)
		for length := range whole {
			write(t, part, whole[:length])
			if f, err := openFile(path, passphrase, folder{}, quick); f != nil || !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrPassphrase) {
				t.Fatalf("%s cut to %d of %d bytes opens: %v", filepath.Base(part), length, len(whole), err)
			}
		}
		write(t, part, append(slices.Clone(whole), '\n'))
		if _, err := openFile(path, passphrase, folder{}, quick); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s with a byte too many opens: %v", filepath.Base(part), err)
		}
		write(t, part, whole)
	}
	wants(t, openQuick(t, path), "a", "a token")
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	f := openQuick(t, path)
	set(t, f, "a", strings.Repeat("a token ", 50))
	whole := read(t, path)
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		at, bit := random.IntN(len(whole)), random.IntN(8)
		flipped := slices.Clone(whole)
		flipped[at] ^= 1 << bit
		write(t, path, flipped)
		_, err := openFile(path, passphrase, folder{}, quick)
		says(t, err, ErrDamaged)
		if t.Failed() {
			t.Fatalf("with bit %d of byte %d of %d flipped", bit, at, len(whole))
		}
	}
}

func TestAPlantedKeyCannotEatTheMachine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	openQuick(t, path)
	sealed := string(read(t, path+".key"))
	header, rest, _ := strings.Cut(sealed, " 1\n")
	write(t, path+".key", []byte(header+" 30\n"+rest))
	_, err := openFile(path, passphrase, folder{}, quick)
	says(t, err, ErrDamaged)
}

func TestContentsThatAreNotOursAreRefusedWithoutQuotingThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	f := openQuick(t, path)
	for _, plain := range []string{"", "canary", `{"items":{"a":7}}`, `{"items":["canary"]}`} {
		sealed, err := seal([]byte(plain), f.identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, sealed)
		_, err = openFile(path, passphrase, folder{}, quick)
		says(t, err, ErrDamaged)
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("the error quotes what the vault holds: %v", err)
		}
	}
	sealed, err := seal([]byte("canary"), recipientOf(t))
	if err != nil {
		t.Fatal(err)
	}
	write(t, path+".key", sealed)
	_, err = openFile(path, passphrase, folder{}, quick)
	says(t, err, ErrDamaged)
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("the error quotes the key: %v", err)
	}
}

func recipientOf(t *testing.T) age.Recipient {
	t.Helper()
	recipient, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	recipient.SetWorkFactor(quick)
	return recipient
}

func TestAMissingPartIsNotAnEmptyVault(t *testing.T) {
	for _, lost := range []string{"", ".key"} {
		path := filepath.Join(t.TempDir(), "vault.age")
		f := openQuick(t, path)
		set(t, f, "a", "1")
		set(t, f, "a", "2")
		if err := os.Remove(path + lost); err != nil {
			t.Fatal(err)
		}
		before := tree(t, filepath.Dir(path))
		_, err := openFile(path, passphrase, folder{}, quick)
		says(t, err, ErrDamaged)
		if message := fault.Of(err).Message; lost == "" && !strings.Contains(message, path+".old") {
			t.Errorf("the error does not name the generation before: %s", message)
		}
		if tree(t, filepath.Dir(path)) != before {
			t.Error("the refused opening changed the files")
		}
	}
}

func TestTheGenerationBeforeOpensInPlaceOfALostFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	f := openQuick(t, path)
	set(t, f, "a", "1")
	set(t, f, "a", "2")
	write(t, path, read(t, path+".old"))
	wants(t, openQuick(t, path), "a", "1")
}

func TestWhatIsDeletedIsNotInTheGenerationBeforeEither(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	f := openQuick(t, path)
	set(t, f, "gone", "1")
	set(t, f, "kept", "1")
	if err := f.Delete(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	write(t, path, read(t, path+".old"))
	old := openQuick(t, path)
	wants(t, old, "kept", "1")
	if _, err := old.Get(t.Context(), "gone"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the generation before still has it: %v", err)
	}
}

func TestAnUnreadableVaultIsNotANewOne(t *testing.T) {
	for _, part := range []string{"", ".key", ".old"} {
		path := filepath.Join(t.TempDir(), "vault.age")
		if part == "" {
			openQuick(t, path)
		}
		if err := os.Mkdir(path+part, 0o700); err != nil {
			t.Fatal(err)
		}
		if f, err := openFile(path, passphrase, folder{}, quick); err == nil || f != nil {
			t.Errorf("a vault whose file %q cannot be read opens", "vault.age"+part)
		}
	}
}

func TestTheFileVaultTakesTextOnly(t *testing.T) {
	f := openQuick(t, filepath.Join(t.TempDir(), "vault.age"))
	if err := f.Set(t.Context(), "a", secret.New("\xff")); fault.Of(err) == nil || fault.Of(err).Kind != fault.Invalid {
		t.Errorf("bytes that would not come back are taken: %v", err)
	}
	lacks(t, f, "a")
}

func TestACancelledCallerGetsNothing(t *testing.T) {
	f := openQuick(t, filepath.Join(t.TempDir(), "vault.age"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, getting := f.Get(ctx, "a")
	for _, err := range []error{getting, f.Set(ctx, "a", secret.New("1")), f.Delete(ctx, "a")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want cancelled", err)
		}
	}
	lacks(t, f, "a")
}

// cutDisk works until its n-th change and then fails for good, as a full disk or a killed process does. A write that fails leaves
// half a file.
type cutDisk struct {
	folder
	left int
}

var errCut = errors.New("no space left")

func (d *cutDisk) step() error {
	if d.left--; d.left < 0 {
		return errCut
	}
	return nil
}

func (d *cutDisk) Write(path string, body []byte) error {
	if err := d.step(); err != nil {
		return errors.Join(err, d.folder.Write(path, body[:len(body)/2]))
	}
	return d.folder.Write(path, body)
}

func (d *cutDisk) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.folder.Rename(from, to)
}

func (d *cutDisk) Sync(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.folder.Sync(path)
}

func TestAKillAtAnyStepLeavesAWholeVault(t *testing.T) {
	const steps = 5 // of one change: write and rename the old, write and rename the new, sync the folder
	for cut := range steps {
		path := filepath.Join(t.TempDir(), "vault.age")
		set(t, openQuick(t, path), "a", "before")
		d := &cutDisk{left: cut}
		f, err := openFile(path, passphrase, d, quick)
		if err != nil {
			t.Fatal(err)
		}
		err = f.Set(t.Context(), "a", secret.New("after"))
		says(t, err, errCut)

		text := "before"
		if cut == steps-1 {
			text = "after"
		}
		wants(t, f, "a", text)
		wants(t, openQuick(t, path), "a", text)

		d.left = steps
		set(t, f, "a", "after")
		if d.left != 0 {
			t.Errorf("after a failure at step %d the next change took %d steps, want %d", cut, steps-d.left, steps)
		}
		wants(t, openQuick(t, path), "a", "after")
	}
}

func TestAKillWhileTheVaultIsMadeLeavesNothingToTripOver(t *testing.T) {
	for cut := range 3 {
		path := filepath.Join(t.TempDir(), "vault.age")
		_, err := openFile(path, passphrase, &cutDisk{left: cut}, quick)
		says(t, err, errCut)
		keeps(t, openQuick(t, path), "works")
	}
}

func TestAFolderThatIsNotThereIsSaid(t *testing.T) {
	_, err := openFile(filepath.Join(t.TempDir(), "none", "vault.age"), passphrase, folder{}, quick)
	says(t, err, fs.ErrNotExist)
}

func TestManyWriteAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	f := openQuick(t, path)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			name := fmt.Sprint(i)
			if err := f.Set(t.Context(), name, secret.New(name)); err != nil {
				t.Error(err)
			}
			wants(t, f, name, name)
		})
	}
	all.Wait()
	again := openQuick(t, path)
	for i := range 20 {
		wants(t, again, fmt.Sprint(i), fmt.Sprint(i))
	}
}
