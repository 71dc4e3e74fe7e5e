package backend

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/settings"
	"amq2api/backend/store"
)

// safekeeping looks after the profile's database file: it opens it whatever became of it, backs it up on schedule, checks it, and puts backups
// in its place.
type safekeeping struct {
	path     string // of the database
	backups  store.Backups
	memo     *memoFile
	open     flag
	now      func() time.Time
	log      *slog.Logger
	settings func() *settings.Settings
	changed  func()

	making  sync.Mutex // one backup at a time
	mu      sync.Mutex
	since   time.Time // when the one under way was begun; zero if none is
	failure string    // why the last backup on schedule could not be made; empty if it was
	retryAt time.Time
	sound   map[string]bool // backups that were verified
}

// newSafekeeping reads what the profile remembers. It opens nothing.
func newSafekeeping(profile *Profile, now func() time.Time, log *slog.Logger) (*safekeeping, error) {
	remembered, err := openMemo(profile.Dir)
	if err != nil {
		return nil, err
	}
	defaults := settings.Defaults()
	return &safekeeping{
		path: profile.Database, backups: store.BackupsOf(profile.Database, now), memo: remembered, open: flagOf(profile.Dir), now: now, log: log,
		settings: func() *settings.Settings { return &defaults }, changed: func() {}, sound: map[string]bool{},
	}, nil
}

// openDatabase finishes what a restore left to do and opens the database. One that is damaged is moved aside, never away, and an empty one takes
// its place: the program is then in safe mode, until a backup is restored or somebody says that it is well so. The vault's items stay as they
// are: an empty database names none of them, and only what a database names is ever removed.
func (k *safekeeping) openDatabase(ctx context.Context) (*store.DB, error) {
	if err := k.backups.Tidy(); err != nil {
		k.log.Warn("what a copy left could not be tidied up", "err", err)
	}
	if err := k.finishRestore(ctx); err != nil {
		return nil, err
	}
	cutOff := k.open.raised()
	if err := k.open.lower(); err != nil { // a start that fails may take the log with it, and must not look like a crash
		return nil, err
	}
	options := store.Options{Path: k.path, Now: k.now, Thorough: k.memo.read().Suspect, CutOff: cutOff}
	db, err := store.OpenWith(ctx, options)
	var damaged *store.ErrDamaged
	if errors.As(err, &damaged) {
		if err := k.moveAside(damaged); err != nil {
			return nil, err
		}
		db, err = store.OpenWith(ctx, store.Options{Path: k.path, Now: k.now})
	}
	if err != nil {
		return nil, err
	}
	if err := k.open.raise(); err != nil {
		k.log.Warn("a crash could not be told from an orderly end", "err", err)
	}
	return db, nil
}

func (k *safekeeping) moveAside(damaged *store.ErrDamaged) error {
	aside, err := store.Aside(k.path, k.now())
	if err != nil {
		return errors.Join(damaged, err)
	}
	k.log.Error("the database was damaged and has been moved aside; this one starts empty", "aside", aside, "err", damaged)
	k.note(func(m *memo) {
		m.Suspect = false
		m.Damage = &damage{At: k.now().UTC(), Aside: filepath.Base(aside), Finding: damaged.Finding}
	})
	return nil
}

// note changes the memo. A profile that cannot be written to has other troubles, and they are told elsewhere.
func (k *safekeeping) note(edit func(*memo)) {
	if err := k.memo.change(edit); err != nil {
		k.log.Warn("what happened to the database could not be noted", "err", err)
	}
}

// finishRestore finishes a swap that was cut off, and makes the restore that was asked for while the program ran. If that fails the database stays
// as it is, and the reason is shown.
func (k *safekeeping) finishRestore(ctx context.Context) error {
	if err := k.swap(ctx); err != nil {
		return err
	}
	wanted := k.memo.read().Restore
	if wanted == "" {
		return nil
	}
	restored, err := k.restoreNamed(ctx, wanted)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		k.log.Error("the backup could not be restored", "backup", wanted, "err", err)
		k.note(func(m *memo) { m.Restore, m.Failure = "", fault.Sentence(err) })
		return nil
	}
	k.log.Info("a backup was restored", "backup", wanted, "before", restored.Before, "aside", restored.Aside, "kept", restored.Kept, "doubtful", restored.Doubtful)
	return nil
}

// close is for when the database has been closed.
func (k *safekeeping) close(context.Context) error { return k.open.lower() }

// safe reports whether the database in use stands in for one that was damaged.
func (k *safekeeping) safe() bool { return k.memo.read().Damage != nil }

// letGo ends the safe mode: the empty database is the one to go on with.
func (k *safekeeping) letGo() error {
	return k.memo.change(func(m *memo) { m.Damage, m.Failure = nil, "" })
}

// offer is the newest backup that could be restored, empty if there is none.
func (k *safekeeping) offer(ctx context.Context) string {
	list, err := k.backups.List()
	if err != nil {
		return ""
	}
	at := slices.IndexFunc(list, func(one store.Backup) bool { return k.verified(ctx, one.Name) == nil })
	if at < 0 {
		return ""
	}
	return list[at].Name
}

// verified checks a backup in full, once.
func (k *safekeeping) verified(ctx context.Context, name string) error {
	_, path, err := k.backups.Find(name)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sound[name] {
		return nil
	}
	if err := unsound(store.Verify(ctx, path)); err != nil {
		return err
	}
	k.sound[name] = true
	return nil
}

// ErrNoBackup says that a file is not a backup that can be restored.
var ErrNoBackup = errors.New("this cannot be restored")

// unsound says of a backup what keeps it from being restored.
func unsound(err error) error {
	var damaged *store.ErrDamaged
	if errors.As(err, &damaged) {
		return fault.Wrap(fault.Invalid, errors.Join(ErrNoBackup, err), "This backup cannot be restored: %s. Choose another one.", damaged.Finding)
	}
	var said *fault.Error
	if errors.As(err, &said) && said.Kind == fault.Invalid {
		return fault.Wrap(fault.Invalid, errors.Join(ErrNoBackup, err), "%s", said.Message)
	}
	return err
}
