package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"amq2api/backend/admin"
	"amq2api/backend/fault"
	"amq2api/backend/store"
)

// How the database is cared for while the program runs.
const (
	careTick       = time.Minute
	fullCheckEvery = 7 * 24 * time.Hour
	backupRetry    = time.Hour // after a backup on schedule could not be made
)

// tend makes backups on schedule and checks the database in full every week, until ctx ends. A backup that was missed is made a minute after the
// start.
func (k *safekeeping) tend(ctx context.Context, db *store.DB) {
	ticker := time.NewTicker(careTick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		k.round(ctx, db)
	}
}

func (k *safekeeping) round(ctx context.Context, db *store.DB) {
	if k.isDue() {
		made, err := k.make(ctx, db, store.Scheduled)
		if err == nil {
			err = k.backups.Prune(k.settings().BackupKeep, made.Name)
		}
		k.tried(err)
	}
	if last := k.memo.read().CheckedAt; ctx.Err() == nil && k.now().Sub(last).Abs() >= fullCheckEvery {
		k.checkFully(ctx, db)
	}
}

// isDue reports whether a backup on schedule is. In safe mode none is made: they would push out the good ones.
func (k *safekeeping) isDue() bool {
	every := time.Duration(k.settings().BackupEveryHours) * time.Hour
	now := k.now()
	k.mu.Lock()
	resting := now.Before(k.retryAt) && k.retryAt.Sub(now) <= backupRetry
	k.mu.Unlock()
	if every == 0 || resting || k.safe() {
		return false
	}
	list, err := k.backups.List()
	if err != nil {
		return true // making one will say what is wrong
	}
	for _, one := range list {
		if since := now.Sub(one.At); one.Reason == store.Scheduled && since >= 0 && since < every {
			return false
		}
	}
	return true
}

// tried remembers how a backup on schedule went.
func (k *safekeeping) tried(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.failure, k.retryAt = "", time.Time{}
	case errors.Is(err, context.Canceled): // the program ends
	default:
		k.failure, k.retryAt = fault.Sentence(err), k.now().Add(backupRetry)
		k.log.Error("the backup on schedule could not be made", "err", err)
	}
	k.changed()
}

// make makes a backup, one at a time.
func (k *safekeeping) make(ctx context.Context, db *store.DB, reason string) (store.Backup, error) {
	k.making.Lock()
	defer k.making.Unlock()
	k.begin(k.now())
	k.changed()
	defer k.begin(time.Time{})
	made, err := k.backups.Make(ctx, db, reason)
	if err == nil {
		k.log.Info("a backup was made", "name", made.Name, "bytes", made.Bytes)
	}
	return made, err
}

// begin notes that a backup is under way, or with the zero time that none is any more.
func (k *safekeeping) begin(at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.since = at
}

// underWay is how far the backup is that is being made, nil if none is.
func (k *safekeeping) underWay() *admin.Making {
	k.mu.Lock()
	since := k.since
	k.mu.Unlock()
	if since.IsZero() {
		return nil
	}
	making := &admin.Making{Since: since.UTC(), Bytes: k.backups.Written()}
	if status, err := os.Stat(k.path); err == nil {
		making.Of = max(status.Size(), making.Bytes)
	}
	return making
}

// checkFully looks at everything in the database. What it finds, the next start finds again and moves aside: a database in use cannot be.
func (k *safekeeping) checkFully(ctx context.Context, db *store.DB) {
	err := db.FullCheck(ctx)
	var damaged *store.ErrDamaged
	switch {
	case errors.As(err, &damaged):
		k.log.Error("the weekly check found the database damaged; restart the program", "err", err)
		k.note(func(m *memo) { m.Suspect, m.CheckedAt = true, k.now().UTC() })
		k.changed()
	case err != nil:
		k.log.Warn("the database could not be checked", "err", err)
	default:
		k.note(func(m *memo) { m.Suspect, m.CheckedAt = false, k.now().UTC() })
	}
}

// state is how the profile's data is, for the page.
func (k *safekeeping) state() admin.DataState {
	m := k.memo.read()
	shown := admin.DataState{Restore: m.Restore, RestoreFailure: m.Failure}
	switch {
	case m.Damage != nil:
		shown.SafeMode, shown.Aside, shown.Offer = true, m.Damage.Aside, k.offer(context.Background())
		shown.Message = fmt.Sprintf("The database was damaged (%s). It has been moved aside as %s, and this one started empty. Your accounts' secrets are "+
			"untouched: restore a backup to have everything back.", m.Damage.Finding, m.Damage.Aside)
	case m.Suspect:
		shown.Message = "The weekly check found the database damaged. Restart AMQ2API, which moves it aside, and restore a backup."
	}
	return shown
}

// backups is what the admin API does with them.
type backups struct {
	keeping *safekeeping
	db      *store.DB
}

func (b backups) State() admin.DataState { return b.keeping.state() }

func (b backups) List() (admin.Backups, error) {
	k := b.keeping
	list, err := k.backups.List()
	if err != nil {
		return admin.Backups{}, err
	}
	k.mu.Lock()
	shown := admin.Backups{Folder: k.backups.Folder, Failure: k.failure, Restore: k.memo.read().Restore, Backups: make([]admin.Backup, 0, len(list))}
	k.mu.Unlock()
	shown.Making = k.underWay()
	for _, one := range list {
		shown.Backups = append(shown.Backups, showBackup(one))
	}
	return shown, nil
}

func showBackup(one store.Backup) admin.Backup {
	return admin.Backup{Name: one.Name, Reason: one.Reason, At: one.At, Bytes: one.Bytes}
}

func (b backups) Make(ctx context.Context) (admin.Backup, error) {
	made, err := b.keeping.make(ctx, b.db, store.Manual)
	b.keeping.changed()
	return showBackup(made), err
}

func (b backups) Open(name string) (io.ReadSeekCloser, error) {
	_, path, err := b.keeping.backups.Find(name)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

func (b backups) Remove(name string) error {
	if b.keeping.memo.read().Restore == name {
		return fault.New(fault.Conflict, "This backup is to be restored at the next start. Take that back first: DELETE /admin/backups/%s/restore.", name)
	}
	if err := b.keeping.backups.Remove(name); err != nil {
		return err
	}
	b.keeping.changed()
	return nil
}

// Restore lets a backup take effect at the next start.
func (b backups) Restore(ctx context.Context, name string) error {
	if err := b.keeping.verified(ctx, name); err != nil {
		return err
	}
	defer b.keeping.changed()
	return b.keeping.memo.change(func(m *memo) { m.Restore, m.Failure = name, "" })
}

func (b backups) CallOff(name string) error {
	if b.keeping.memo.read().Restore != name {
		return fault.New(fault.NotFound, "The backup %.80q is not about to be restored.", name)
	}
	defer b.keeping.changed()
	return b.keeping.memo.change(func(m *memo) { m.Restore = "" })
}

func (b backups) LetGo() error {
	defer b.keeping.changed()
	return b.keeping.letGo()
}

// ListBackups is the backups of a profile, the newest first, whether or not its program is running.
func ListBackups(env Environment, now func() time.Time) ([]store.Backup, error) {
	profile, err := ReadProfile(env.DatabasePath)
	if err != nil {
		return nil, err
	}
	return store.BackupsOf(profile.Database, now).List()
}

// BackUp makes a backup of a profile's database, whether or not its program is running: in its folder of backups, or as the file at dest, which
// must not be there yet. It answers with the path.
func BackUp(ctx context.Context, env Environment, dest string, now func() time.Time) (path string, bytes int64, err error) {
	profile, err := ReadProfile(env.DatabasePath)
	if err != nil {
		return "", 0, err
	}
	if dest == "" {
		folder := store.BackupsOf(profile.Database, now)
		made, err := folder.MakeOf(ctx, profile.Database, store.Manual)
		if err != nil {
			return "", 0, err
		}
		_, path, err = folder.Find(made.Name)
		return path, made.Bytes, err
	}
	if _, err := os.Lstat(dest); err == nil {
		return "", 0, fault.New(fault.Conflict, "There is a file %s already. Choose another name.", dest)
	}
	db, err := store.Peek(profile.Database)
	if err != nil {
		return "", 0, err
	}
	if err := errors.Join(db.Backup(ctx, dest), db.Close()); err != nil {
		return "", 0, err
	}
	status, err := os.Stat(dest)
	if err != nil {
		return "", 0, err
	}
	return dest, status.Size(), nil
}
