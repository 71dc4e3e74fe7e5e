package backend

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// fileVault is the name of the file vault in the profile.
const fileVault = "vault.age"

// passphraseFile in a profile says that its secrets are in the file vault, and opens it. Somebody chose that, once: the user in the window, or
// make run where there is no display. Who can read the one file can read the other; both are private to the user.
const passphraseFile = "vault-passphrase"

// ErrVaultUnused comes with ErrNoKeychain for a profile that has kept no account's secret anywhere: it loses nothing by another vault.
var ErrVaultUnused = errors.New("nothing is kept in it yet")

// followProfile takes the vault that the profile has, unless the environment names one.
func (env *Environment) followProfile() {
	path := filepath.Join(env.ProfileDir(), passphraseFile)
	if found, err := os.Stat(path); env.Vault == "" && err == nil && found.Mode().IsRegular() {
		env.Vault, env.PassphraseFile = VaultFile, path
	}
}

// ChooseFileVault makes a profile keep its secrets in an encrypted file from now on, with a passphrase that is made here. It is for profiles whose
// Open failed with ErrVaultUnused, and is followed by another Open.
func ChooseFileVault(env *Environment) error {
	path := filepath.Join(env.ProfileDir(), passphraseFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := writeFile(path, []byte(rand.Text()+"\n")); err != nil {
			return fmt.Errorf("make a passphrase for the file vault: %w", err)
		}
	}
	env.Vault = ""
	env.followProfile()
	return nil
}

// vaultUnused reports whether the database names nothing that a vault keeps. One that stands in for a damaged database cannot tell.
func (b *Backend) vaultUnused(ctx context.Context) bool {
	rows, unread := b.database.Accounts().Rows(ctx)
	journal, unreadToo := b.database.Accounts().Journal(ctx)
	return unread == nil && unreadToo == nil && len(rows) == 0 && len(journal) == 0 && !b.keeping.safe()
}
