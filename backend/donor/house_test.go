package donor

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"amq2api/backend/fault"
)

// The canaries must never be printed.
const (
	accessCanary  = "access-canary"
	refreshCanary = "refresh-canary"
	secretCanary  = "secret-canary"
)

var today = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	odicToken  = "codewhisperer:odic:token"
	odicClient = "codewhisperer:odic:device-registration"

	tokenJSON = `{"access_token":"access-canary","expires_at":"2026-03-01T13:00:00.123456789Z","refresh_token":"refresh-canary",
		"region":"us-east-1","start_url":"https://view.awsapps.com/start","oauth_flow":"DeviceCode","scopes":["codewhisperer:completions"]}`
	companyJSON = `{"access_token":"access-canary","expires_at":"2026-03-01T13:00:00Z","refresh_token":"refresh-canary",
		"region":"eu-central-1","start_url":"https://acme.awsapps.com/start/#/","oauth_flow":"PKCE"}`
	clientJSON = `{"client_id":"the-client","client_secret":"secret-canary","client_secret_expires_at":"2026-05-01T00:00:00Z",
		"region":"us-east-1","oauth_flow":"DeviceCode","scopes":["codewhisperer:completions"]}`
	arn         = "arn:aws:codewhisperer:eu-central-1:123456789012:profile/ABCDEF"
	profileJSON = `{"arn":"` + arn + `","profile_name":"Acme"}`
)

// computer is a user's folder with stores in it.
type computer struct {
	t    *testing.T
	home string
	os   string
	env  map[string]string
}

// linux is a computer without anything on it, whose temporary files lie in a folder of the test's.
func linux(t *testing.T) computer {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	return computer{t: t, home: t.TempDir(), os: "linux", env: map[string]string{}}
}

func (c computer) finds() []Find {
	c.t.Helper()
	finder := New(Config{OS: c.os, Home: c.home, Env: func(name string) string { return c.env[name] }, Now: func() time.Time { return today }})
	return finder.Find(c.t.Context())
}

// only is the one find there must be.
func (c computer) only() Find {
	c.t.Helper()
	finds := c.finds()
	if len(finds) != 1 {
		c.t.Fatalf("%d finds, want one: %+v", len(finds), finds)
	}
	return finds[0]
}

// importable is the one find there must be, without a problem.
func (c computer) importable() Find {
	c.t.Helper()
	find := c.only()
	if find.Problem != nil {
		c.t.Fatalf("cannot be imported: %v", find.Problem)
	}
	if err := find.Draft.Check(); err != nil {
		c.t.Fatalf("draft: %v", err)
	}
	return find
}

func (c computer) path(parts ...string) string {
	c.t.Helper()
	path := filepath.Join(append([]string{c.home}, parts...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// amazonQ and kiro are where a Linux computer has the databases.
func (c computer) amazonQ() string { return c.path(".local", "share", "amazon-q", databaseName) }
func (c computer) kiro() string    { return c.path(".local", "share", "kiro-cli", databaseName) }

// cache writes a file of the token cache.
func (c computer) cache(name, body string) string {
	c.t.Helper()
	path := c.path(".aws", "sso", "cache", name)
	write(c.t, path, body)
	return path
}

func write(t *testing.T, path, body string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}

// unchanged returns a check that no file of the computer has changed, come or gone, and that no copy is left.
func (c computer) unchanged() func() {
	c.t.Helper()
	before := tree(c.t, c.home)
	return func() {
		c.t.Helper()
		if after := tree(c.t, c.home); after != before {
			c.t.Error("the tools' files have changed")
		}
		if left := tree(c.t, os.TempDir()); left != "" {
			c.t.Errorf("a copy is left: %.200s", left)
		}
	}
}

// tree is what is in a folder: files with a digest of their bytes, folders with the time when a file last came or went.
func tree(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		if entry.IsDir() {
			found, err := entry.Info()
			fmt.Fprintf(&all, "%s %v\n", path, found.ModTime())
			return err
		}
		body, err := os.ReadFile(path)
		fmt.Fprintf(&all, "%s %x\n", path, sha256.Sum256(body))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// database makes a CLI's database; pairs are keys and values.
func database(t *testing.T, path string, pairs ...string) {
	t.Helper()
	if err := fill(path, "DELETE", pairs...); err != nil {
		t.Fatal(err)
	}
}

// fill writes a database and closes it. Keys of the tokens go to the one table, what else there is to the other.
func fill(path, journal string, pairs ...string) error {
	db, err := openDonor(path, journal)
	if err != nil {
		return err
	}
	return errors.Join(store(db, pairs...), db.Close())
}

func openDonor(path, journal string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", address(path, url.Values{"_journal_mode": {journal}}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS auth_kv (key TEXT PRIMARY KEY, value TEXT);
		CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value BLOB)`)
	return db, err
}

func store(db *sql.DB, pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		statement, value := `INSERT INTO state VALUES (?, ?)`, any([]byte(pairs[i+1]))
		if strings.HasPrefix(pairs[i], "codewhisperer:") || strings.HasPrefix(pairs[i], "kirocli:") {
			statement, value = `INSERT INTO auth_kv VALUES (?, ?)`, pairs[i+1]
		}
		if _, err := db.Exec(statement, pairs[i], value); err != nil {
			return err
		}
	}
	return nil
}

// refused checks a find that cannot be imported.
func refused(t *testing.T, find Find, kind fault.Kind, says string) {
	t.Helper()
	if find.Problem == nil || find.Problem.Kind != kind || !strings.Contains(find.Problem.Message, says) {
		t.Errorf("problem %+v, want %v with %q", find.Problem, kind, says)
		return
	}
	if !strings.Contains(find.Problem.Message, "sign in from AMQ2API") {
		t.Errorf("%q does not say what to do", find.Problem.Message)
	}
	if find.Shares() || !find.Draft.Secrets.RefreshToken.IsZero() || !find.Draft.Secrets.ClientSecret.IsZero() {
		t.Error("a find that cannot be imported has secrets")
	}
}

func skipWithoutPermissions(t *testing.T) {
	t.Helper()
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("permissions do not bind this user")
	}
}
