package account_test

import (
	"errors"
	"testing"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

func TestARotatedTokenThatCannotBeWrittenDownIsNotLost(t *testing.T) {
	// One call fails, the program goes on: the next renewal writes down what the first one received.
	for nth := 3; nth <= 6; nth++ {
		inBubble(t, func(t *testing.T, h *house) {
			id := h.add("one", 0, 0)
			h.fate.strike(nth, killed)
			lease := h.lease(account.Want{})
			if _, err := lease.Credential(t.Context()); fault.Of(err).Kind != fault.Locked {
				t.Fatalf("call %d: the token was used before it was kept: %v", nth, err)
			}
			if _, err := lease.Credential(t.Context()); fault.Of(err).Kind != fault.Locked {
				t.Fatalf("call %d: %v", nth, err)
			}
			if renewals, _ := h.amazon.counts(); renewals != 1 {
				t.Errorf("call %d: a token was traded that could not be kept", nth)
			}
			h.fate.strike(0, "")
			lease.Done(nil)
			h.expectServing("when the vault is back", []int64{id})
			h.expectTidy("when the vault is back")
		})
	}
}

func TestALockedVaultBlamesNoAccountAndLosesNone(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		ids := []int64{h.add("one", 0, 0), h.add("two", 0, 0)}
		for range 20 {
			h.vault.lock(errors.New("the keychain is locked"))
			lease := h.lease(account.Want{})
			_, err := lease.Credential(t.Context())
			if fault.Of(err).Kind != fault.Locked {
				t.Fatalf("the fault is %v", err)
			}
			lease.Done(err)
		}
		h.reopen()
		if views, err := h.List(t.Context()); err != nil || len(views) != 2 {
			t.Fatalf("after a start with a locked vault there are %d accounts, %v", len(views), err)
		}
		h.vault.lock(nil)
		h.expectServing("when it is unlocked", ids)
		h.expectTidy("when it is unlocked")
	})
}

func TestARotationThatOnlyTheVaultKnowsIsAdoptedOnceTheVaultOpens(t *testing.T) {
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
		if view, err := h.Check(t.Context(), id); err != nil || view.Health.Status != account.Ready {
			t.Errorf("while the vault is locked: %+v, %v", view.Health, err)
		}
		h.vault.lock(nil)
		h.expectServing("when it is unlocked", []int64{id})
		h.expectTidy("when it is unlocked")
	})
}

func TestAnEditThatFailedIsNotAdoptedAtTheNextStart(t *testing.T) {
	// The new refresh token was in the vault when the program died, the client secret that belongs to it was not.
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		signed := h.amazon.signIn()
		h.fate.strike(6, killed) // the journal, the other accounts' tokens (none), the token with its place and read back, the secret's place
		if _, err := h.Update(t.Context(), id, account.Edit{RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret}); err == nil {
			t.Fatal("the edit was made")
		}
		h.fate.strike(0, "")
		h.reopen()
		h.expectTidy("after a start")
		h.expectServing("after a start", []int64{id})
	})
}

func TestAVaultThatCutsSecretsShortIsFoundOut(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.vault.cut = func(item secret.String) secret.String { return secret.New(item.Reveal()[:10]) }
		if _, err := h.Add(t.Context(), h.draft("one")); err == nil {
			t.Error("the account was added")
		}
		h.vault.cut = nil
		h.expectTidy("afterwards")
		if left := h.vault.names(); len(left) > 0 {
			t.Errorf("the vault has %v", left)
		}
	})
}

func TestAnAccountWhoseSecretsAreGoneMustBeSignedInAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		if err := h.vault.Delete(t.Context(), h.place(id, "refresh-token/1")); err != nil {
			t.Fatal(err)
		}
		if view, err := h.Check(t.Context(), id); err != nil || view.Health.Status != account.NeedsSignIn {
			t.Errorf("the account is %+v, %v", view.Health, err)
		}
		signed := h.amazon.signIn()
		if view, err := h.Update(t.Context(), id, account.Edit{RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret}); err != nil || view.Health.Status != account.Ready {
			t.Errorf("after a new sign-in it is %+v, %v", view.Health, err)
		}
		h.expectServing("after a new sign-in", []int64{id})
	})
}
