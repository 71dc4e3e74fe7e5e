package account_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestAMovedAccountTakesItsNewestTokenAlongAndIsNotRenewedHereAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		arrived, resume := h.amazon.pause()
		lease := h.lease(account.Want{})
		go func() { _, _ = lease.Credential(t.Context()) }()
		<-arrived // Amazon has rotated the token, and its answer is on the way
		var drafts []account.Draft
		done := make(chan error)
		go func() {
			done <- h.MoveOut(t.Context(), []int64{id}, func(given []account.Draft) error {
				drafts = slices.Clone(given)
				return nil
			})
		}()
		synctest.Wait()
		resume()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		lease.Done(nil)
		if health := h.health(id); health.Status != account.NeedsSignIn {
			t.Errorf("here it is %+v", health)
		}
		if _, err := h.Clear(t.Context(), id); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("the user's word brought it back: %v", err)
		}
		if err := h.MoveOut(t.Context(), []int64{id}, nil); fault.Of(err).Kind != fault.Credential {
			t.Errorf("it was moved twice: %v", err)
		}
		h.reopen()
		before, _ := h.amazon.counts()
		if view, err := h.Check(t.Context(), id); err != nil || view.Health.Status != account.NeedsSignIn {
			t.Errorf("a check made it %+v, %v", view.Health, err)
		}
		if after, _ := h.amazon.counts(); after != before {
			t.Error("the token that was moved away was traded here")
		}
		if _, err := h.amazon.trade(drafts[0].Secrets); err != nil {
			t.Errorf("the other machine cannot go on: %v", err)
		}
		fresh := h.amazon.signIn()
		if _, err := h.Update(t.Context(), id, account.Edit{RefreshToken: &fresh.RefreshToken, ClientSecret: &fresh.ClientSecret}); err != nil {
			t.Fatal(err)
		}
		h.expectServing("after a new sign-in", []int64{id})
	})
}

func TestAMoveThatCannotBeSealedChangesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		failed := errors.New("the passphrase is too short")
		if err := h.MoveOut(t.Context(), nil, func([]account.Draft) error { return failed }); !errors.Is(err, failed) {
			t.Errorf("%v", err)
		}
		if err := h.MoveOut(t.Context(), []int64{id, 99}, nil); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("%v", err)
		}
		h.expectServing("afterwards", []int64{id})
	})
}

func TestADuplicateIsFoundThoughItsTokenWasRotatedMeanwhile(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		draft := h.draft("one")
		if _, err := h.Add(t.Context(), draft); err != nil {
			t.Fatal(err)
		}
		if name, held := h.Holder(t.Context(), draft.Secrets.RefreshToken); !held || name != "one" {
			t.Errorf("before: %q, %t", name, held)
		}
		lease := h.lease(account.Want{})
		if _, err := lease.Credential(t.Context()); err != nil {
			t.Fatal(err)
		}
		lease.Done(nil)
		time.Sleep(time.Second)
		if _, held := h.Holder(t.Context(), draft.Secrets.RefreshToken); held {
			t.Error("a token that was replaced still counts")
		}
	})
}

func TestALeaseUnderWayDoesNotTradeATokenThatWasMoved(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		lease := h.lease(account.Want{})
		var drafts []account.Draft
		if err := h.MoveOut(t.Context(), []int64{id}, func(given []account.Draft) error { drafts = given; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := lease.Credential(t.Context()); fault.Of(err).Kind != fault.Credential {
			t.Errorf("the lease got %v", err)
		}
		lease.Done(nil)
		if _, err := h.amazon.trade(drafts[0].Secrets); err != nil {
			t.Errorf("the other machine is locked out: %v", err)
		}
	})
}

func TestAMoveTakesARotationAlongThatOnlyTheVaultKnows(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.fate.strike(6, killed) // the row does not move any more
		if _, err := h.lease(account.Want{}).Credential(t.Context()); err == nil {
			t.Fatal("the rotation was finished")
		}
		h.close()
		h.fate.strike(0, "")
		h.vault.lock(errors.New("the keychain is locked"))
		if err := h.open(); err != nil {
			t.Fatal(err)
		}
		h.vault.lock(nil)
		var drafts []account.Draft
		if err := h.MoveOut(t.Context(), []int64{id}, func(given []account.Draft) error { drafts = given; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := h.amazon.trade(drafts[0].Secrets); err != nil {
			t.Errorf("what was moved is used up: %v", err)
		}
	})
}

func TestAMoveThatCannotBeWrittenDownMovesNobody(t *testing.T) {
	for nth := 3; nth <= 6; nth++ {
		inBubble(t, func(t *testing.T, h *house) {
			one, two := h.add("one", 0, 0), h.add("two", 0, 0)
			err := h.MoveOut(t.Context(), nil, func([]account.Draft) error {
				h.fate.strike(nth-2, refused)
				return nil
			})
			h.fate.strike(0, "")
			if err == nil {
				return // that call came after the move
			}
			h.expectServing("after a move that failed", []int64{one, two})
		})
	}
}
