package account_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/store"
)

// backUp keeps a copy of the house's database.
func (h *house) backUp() string {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "backup.db")
	if err := h.db.Backup(context.Background(), path); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// restore puts a backup in the database's place, as the program does while it is not running. If the present is lost, nothing is known of it.
func (h *house) restore(backup string, lost bool) account.Reunion {
	h.t.Helper()
	ctx := context.Background()
	var present account.Holdings
	if !lost {
		var err error
		if present, err = account.ReadHoldings(ctx, h.db.Accounts(), h.now()); err != nil {
			h.t.Fatal(err)
		}
	}
	h.close()
	draft, db, err := store.Draft(ctx, backup, h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	result, err := account.Reunite(ctx, db.Accounts(), present, 40)
	if err := errors.Join(err, db.Close(), store.Ready(draft, h.path)); err != nil {
		h.t.Fatal(err)
	}
	if _, err := store.Swap(ctx, h.path, h.now()); err != nil {
		h.t.Fatal(err)
	}
	if err := h.open(); err != nil {
		h.t.Fatal(err)
	}
	return result
}

// rotated renews an account's token some times.
func (h *house) rotated(id int64, times int) {
	h.t.Helper()
	for range times {
		if view, err := h.Check(context.Background(), id); err != nil || view.Health.Error != "" {
			h.t.Fatal(err, view.Health.Error)
		}
	}
}

func (h *house) named(name string) (found account.View) {
	h.t.Helper()
	views, err := h.List(context.Background())
	at := slices.IndexFunc(views, func(v account.View) bool { return v.Name == name })
	if err != nil || at < 0 {
		h.t.Fatalf("there is no account %s: %v", name, err)
	}
	return views[at]
}

func TestAfterARestoreNoAccountHasLostItsNewestToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.amazon.lifetime = 0
		renewed, signedIn, removed := h.add("renewed", 5, 0), h.add("signed in again", 0, 0), h.add("removed", 0, 0)
		backup := h.backUp()
		h.rotated(renewed, 7)
		h.rotated(signedIn, 3)
		fresh, client := h.amazon.signIn(), "another-client"
		if _, err := h.Update(t.Context(), signedIn, account.Edit{RefreshToken: &fresh.RefreshToken, ClientSecret: &fresh.ClientSecret, ClientID: &client}); err != nil {
			t.Fatal(err)
		}
		h.rotated(signedIn, 2)
		ten := 10
		if _, err := h.Update(t.Context(), renewed, account.Edit{Pace: account.EnvelopeEdit{RequestsPerMinute: &ten}}); err != nil {
			t.Fatal(err)
		}
		if err := h.Remove(t.Context(), removed); err != nil {
			t.Fatal(err)
		}
		h.add("added since", 0, 0)
		h.rotated(h.named("added since").ID, 2)

		result := h.restore(backup, false)
		if !slices.Equal(result.Kept, []string{"added since"}) || !slices.Equal(result.Doubtful, []string{"removed"}) {
			t.Errorf("%+v", result)
		}
		if view := h.named("renewed"); view.RequestsPerMinute != 5 {
			t.Errorf("its pace is %d, not the backup's", view.RequestsPerMinute)
		}
		if view := h.named("signed in again"); view.ClientID != client {
			t.Errorf("its client is %q, not the one its token goes with", view.ClientID)
		}
		if view := h.named("added since"); view.Active {
			t.Error("an account that the backup does not have is switched on")
		}
		if health := h.named("removed").Health; health.Status != account.NeedsSignIn || health.Reason == "" {
			t.Errorf("the account that was removed since is %+v", health)
		}
		h.expectServing("restored", []int64{h.named("renewed").ID, h.named("signed in again").ID, h.named("added since").ID})
		if err := h.Remove(t.Context(), h.named("removed").ID); err != nil {
			t.Fatal(err)
		}
		h.expectTidy("restored")
	})
}

// The database is damaged, and only the vault knows how often tokens were renewed since the backup.
func TestARestoreAfterDamageFindsTheNewestTokensInTheVault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.amazon.lifetime = 0
		quiet, busy := h.add("quiet", 0, 0), h.add("busy", 0, 0)
		backup := h.backUp()
		h.rotated(busy, 30)
		h.restore(backup, true)
		h.expectServing("restored", []int64{quiet, busy})
		h.expectTidy("restored")
	})
}

func TestARestoreWithALockedVaultFindsTheNewestTokensLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.amazon.lifetime = 0
		busy := h.add("busy", 0, 0)
		backup := h.backUp()
		h.rotated(busy, 9)
		h.vault.lock(errFate)
		h.restore(backup, true)
		h.vault.lock(nil)
		h.expectServing("unlocked", []int64{busy})
		h.reopen()
		h.expectTidy("unlocked")
	})
}

func TestARestoreDoesNotEndWhatTheProviderWarnedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		id := h.add("suspended", 0, 0)
		backup := h.backUp()
		until := h.now().Add(time.Hour).UTC().Truncate(time.Millisecond)
		err := errors.Join(h.SaveHealth(t.Context(), id, account.Health{Status: account.Suspended, Reason: "Locked."}), h.SaveCaution(t.Context(), account.Caution{PausedUntil: until}))
		if err != nil {
			t.Fatal(err)
		}
		h.restore(backup, false)
		caution, err := h.db.Accounts().Caution(t.Context())
		if err != nil || !caution.PausedUntil.Equal(until) || h.named("suspended").Health.Status != account.Suspended {
			t.Errorf("paused until %v, %+v, %v", caution.PausedUntil, h.named("suspended").Health, err)
		}
	})
}

// Whatever is done to accounts between backups and restores, those that are there can serve unless they were removed in between, Amazon sees
// no token twice, and the vault and the journal agree.
func TestAccountsSurviveAnyOrderOfBackupsAndRestores(t *testing.T) {
	seeds := 5
	if inFull() {
		seeds = 300
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			h, dice := newHouse(t), rand.New(rand.NewPCG(uint64(seed), 1))
			h.amazon.lifetime = 0
			var backups []string
			added := 0
			story := fmt.Sprintf("seed %d:", seed)
			for range 25 {
				views, err := h.List(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				serving := slices.DeleteFunc(views, func(v account.View) bool { return v.Health.Status == account.NeedsSignIn })
				what := dice.IntN(6)
				switch {
				case what == 0 || len(serving) == 0:
					added++
					story += " add"
					h.add(fmt.Sprint("account ", added), 0, 0)
				case what == 1:
					story += " remove"
					if err := h.Remove(t.Context(), serving[dice.IntN(len(serving))].ID); err != nil {
						t.Fatal(err)
					}
				case what == 2:
					story += " sign-in"
					fresh := h.amazon.signIn()
					edit := account.Edit{RefreshToken: &fresh.RefreshToken, ClientSecret: &fresh.ClientSecret}
					if _, err := h.Update(t.Context(), serving[dice.IntN(len(serving))].ID, edit); err != nil {
						t.Fatal(err)
					}
				case what == 3:
					story += " backup"
					backups = append(backups, h.backUp())
				case what == 4 && len(backups) > 0:
					story += " restore"
					h.restore(backups[dice.IntN(len(backups))], false)
					for _, view := range serving {
						if now := h.named(view.Name); now.Health.Status == account.NeedsSignIn {
							t.Errorf("%s: %s must sign in: %s", story, view.Name, now.Health.Reason)
						}
					}
				default:
					story += " renew"
					h.rotated(serving[dice.IntN(len(serving))].ID, 1+dice.IntN(3))
				}
			}
			var ids []int64
			views, err := h.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, view := range views {
				if view.Health.Status != account.NeedsSignIn {
					ids = append(ids, view.ID)
				} else if err := h.Remove(t.Context(), view.ID); err != nil {
					t.Fatal(err)
				}
			}
			h.expectServing(story, ids)
			h.reopen()
			h.expectTidy(story)
		})
		if t.Failed() {
			return
		}
	}
}
