package account_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

func TestAnAccountIsAddedWithItsDefaults(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		draft := h.draft(" laptop \n")
		draft.Secrets.RefreshToken = secret.New("\n" + draft.Secrets.RefreshToken.Reveal() + " ")
		view, err := h.Add(t.Context(), draft)
		if err != nil {
			t.Fatal(err)
		}
		if view.Account != (account.Account{
			ID: 1, Name: "laptop", Service: account.AmazonQ, SignInRegion: account.DefaultRegion, ClientID: "client", Active: true,
			Method: account.BuilderID, Envelope: account.Envelope{RequestsPerMinute: 10, MaxConcurrent: 4, Weight: 1}, Source: "api", CreatedAt: view.CreatedAt, UpdatedAt: view.UpdatedAt, Health: account.Health{Status: account.Ready},
		}) || !view.CreatedAt.Equal(time.Now()) {
			t.Errorf("it is %+v", view)
		}
		if renewals, _ := h.amazon.counts(); renewals != 0 {
			t.Error("adding it made a call")
		}
		h.expectServing("pasted with white space", []int64{view.ID})
	})
}

func TestOneRefreshTokenBelongsToOneAccount(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		draft := h.draft("one")
		if _, err := h.Add(t.Context(), draft); err != nil {
			t.Fatal(err)
		}
		two := h.add("two", 0, 0)
		draft.Name = "again"
		_, err := h.Add(t.Context(), draft)
		if f := fault.Of(err); f == nil || f.Kind != fault.Conflict || f.Param != "refresh_token" {
			t.Errorf("a second account with it: %v", err)
		}
		_, err = h.Update(t.Context(), two, account.Edit{RefreshToken: &draft.Secrets.RefreshToken})
		if f := fault.Of(err); f == nil || f.Kind != fault.Conflict {
			t.Errorf("another account that takes it: %v", err)
		}
		if _, err = h.Update(t.Context(), 1, account.Edit{RefreshToken: &draft.Secrets.RefreshToken}); err != nil {
			t.Errorf("the account's own: %v", err)
		}
		h.expectServing("afterwards", []int64{1, two})
	})
}

func TestAnEditChangesWhatItNamesAndNothingElse(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.serve(account.Want{}, fault.New(fault.Suspended, "locked"))
		before := h.view(id)
		time.Sleep(time.Minute)
		name, notes, perMinute, active := "renamed", "mine", 30, false
		after, err := h.Update(t.Context(), id, account.Edit{Name: &name, Notes: &notes, Pace: account.EnvelopeEdit{RequestsPerMinute: &perMinute}, Active: &active})
		if err != nil {
			t.Fatal(err)
		}
		before.Name, before.Notes, before.RequestsPerMinute, before.Active, before.UpdatedAt = name, notes, perMinute, false, after.UpdatedAt
		before.CurrentRPM, before.Load = after.CurrentRPM, after.Load
		if !reflect.DeepEqual(after, before) || !after.UpdatedAt.Equal(time.Now()) {
			t.Errorf("it is %+v, want %+v", after, before)
		}
		h.reopen()
		stored := h.view(id)
		if stored.Name != name || stored.Active || stored.Health.Status != account.Suspended || stored.RequestsPerMinute != perMinute {
			t.Errorf("after a start it is %+v", stored)
		}
	})
}

func TestAnAccountThatIsNotThereIsNotFound(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		if err := h.Remove(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		for name, ask := range map[string]func() error{
			"get":    func() error { _, err := h.Get(t.Context(), id); return err },
			"update": func() error { _, err := h.Update(t.Context(), id, account.Edit{}); return err },
			"remove": func() error { return h.Remove(t.Context(), id) },
			"check":  func() error { _, err := h.Check(t.Context(), id); return err },
			"clear":  func() error { _, err := h.Clear(t.Context(), id); return err },
		} {
			if err := ask(); fault.Of(err) == nil || fault.Of(err).Kind != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if next := h.add("two", 0, 0); next == id {
			t.Error("an id was used again")
		}
	})
}

func TestWhatIsImportedOnceAndDeletedStaysDeleted(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		draft := h.draft("Environment")
		draft.Source = "environment"
		for start, want := range []bool{true, false, false} {
			added, err := h.Import(t.Context(), draft)
			if err != nil || added != want {
				t.Errorf("start %d: added %v, %v", start, added, err)
			}
			if start == 1 {
				if err := h.Remove(t.Context(), 1); err != nil {
					t.Fatal(err)
				}
			}
			h.reopen()
		}
		if views, err := h.List(t.Context()); err != nil || len(views) != 0 {
			t.Errorf("there are %d accounts, %v", len(views), err)
		}
	})
}

func TestAnImportThatWasCutOffIsFinishedByTheNext(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		draft := h.draft("Environment")
		draft.Source = "environment"
		for nth := 1; ; nth++ {
			h.fate.strike(nth, killed)
			_, err := h.Import(t.Context(), draft)
			h.fate.strike(0, "")
			h.reopen()
			if err == nil {
				break
			}
		}
		if views, err := h.List(t.Context()); err != nil || len(views) != 1 || views[0].Source != "environment" {
			t.Errorf("the accounts are %+v, %v", views, err)
		}
		broken := h.draft("")
		broken.Source = "another"
		if added, err := h.Import(t.Context(), broken); added || fault.Of(err).Kind != fault.Invalid {
			t.Errorf("a draft that is wrong: %v, %v", added, err)
		}
	})
}

func TestAHalfAddedAccountThatWasAddedAgainIsNotTwo(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		draft := h.draft("one")
		h.fate.strike(8, killed) // everything but the row's last step
		if _, err := h.Add(t.Context(), draft); err == nil {
			t.Fatal("it was added")
		}
		h.fate.strike(0, "")
		if _, err := h.Add(t.Context(), draft); err != nil {
			t.Fatal(err)
		}
		h.reopen()
		views, err := h.List(t.Context())
		if err != nil || len(views) != 1 {
			t.Fatalf("there are %d accounts, %v", len(views), err)
		}
		h.expectTidy("after a start")
		h.expectServing("after a start", []int64{views[0].ID})
	})
}

func TestAnAccountThatCouldNotBeAddedDoesNotComeBackByItself(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.fate.also = func() { h.vault.lock(errFate) } // so that what was written cannot be taken back either
		h.fate.strike(8, refused)
		if _, err := h.Add(t.Context(), h.draft("one")); err == nil {
			t.Fatal("it was added")
		}
		h.vault.lock(nil)
		h.reopen()
		if views, err := h.List(t.Context()); err != nil || len(views) != 0 {
			t.Errorf("there are %d accounts, %v", len(views), err)
		}
		h.expectTidy("after a start")
	})
}

func TestTheDatabaseHasNoSecrets(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.expectServing("rotation", []int64{id})
		h.amazon.fail(refusedToken())
		if _, err := h.Check(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{h.path, h.path + "-wal"} {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(content), canary) {
				t.Errorf("a secret is in %s", name)
			}
		}
	})
}
