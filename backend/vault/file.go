package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"sync"
	"unicode/utf8"

	"filippo.io/age"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// File keeps secrets in one encrypted file. Beside it lie the key that opens it (".key"), itself encrypted with the passphrase, and
// the generation before the last write (".old"). One process at a time may have it open; within that, it is safe for concurrent use.
// Nothing to close.
type File struct {
	path     string
	identity *age.X25519Identity
	disk     disk

	mu        sync.Mutex
	items     map[string]secret.String
	sealed    []byte // what the file holds; nil before the first write
	unsettled bool   // the last write may not outlive a power cut
}

// contents is the JSON inside the file.
type contents struct {
	Items map[string]string `json:"items"` // texts by name
}

// OpenFile opens the vault at path, or makes a new one if neither it nor its key exists; the folder must be there. Working out the key
// from the passphrase takes about half a second and 128 MiB. Errors: ErrPassphrase, ErrDamaged, or a part of the vault is missing.
// Opening never changes a vault that is there.
func OpenFile(path string, passphrase secret.String) (*File, error) {
	return openFile(path, passphrase, folder{}, workFactor)
}

func openFile(path string, passphrase secret.String, d disk, work int) (*File, error) {
	if passphrase.IsZero() {
		return nil, fault.Wrap(fault.Invalid, ErrPassphrase, "The passphrase of the file vault is empty. Put one into the file that "+
			"AMQ2API_VAULT_PASSPHRASE_FILE names.")
	}
	f := &File{path: path, disk: d, items: make(map[string]secret.String)}
	sealedKey, err := f.disk.Read(f.keyPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.identity, err = f.create(passphrase, work)
	case err == nil:
		f.identity, err = unsealKey(sealedKey, passphrase, f.keyPath())
	default:
		err = fmt.Errorf("read the key of the file vault: %w", err)
	}
	if err != nil {
		return nil, err
	}
	if err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) keyPath() string { return f.path + ".key" }
func (f *File) oldPath() string { return f.path + ".old" }

// create makes a new key. A vault without its key is not a new vault.
func (f *File) create(passphrase secret.String, work int) (*age.X25519Identity, error) {
	for _, part := range []string{f.path, f.oldPath()} {
		there, err := f.exists(part)
		if err != nil {
			return nil, err
		}
		if there {
			return nil, fault.Wrap(fault.Invalid, ErrDamaged, "The key of the file vault, %s, is missing, and %s cannot be opened without "+
				"it. Bring the key back from a backup, or move the vault's files away to start with an empty one.", f.keyPath(), part)
		}
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make the key of the file vault: %w", err)
	}
	sealed, err := sealKey(identity, passphrase, work)
	if err != nil {
		return nil, err
	}
	if err := f.replace(f.keyPath(), sealed); err != nil {
		return nil, f.unwritten(err)
	}
	if err := f.disk.Sync(filepath.Dir(f.path)); err != nil {
		return nil, f.unwritten(err)
	}
	return identity, nil
}

func (f *File) exists(path string) (bool, error) {
	_, err := f.disk.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a part of the file vault: %w", err)
	}
	return true, nil
}

// load reads the items into memory. A missing file is an empty vault, unless it was there before.
func (f *File) load() error {
	sealed, err := f.disk.Read(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		there, err := f.exists(f.oldPath())
		if there {
			return fault.Wrap(fault.Invalid, ErrDamaged, "The file vault %s is missing, but the one before it is there. Copy %s to %s to go on "+
				"with it.", f.path, f.oldPath(), f.path)
		}
		return err
	}
	if err != nil {
		return fmt.Errorf("read the file vault: %w", err)
	}
	plain, err := unseal(sealed, f.identity)
	if err != nil {
		return f.damaged(err)
	}
	var c contents
	if err := json.Unmarshal(plain, &c); err != nil {
		return f.damaged(errors.New("it does not hold the items")) // the decoder's own words may quote a secret
	}
	for name, text := range c.Items {
		f.items[name] = secret.New(text)
	}
	f.sealed = sealed
	return nil
}

func (f *File) damaged(cause error) error {
	return fault.Wrap(fault.Invalid, errors.Join(ErrDamaged, cause), "The file vault %s is damaged or belongs to another key. Nothing was "+
		"changed. If %s is there, copy it over the vault to go on with what was kept before the last change.", f.path, f.oldPath()).Saying(fault.Said{Code: fault.VaultDamaged})
}

func (f *File) unwritten(cause error) error {
	return fault.Wrap(fault.Unavailable, cause, "The file vault %s cannot be written. Check the free space and the permissions of its "+
		"folder.", f.path).Saying(fault.Said{Code: fault.VaultUnwritten})
}

// Get returns the item, or ErrNotFound.
func (f *File) Get(ctx context.Context, name string) (secret.String, error) {
	if err := ctx.Err(); err != nil {
		return secret.String{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	item, found := f.items[name]
	if !found {
		return secret.String{}, ErrNotFound
	}
	return item, nil
}

// Set keeps the item under the name, in place of one that was there. When it returns nil, the item is on the disk.
func (f *File) Set(ctx context.Context, name string, item secret.String) error {
	if !utf8.ValidString(name) || !utf8.ValidString(item.Reveal()) {
		return fault.New(fault.Invalid, "The file vault keeps text only, and this secret is not valid UTF-8.")
	}
	return f.change(ctx, func(items map[string]secret.String) { items[name] = item })
}

// Delete removes the item, from the generation before as well; one that is not there is no error.
func (f *File) Delete(ctx context.Context, name string) error {
	return f.change(ctx, func(items map[string]secret.String) { delete(items, name) })
}

// State is ready: the items are in memory.
func (f *File) State(context.Context) State { return stateOf(KindFile, nil) }

// change applies an edit to a copy and writes that. If writing fails, memory and file stay as they were; only if the very last step
// fails both have the new items, and the next change writes again.
func (f *File) change(ctx context.Context, edit func(map[string]secret.String)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	items := maps.Clone(f.items)
	edit(items)
	if maps.Equal(items, f.items) && !f.unsettled {
		return nil
	}
	sealed, err := f.seal(items)
	if err != nil {
		return err
	}
	old := f.sealed
	if len(items) < len(f.items) {
		old = sealed // what was deleted must not be found there either
	}
	if err := f.keepOld(old); err != nil {
		return f.unwritten(err)
	}
	if err := f.replace(f.path, sealed); err != nil {
		return f.unwritten(err)
	}
	f.items, f.sealed, f.unsettled = items, sealed, true
	if err := f.disk.Sync(filepath.Dir(f.path)); err != nil {
		return f.unwritten(err)
	}
	f.unsettled = false
	return nil
}

func (f *File) seal(items map[string]secret.String) ([]byte, error) {
	c := contents{Items: make(map[string]string, len(items))}
	for name, item := range items {
		c.Items[name] = item.Reveal()
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode the file vault: %w", err)
	}
	return seal(plain, f.identity.Recipient())
}

// keepOld puts the generation before beside the file, before the file itself is replaced: at no moment is there no whole vault.
func (f *File) keepOld(sealed []byte) error {
	if f.sealed == nil {
		return nil
	}
	return f.replace(f.oldPath(), sealed)
}

// replace puts body at path in one step: a reader, or a crash, finds the old file or the new one.
func (f *File) replace(path string, body []byte) error {
	draft := path + ".new"
	if err := f.disk.Write(draft, body); err != nil {
		return err
	}
	return f.disk.Rename(draft, path)
}
