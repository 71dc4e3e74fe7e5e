package backend

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/secret"
	"amq2api/backend/vault"
)

// Where secrets can be kept.
const (
	VaultKeychain = "keychain"
	VaultFile     = "file"
)

// ErrNoKeychain says that the system's keychain cannot be used.
var ErrNoKeychain = errors.New("the keychain cannot be used")

// SecretStore is any of the vaults.
type SecretStore interface {
	account.Vault
	State(ctx context.Context) vault.State
}

// vaultDoor says in the accounts' words that a secret is not there.
type vaultDoor struct{ SecretStore }

// Get reads a secret, or fails with account.ErrNoSecret.
func (v vaultDoor) Get(ctx context.Context, name string) (secret.String, error) {
	item, err := v.SecretStore.Get(ctx, name)
	if errors.Is(err, vault.ErrNotFound) {
		return item, errors.Join(account.ErrNoSecret, err)
	}
	return item, err
}

func (v vaultDoor) state(ctx context.Context) admin.VaultState {
	s := v.State(ctx)
	return admin.VaultState{Kind: s.Kind, Ready: s.Ready, Message: s.Message, Said: s.Said.OrNil()}
}

func (b *Backend) openVault(ctx context.Context) (err error) {
	if b.options.Vault != nil {
		b.vault = vaultDoor{b.options.Vault}
		return nil
	}
	b.vault, err = openVault(ctx, b.options.Environment, b.profile)
	if errors.Is(err, ErrNoKeychain) && b.vaultUnused(ctx) {
		return errors.Join(err, ErrVaultUnused)
	}
	if err != nil {
		return err
	}
	if c, ok := b.vault.SecretStore.(io.Closer); ok {
		b.closeWith("vault", c)
	}
	return nil
}

// openVault opens the vault that the environment chose. There is no falling back: a keychain that cannot be used says what to do instead.
func openVault(ctx context.Context, env Environment, profile *Profile) (vaultDoor, error) {
	if env.Vault == VaultFile {
		passphrase, err := readPassphrase(env.PassphraseFile)
		if err != nil {
			return vaultDoor{}, err
		}
		file, err := vault.OpenFile(filepath.Join(profile.Dir, fileVault), passphrase)
		if err != nil {
			return vaultDoor{}, fmt.Errorf("open the file vault: %w", err)
		}
		return vaultDoor{file}, nil
	}
	keychain, err := vault.OpenKeychain(ctx, "amq2api/"+profile.ID)
	if err != nil {
		return vaultDoor{}, errors.Join(ErrNoKeychain, err)
	}
	return vaultDoor{keychain}, nil
}

func readPassphrase(path string) (secret.String, error) {
	if path == "" {
		return secret.String{}, errors.New("AMQ2API_VAULT=file needs AMQ2API_VAULT_PASSPHRASE_FILE: the path of a file that holds a passphrase")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return secret.String{}, fmt.Errorf("AMQ2API_VAULT_PASSPHRASE_FILE: %w", err)
	}
	passphrase := strings.TrimRight(string(text), "\r\n")
	if passphrase == "" {
		return secret.String{}, fmt.Errorf("AMQ2API_VAULT_PASSPHRASE_FILE: %s is empty; put a passphrase in it", path)
	}
	return secret.New(passphrase), nil
}

// adminTokenName is the admin token's name in the vault.
const adminTokenName = "admin-token"

// openAdminToken takes the user's own token, or the one in the vault, or makes one.
func (b *Backend) openAdminToken(ctx context.Context) (err error) {
	if b.token = b.options.Environment.AdminToken; !b.token.IsZero() {
		return nil
	}
	b.token, err = b.vault.Get(ctx, adminTokenName)
	if !errors.Is(err, account.ErrNoSecret) {
		return err
	}
	b.token = secret.New(rand.Text())
	return b.vault.Set(ctx, adminTokenName, b.token)
}

// AdminToken reads the admin token of a profile whose program may be running.
func AdminToken(ctx context.Context, env Environment) (secret.String, error) {
	if !env.AdminToken.IsZero() {
		return env.AdminToken, nil
	}
	profile, err := ReadProfile(env.DatabasePath)
	if err != nil {
		return secret.String{}, err
	}
	door, err := openVault(ctx, env, profile)
	if err != nil {
		return secret.String{}, err
	}
	token, err := door.Get(ctx, adminTokenName)
	if errors.Is(err, account.ErrNoSecret) {
		return token, errors.New("this profile has no admin token in its vault; if AMQ2API sets one by AMQ2API_ADMIN_TOKEN, use that")
	}
	return token, err
}
