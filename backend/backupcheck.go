package backend

import (
	"context"
	"fmt"
	"time"

	"amq2api/backend/admin"
	"amq2api/backend/fault"
	"amq2api/backend/settings"
	"amq2api/backend/store"
)

// backups looks at the profile's backups: whether there are any, whether the newest could be restored, and whether it is as young as the settings
// want. nil settings are unknown.
func (e *examination) backups(ctx context.Context, chosen *settings.Settings) {
	folder := store.BackupsOf(e.profile.Database, func() time.Time { return e.now })
	list, err := folder.List()
	if err != nil {
		e.add(Check{Name: "backups", Code: admin.BackupsUnreadable, Values: admin.CheckValues{Reason: fault.Sentence(err)}, Verdict: Broken, Message: fault.Sentence(err), Mend: "Give the folder backups to your own user."})
		return
	}
	e.remembered()
	if len(list) == 0 {
		if chosen == nil || chosen.BackupEveryHours == 0 {
			e.add(Check{Name: "backups", Code: admin.BackupsNone, Verdict: Notable, Message: "There are none.", Mend: "Run: amq2api backup"})
		} else {
			e.add(Check{Name: "backups", Code: admin.BackupsNoneYet, Verdict: Healthy, Message: "There are none yet; the first is made a minute after the start."})
		}
		return
	}
	newest := list[0]
	_, path, err := folder.Find(newest.Name)
	if err == nil {
		err = unsound(store.Verify(ctx, path))
	}
	age := e.now.Sub(newest.At)
	switch {
	case err != nil:
		e.add(Check{Name: "backups", Code: admin.BackupsUseless, Values: admin.CheckValues{Subject: newest.Name, Reason: fault.Sentence(err)}, Verdict: Broken,
			Message: fmt.Sprintf("The newest, %s, is of no use. %s", newest.Name, fault.Sentence(err)), Mend: "Run: amq2api backup"})
	case chosen != nil && chosen.BackupEveryHours > 0 && age > 2*time.Duration(chosen.BackupEveryHours)*time.Hour:
		e.add(Check{Name: "backups", Code: admin.BackupsOld, Values: admin.CheckValues{Count: len(list), Days: int(age.Hours() / 24)}, Verdict: Notable,
			Message: fmt.Sprintf("%d, and the newest is %d days old.", len(list), int(age.Hours()/24)),
			Mend:    "Leave AMQ2API running for a minute: it makes one that was missed."})
	default:
		e.add(Check{Name: "backups", Code: admin.BackupsSound, Values: admin.CheckValues{Count: len(list), At: &newest.At}, Verdict: Healthy,
			Message: fmt.Sprintf("%d, the newest of %s, which is sound.", len(list), newest.At.UTC().Format("2006-01-02 15:04 UTC"))})
	}
}

// remembered tells what became of the database, and what will.
func (e *examination) remembered() {
	file, err := openMemo(e.profile.Dir)
	if err != nil {
		e.add(Check{Name: "safe mode", Code: admin.MemoUnreadable, Values: admin.CheckValues{Reason: err.Error()}, Verdict: Broken, Message: err.Error(), Mend: "Look again."})
		return
	}
	m := file.read()
	if m.Damage != nil {
		e.add(Check{Name: "safe mode", Code: admin.DatabaseDamaged, Values: admin.CheckValues{Subject: m.Damage.Aside, Reason: m.Damage.Finding, At: &m.Damage.At}, Verdict: Broken,
			Message: fmt.Sprintf("The database was damaged on %s (%s) and is now %s. The one in use started empty.",
				m.Damage.At.Format(time.DateOnly), m.Damage.Finding, m.Damage.Aside),
			Mend: "Restore a backup: `amq2api restore` lists them. Or leave the safe mode: DELETE /admin/state/damage."})
	}
	if m.Suspect {
		e.add(Check{Name: "weekly check", Code: admin.WeeklyCheckFailed, Verdict: Broken, Message: "It found the database damaged.", Mend: "Restart AMQ2API, which moves it aside, and restore a backup."})
	}
	if m.Failure != "" {
		e.add(Check{Name: "restore", Code: admin.RestoreFailed, Values: admin.CheckValues{Reason: m.Failure}, Verdict: Broken, Message: "The last one failed. " + m.Failure, Mend: "Restore again, or another backup."})
	}
	if m.Restore != "" {
		e.add(Check{Name: "restore", Code: admin.RestoreDue, Values: admin.CheckValues{Subject: m.Restore}, Verdict: Notable, Message: fmt.Sprintf("%s takes the database's place at the next start.", m.Restore), Mend: "Nothing, if that is what you want."})
	}
}
