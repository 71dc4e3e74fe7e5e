package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/godbus/dbus/v5"

	"amq2api/backend/account"
	"amq2api/backend/secret"
	"amq2api/backend/vault"
)

// rigVault is a real vault that can also say what is in it, which no vault can by itself.
type rigVault struct {
	account.Vault
	names func(ctx context.Context) ([]string, error)
}

// Get says in the accounts' words that a secret is not there.
func (v rigVault) Get(ctx context.Context, name string) (secret.String, error) {
	item, err := v.Vault.Get(ctx, name)
	if errors.Is(err, vault.ErrNotFound) {
		err = errors.Join(account.ErrNoSecret, err)
	}
	return item, err
}

func openRigVault(ctx context.Context, j job) (rigVault, error) {
	if j.Service != "" {
		keychain, err := vault.OpenKeychain(ctx, j.Service)
		return rigVault{keychain, func(ctx context.Context) ([]string, error) { return keyringNames(ctx, j.Service) }}, err
	}
	file, err := vault.OpenFile(filepath.Join(j.Profile, "vault.age"), rigPassphrase())
	return rigVault{file, func(context.Context) ([]string, error) { return fileNames(j.Profile) }}, err
}

func rigPassphrase() secret.String { return secret.New("kill") }

// makeFileVault makes a key that is cheap to open, as it must be when a vault is opened hundreds of times.
func makeFileVault(t *testing.T, profile string) {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := age.NewScryptRecipient(rigPassphrase().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	recipient.SetWorkFactor(1)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(w, identity.String())
	err = errors.Join(err, w.Close(), os.WriteFile(filepath.Join(profile, "vault.age.key"), sealed.Bytes(), 0o600),
		os.WriteFile(filepath.Join(profile, "identity"), []byte(identity.String()), 0o600))
	if err != nil {
		t.Fatal(err)
	}
}

// fileNames are the items of a profile's file vault.
func fileNames(profile string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(profile, "identity"))
	if err != nil {
		return nil, err
	}
	identity, err := age.ParseX25519Identity(string(text))
	if err != nil {
		return nil, err
	}
	sealed, err := os.ReadFile(filepath.Join(profile, "vault.age"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(bytes.NewReader(sealed), identity)
	if err != nil {
		return nil, err
	}
	var contents struct {
		Items map[string]string `json:"items"`
	}
	err = json.NewDecoder(plain).Decode(&contents)
	return slices.Sorted(maps.Keys(contents.Items)), err
}

// keyringNames are the items of one service in the Secret Service's keyring. Source: the Secret Service specification.
func keyringNames(ctx context.Context, service string) (names []string, err error) {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	const peer, root = "org.freedesktop.secrets", "/org/freedesktop/secrets"
	var unlocked, locked []dbus.ObjectPath
	search := func() error {
		return conn.Object(peer, root).CallWithContext(ctx, "org.freedesktop.Secret.Service.SearchItems", 0, map[string]string{"service": service}).Store(&unlocked, &locked)
	}
	if search() != nil { // GNOME Keyring refuses a question now and then while it notices that others were killed
		err = search()
	}
	if err != nil {
		return nil, err
	}
	for _, path := range append(unlocked, locked...) {
		var attributes map[string]string
		if err := conn.Object(peer, path).StoreProperty("org.freedesktop.Secret.Item.Attributes", &attributes); err != nil {
			return nil, err
		}
		names = append(names, attributes["username"])
	}
	return names, nil
}

// insideVariable tells the test binary that it runs again inside a D-Bus session with a keyring of its own.
const insideVariable = "AMQ2API_TEST_INSIDE_SESSION"

// inKeyring runs the test again inside a session with an unlocked GNOME Keyring and passes on what it printed. It returns true inside.
func inKeyring(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideVariable) == t.Name() {
		return true
	}
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil || runtime.GOOS != "linux" {
			t.Skipf("this needs %s", program)
		}
	}
	home, err := os.MkdirTemp("", "home") // not t.TempDir: a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	const script = `printf 'a login password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && exec "$0" -test.run="$1" -test.v -test.timeout=1h`
	cmd := exec.CommandContext(t.Context(), "dbus-run-session", "--", "sh", "-c", script, os.Args[0], "^"+t.Name()+"$")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, insideVariable + "=" + t.Name(),
		fmt.Sprintf("%s=%s", reliabilityVariable, os.Getenv(reliabilityVariable))}
	out, err := cmd.CombinedOutput()
	if t.Logf("%s", out); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("inside the session: %v", err)
	}
	return false
}
