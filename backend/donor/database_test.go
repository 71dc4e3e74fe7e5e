package donor

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend/fault"
)

func TestASignInThatIsOnlyInTheLogIsFoundWhileTheToolRuns(t *testing.T) {
	c := linux(t)
	heldBy(t, asLogged, c.amazonQ())
	body, err := os.ReadFile(c.amazonQ())
	if err != nil || strings.Contains(string(body), refreshCanary) || !exists(c.amazonQ()+"-shm") {
		t.Fatalf("the sign-in is not in the log only: %v", err)
	}
	check := c.unchanged()
	c.importable()
	check()
	t.Setenv("TMPDIR", filepath.Join(c.home, "missing")) // so that no copy can be made
	c.importable()
}

func TestALogLeftByAKilledToolIsHonoured(t *testing.T) {
	for _, shm := range []string{"with its shared memory", "without its shared memory", "with its shared memory empty"} {
		t.Run(shm, func(t *testing.T) {
			c := linux(t)
			heldBy(t, asLogged, c.amazonQ())()
			switch shm {
			case "without its shared memory":
				if err := os.Remove(c.amazonQ() + "-shm"); err != nil {
					t.Fatal(err)
				}
			case "with its shared memory empty":
				write(t, c.amazonQ()+"-shm", "")
			}
			check := c.unchanged()
			c.importable()
			check()
		})
	}
}

func TestADatabaseWhoseLogIsFoldedInGetsNoFilesBesideIt(t *testing.T) {
	c := linux(t)
	if err := fill(c.amazonQ(), "WAL", odicToken, tokenJSON, odicClient, clientJSON); err != nil {
		t.Fatal(err)
	}
	if exists(c.amazonQ() + "-wal") {
		t.Fatal("the log is still there")
	}
	check := c.unchanged()
	c.importable()
	check()
}

func TestAReadOnlyFolderIsReadByACopy(t *testing.T) {
	skipWithoutPermissions(t)
	c := linux(t)
	heldBy(t, asLogged, c.amazonQ())()
	if err := os.Remove(c.amazonQ() + "-shm"); err != nil {
		t.Fatal(err)
	}
	forbid(t, filepath.Dir(c.amazonQ()), 0o500)
	c.importable()
}

func TestALockedDatabaseIsNotWaitedForForLong(t *testing.T) {
	c := linux(t)
	kill := heldBy(t, asLocked, c.amazonQ())
	refused(t, c.only(), fault.Unavailable, "Close it and search again")
	kill()
	c.importable()
}

// A transaction that was cut short has to be undone before anything can be read, which the donor's own file must not be.
func TestAHalfWrittenTransactionIsUndoneInACopy(t *testing.T) {
	c := linux(t)
	database(t, c.amazonQ(), odicToken, tokenJSON, odicClient, clientJSON)
	db, err := openDonor(c.amazonQ(), "DELETE")
	if err != nil {
		t.Fatal(err)
	}
	filler := strings.Repeat("x", 1<<20)
	if _, err := db.Exec(`PRAGMA cache_size = 1; BEGIN; DELETE FROM auth_kv; INSERT INTO state VALUES ('filler', ?)`, filler); err != nil {
		t.Fatal(err)
	}
	crashed := c
	crashed.home = t.TempDir()
	for _, part := range []string{"", "-journal"} {
		body, err := os.ReadFile(c.amazonQ() + part)
		if err != nil {
			t.Fatal(err)
		}
		write(t, crashed.amazonQ()+part, string(body))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check := crashed.unchanged()
	crashed.importable()
	check()
}

func TestADamagedDatabaseIsListedAndLeftAlone(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(path string) error
		kind   fault.Kind
		says   string
	}{
		{"not a database", func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("text ", 100)), 0o600) }, fault.Invalid, "is damaged"},
		{"empty, with a log", func(path string) error {
			return errors.Join(os.Truncate(path, 0), os.WriteFile(path+"-wal", []byte("log"), 0o600))
		}, fault.Invalid, "is damaged"},
		{"cut short", func(path string) error { return os.Truncate(path, 4096+10) }, fault.Invalid, "is damaged"},
		{"cut in its header", func(path string) error { return os.Truncate(path, 50) }, fault.Invalid, "is damaged"},
		{"scribbled over", scribble, fault.Invalid, "is damaged"},
		{"too large", func(path string) error { return os.Truncate(path, maxDatabase+1) }, fault.Invalid, "too large"},
		{"with a log that is too large", func(path string) error { return errors.Join(logged(path), hollow(path+"-wal", maxDatabase+1)) }, fault.Invalid, "too large"},
		{"a folder", func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, fault.Invalid, "not a file"},
		{"other columns", otherColumns, fault.Invalid, "is damaged"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := linux(t)
			database(t, c.amazonQ(), odicToken, tokenJSON, odicClient, clientJSON)
			if err := test.damage(c.amazonQ()); err != nil {
				t.Fatal(err)
			}
			check := c.unchanged()
			refused(t, c.only(), test.kind, test.says)
			check()
		})
	}
}

// scribble damages every page but the header.
func scribble(path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i := headerSize; i < len(body); i++ {
		body[i] = 0xff
	}
	return os.WriteFile(path, body, 0o600)
}

// logged makes the header say that there is a log.
func logged(path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	body[readVersion-1], body[readVersion] = withLog, withLog
	return os.WriteFile(path, body, 0o600)
}

// hollow makes a file of a size that takes no room.
func hollow(path string, size int64) error {
	return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, size))
}

func otherColumns(path string) error {
	db, err := openDonor(path, "DELETE")
	if err != nil {
		return err
	}
	_, err = db.Exec(`ALTER TABLE auth_kv RENAME COLUMN value TO worth`)
	return errors.Join(err, db.Close())
}

func TestADatabaseOfSomethingElseHasNoSignIn(t *testing.T) {
	c := linux(t)
	database(t, c.amazonQ())
	database(t, c.kiro())
	db, err := openDonor(c.kiro(), "DELETE")
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`DROP TABLE auth_kv; DROP TABLE state`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if finds := c.finds(); len(finds) != 0 {
		t.Errorf("finds: %+v", finds)
	}
}

func TestALinkIsFollowedToItsLog(t *testing.T) {
	c := linux(t)
	elsewhere := filepath.Join(t.TempDir(), "kept?here.db")
	heldBy(t, asLogged, elsewhere)()
	if err := os.Symlink(elsewhere, c.amazonQ()); err != nil {
		t.Skip("this computer makes no links")
	}
	c.importable()
	if err := os.Remove(elsewhere); err != nil {
		t.Fatal(err)
	}
	if finds := c.finds(); len(finds) != 0 {
		t.Errorf("behind a broken link: %+v", finds)
	}
}

func TestWhatMayNotBeReadIsListed(t *testing.T) {
	skipWithoutPermissions(t)
	c := linux(t)
	database(t, c.amazonQ(), odicToken, tokenJSON, odicClient, clientJSON)
	forbid(t, c.amazonQ(), 0)
	refused(t, c.only(), fault.Unavailable, "may not read")
	c = linux(t)
	forbid(t, c.cache(kiroToken, socialJSON), 0)
	refused(t, c.only(), fault.Unavailable, "may not read")
	forbid(t, filepath.Dir(c.cache("other.json", "{}")), 0)
	refused(t, c.only(), fault.Unavailable, "may not read")
}

// forbid sets permissions until the test ends.
func forbid(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(path, 0o700) }) // so that the folder can be deleted
}
