package backend_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend"
)

// withoutKeychain is an environment whose session bus is dead.
func withoutKeychain(t *testing.T) backend.Environment {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	t.Setenv("AMQ2API_VAULT", "")
	t.Setenv("DATABASE_PATH", filepath.Join(t.TempDir(), "profile", "amq2api.db"))
	env, err := backend.ReadEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func TestANewProfileWithoutAKeychainMayChooseTheFileVaultAndStaysWithIt(t *testing.T) {
	env := withoutKeychain(t)
	_, err := backend.Open(context.Background(), backend.Options{Environment: env})
	if !errors.Is(err, backend.ErrNoKeychain) || !errors.Is(err, backend.ErrVaultUnused) {
		t.Fatalf("Open: %v", err)
	}
	if err := backend.ChooseFileVault(&env); err != nil {
		t.Fatal(err)
	}
	b, err := backend.Open(context.Background(), backend.Options{Environment: env})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vault-passphrase", "vault.age"} {
		found, err := os.Stat(filepath.Join(env.ProfileDir(), name))
		if err != nil || found.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, found.Mode(), err)
		}
	}
	again, err := backend.ReadEnvironment()
	if err != nil || again.Vault != backend.VaultFile {
		t.Errorf("the next start takes the vault %q: %v", again.Vault, err)
	}
	t.Setenv("AMQ2API_VAULT", "keychain")
	if other, err := backend.ReadEnvironment(); err != nil || other.Vault != backend.VaultKeychain {
		t.Errorf("what the environment says does not win: %q %v", other.Vault, err)
	}
}

func TestAProfileWithAccountsInTheKeychainIsNotOfferedAnotherVault(t *testing.T) {
	env := withoutKeychain(t)
	if _, err := backend.Open(context.Background(), backend.Options{Environment: env}); !errors.Is(err, backend.ErrVaultUnused) {
		t.Fatalf("Open: %v", err)
	}
	other := env
	if err := backend.ChooseFileVault(&other); err != nil {
		t.Fatal(err)
	}
	b, err := backend.Open(context.Background(), backend.Options{Environment: other})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	b.WindowAdmin().ServeHTTP(answer, httptest.NewRequest("POST", "/admin/accounts",
		strings.NewReader(`{"name":"Work","refresh_token":"r","client_id":"c","client_secret":"s"}`)))
	if answer.Code != 201 {
		t.Fatalf("add an account: %d %s", answer.Code, answer.Body)
	}
	if err := b.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	env.Vault = backend.VaultKeychain
	_, err = backend.Open(context.Background(), backend.Options{Environment: env})
	if !errors.Is(err, backend.ErrNoKeychain) || errors.Is(err, backend.ErrVaultUnused) {
		t.Errorf("Open: %v", err)
	}
}
