package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

const (
	// workFactor is the power of two of scrypt's rounds for a new key: about half a second and 128 MiB.
	workFactor = 17
	// maxWorkFactor is the most that a key on the disk may ask for, as much as we do. A planted file must not eat the machine.
	maxWorkFactor = workFactor
)

func seal(plain []byte, recipient age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipient)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("encrypt the file vault: %w", err)
	}
	return sealed.Bytes(), nil
}

// unseal answers only if every byte is what seal wrote.
func unseal(sealed []byte, identity age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func sealKey(identity *age.X25519Identity, passphrase secret.String, work int) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, fmt.Errorf("take the passphrase: %w", err)
	}
	recipient.SetWorkFactor(work)
	return seal([]byte(identity.String()), recipient)
}

// unsealKey opens the key in the file at path.
func unsealKey(sealed []byte, passphrase secret.String, path string) (*age.X25519Identity, error) {
	opener, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, fmt.Errorf("take the passphrase: %w", err)
	}
	opener.SetMaxWorkFactor(maxWorkFactor)
	plain, err := unseal(sealed, opener)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, fault.Wrap(fault.Invalid, errors.Join(ErrPassphrase, err), "The passphrase does not open %s. Nothing was changed. Check the "+
			"file that AMQ2API_VAULT_PASSPHRASE_FILE names.", path)
	}
	damage := fault.Wrap(fault.Invalid, errors.Join(ErrDamaged, err), "The key of the file vault, %s, is damaged. Nothing was changed. Bring it "+
		"back from a backup.", path)
	if err != nil {
		return nil, damage
	}
	identity, err := age.ParseX25519Identity(string(plain))
	if err != nil {
		return nil, damage // without the cause, which may quote the key
	}
	return identity, nil
}
