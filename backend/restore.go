package backend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/store"
)

// Restored is what a restore did.
type Restored struct {
	Before   string   // the name of the backup of what was there; empty if nothing was, or it was damaged
	Aside    string   // where a damaged database was moved; empty if there was none
	Kept     []string // accounts that the backup does not have: they stay, switched off
	Doubtful []string // accounts that were not there before: they serve again if the vault still has their sign-ins
}

func (k *safekeeping) restoreNamed(ctx context.Context, name string) (Restored, error) {
	found, path, err := k.backups.Find(name)
	if err != nil {
		return Restored{}, err
	}
	return k.restore(ctx, path, found.At)
}

// restore puts a backup, made at a time, in the place of the database, which nobody may have open. The backup is checked and fitted to the vault
// in a draft, a backup is made of what is there, and only then the two are swapped: until that moment a failure changes nothing, and from then on
// a start finishes what was cut off.
func (k *safekeeping) restore(ctx context.Context, backup string, made time.Time) (done Restored, err error) {
	draft, db, err := store.Draft(ctx, backup, k.path)
	if err != nil {
		return done, unsound(err)
	}
	done, err = k.fit(ctx, db, k.now().Sub(made))
	if err = errors.Join(err, db.Close()); err == nil {
		err = store.Ready(draft, k.path)
	}
	if err != nil {
		store.Discard(draft)
		return done, err
	}
	if done.Aside, err = store.Swap(ctx, k.path, k.now()); err != nil {
		return done, err
	}
	return done, k.settled()
}

// settled forgets what a restore has mended.
func (k *safekeeping) settled() error {
	return errors.Join(k.open.lower(), k.memo.change(func(m *memo) { m.Damage, m.Restore, m.Failure, m.Suspect = nil, "", "", false }))
}

// swap finishes a restore that was cut off.
func (k *safekeeping) swap(ctx context.Context) error {
	waits, err := store.IsReady(k.path)
	if err != nil || !waits {
		return err
	}
	if _, err := store.Swap(ctx, k.path, k.now()); err != nil {
		return err
	}
	k.log.Info("a restore that was cut off is finished")
	return k.settled()
}

// present is what the database that goes must hand on to the one that comes.
type present struct {
	accounts account.Holdings
	keys     []store.Standing
	sources  []string // that were imported
}

// importedSources are those that count once.
func importedSources() []string { return []string{"environment", "demo"} }

// fit backs up what is there and gives a draft what must outlast a restore.
func (k *safekeeping) fit(ctx context.Context, draft *store.DB, age time.Duration) (done Restored, err error) {
	made, err := k.keepPresent(ctx)
	if err != nil {
		return done, err
	}
	var now present
	if done.Before = made.Name; made.Name != "" {
		if now, err = k.readPresent(ctx, made.Name); err != nil {
			return done, fmt.Errorf("read what is there: %w", err)
		}
	}
	reunion, err := account.Reunite(ctx, draft.Accounts(), now.accounts, account.Ahead(age))
	if err != nil {
		return done, fmt.Errorf("fit the accounts to the vault: %w", err)
	}
	done.Kept, done.Doubtful = reunion.Kept, reunion.Doubtful
	if err := draft.Keys().HoldTo(ctx, now.keys); err != nil {
		return done, fmt.Errorf("keep revoked keys revoked: %w", err)
	}
	for _, source := range now.sources {
		if err := draft.Accounts().MarkImported(ctx, source); err != nil {
			return done, fmt.Errorf("keep what was imported: %w", err)
		}
	}
	return done, nil
}

// keepPresent makes a backup of what is there. What is damaged cannot be backed up, and is moved aside later; what is empty need not be.
func (k *safekeeping) keepPresent(ctx context.Context) (store.Backup, error) {
	if _, err := os.Lstat(k.path); errors.Is(err, fs.ErrNotExist) {
		return store.Backup{}, nil
	}
	made, err := k.backups.MakeOf(ctx, k.path, store.BeforeRestore)
	var damaged *store.ErrDamaged
	var said *fault.Error
	if errors.As(err, &damaged) || errors.As(err, &said) && said.Kind == fault.NotFound {
		return store.Backup{}, nil
	}
	if err != nil {
		return made, fmt.Errorf("back up what is there: %w", err)
	}
	return made, nil
}

// readPresent reads what must be handed on from the backup of it: one with an older schema through a draft of its own, one of a newer program as
// it is. If that cannot be understood, the vault alone tells what is newest.
func (k *safekeeping) readPresent(ctx context.Context, name string) (now present, err error) {
	_, path, err := k.backups.Find(name)
	if err != nil {
		return now, err
	}
	draft, db, err := store.Draft(ctx, path, k.path)
	if err == nil {
		defer store.Discard(draft)
		return k.handOn(ctx, db)
	}
	if fault.Of(err).Kind != fault.Invalid {
		return now, err
	}
	if db, err = store.Peek(path); err != nil {
		return now, err
	}
	if now, err = k.handOn(ctx, db); err != nil {
		k.log.Warn("the newer database that is replaced could not be understood; the vault alone tells what is newest", "err", err)
	}
	return now, nil
}

// handOn reads it from a database, and closes that.
func (k *safekeeping) handOn(ctx context.Context, db *store.DB) (now present, err error) {
	defer func() { err = errors.Join(err, db.Close()) }()
	holdings, err := account.ReadHoldings(ctx, db.Accounts(), k.now())
	if err != nil {
		return now, err
	}
	keys, err := db.Keys().Standings(ctx)
	if err != nil {
		return now, err
	}
	now = present{accounts: holdings, keys: keys}
	for _, source := range importedSources() {
		imported, err := db.Accounts().Imported(ctx, source)
		if err != nil {
			return now, err
		}
		if imported {
			now.sources = append(now.sources, source)
		}
	}
	return now, nil
}

// Restore puts a backup in the place of a profile's database while its program is not running: one of the profile's, by its name, or any file.
// A program that runs fails with ErrProfileBusy, a file that is no sound backup with ErrNoBackup.
func Restore(ctx context.Context, env Environment, backup string, now func() time.Time) (done Restored, err error) {
	profile, err := OpenProfile(env.DatabasePath)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, profile.Close()) }()
	log, file, err := openLog(profile, new(slog.LevelVar))
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	k, err := newSafekeeping(profile, now, log)
	if err != nil {
		return done, err
	}
	if err := k.swap(ctx); err != nil {
		return done, err
	}
	path, made, err := k.choose(backup)
	if err != nil {
		return done, err
	}
	done, err = k.restore(ctx, path, made)
	if err == nil {
		log.Info("a backup was restored", "backup", backup, "before", done.Before, "aside", done.Aside, "kept", done.Kept, "doubtful", done.Doubtful)
	}
	return done, err
}

// choose understands what people name: a backup of the profile, or a file.
func (k *safekeeping) choose(backup string) (path string, made time.Time, err error) {
	if found, path, err := k.backups.Find(backup); err == nil {
		return path, found.At, nil
	}
	status, err := os.Stat(backup)
	if err != nil || !status.Mode().IsRegular() {
		return "", made, fault.Wrap(fault.NotFound, errors.Join(ErrNoBackup, err), "There is no backup and no file named %q. `amq2api restore` without a name lists the backups.", backup)
	}
	return backup, status.ModTime(), nil
}
