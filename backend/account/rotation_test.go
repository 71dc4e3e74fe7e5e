package account_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

func TestTheTokenBeforeTheNewestStaysUntilTheNextRotation(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		for range 3 {
			h.expectServing("rotation", []int64{id})
		}
		want := []string{h.place(id, "client-secret/1"), h.place(id, "refresh-token/3"), h.place(id, "refresh-token/4")}
		if got := h.vault.names(); len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
			t.Errorf("the vault has %v", got)
		}
	})
}

func TestAnAnswerWithoutARefreshTokenKeepsTheOldOne(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.amazon.steady = true
		id := h.add("one", 0, 0)
		h.expectServing("first", []int64{id})
		h.expectServing("second", []int64{id})
		if got := h.vault.names(); len(got) != 2 {
			t.Errorf("the vault has %v", got)
		}
	})
}

func TestATokenThatNeverCameIntoForceIsReplacedByTheOneBefore(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		before, err := h.vault.Get(t.Context(), h.place(id, "refresh-token/1"))
		if err != nil {
			t.Fatal(err)
		}
		h.expectServing("rotation", []int64{id})
		for _, f := range h.amazon.families { // Amazon takes the rotation back
			f.current = before.Reveal()
		}
		newest, err := h.vault.Get(t.Context(), h.place(id, "refresh-token/2"))
		if err != nil {
			t.Fatal(err)
		}
		delete(h.amazon.families, newest.Reveal())
		h.expectServing("with the one before", []int64{id})
		h.reopen()
		h.expectTidy("after a start")
		h.expectServing("after a start", []int64{id})
	})
}

// refuser refuses the newest token, and answers for the one before with what a story says.
type refuser struct {
	calls    int
	previous error
}

func (r *refuser) Renew(context.Context, account.Account, account.Secrets) (account.Tokens, error) {
	if r.calls++; r.calls == 1 {
		return account.Tokens{AccessToken: secret.New("first"), RefreshToken: secret.New("rotated"), ExpiresIn: time.Hour}, nil
	}
	if r.calls%2 == 0 {
		return account.Tokens{}, refusedToken()
	}
	return account.Tokens{AccessToken: secret.New("second"), ExpiresIn: time.Hour}, r.previous
}

func TestANewSignInLeavesNothingOfTheOldOne(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.expectServing("rotation", []int64{id})
		signed := h.amazon.signIn()
		if _, err := h.Update(t.Context(), id, account.Edit{RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret}); err != nil {
			t.Fatal(err)
		}
		if left := h.vault.names(); len(left) != 2 {
			t.Errorf("the vault has %v", left)
		}
		h.expectServing("with the new sign-in", []int64{id})
	})
}

func TestTwoRenewalsNeverTradeOneToken(t *testing.T) {
	// A new client id lets go of the renewal under way, but both would use the same refresh token.
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		arrived, resume := h.amazon.pause()
		ended := make(chan error, 2)
		ask := func() {
			_, err := h.lease(account.Want{}).Credential(context.Background())
			ended <- err
		}
		go ask()
		<-arrived
		client := "another-client"
		if _, err := h.Update(t.Context(), id, account.Edit{ClientID: &client}); err != nil {
			t.Fatal(err)
		}
		go ask()
		synctest.Wait()
		resume()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if renewals, reuses := h.amazon.counts(); renewals != 2 || reuses != 0 {
			t.Errorf("%d renewals, %d reuses", renewals, reuses)
		}
	})
}

func TestOnlyIfBothTokensAreRefusedMustTheUserSignIn(t *testing.T) {
	for name, story := range map[string]struct {
		previous error
		kind     fault.Kind
	}{
		"both refused":                  {refusedToken(), fault.Credential},
		"the second without an answer":  {fault.New(fault.Unavailable, "no answer"), fault.Unavailable},
		"the second works but is alone": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				id := h.add("one", 0, 0)
				roster, err := account.OpenRoster(t.Context(), account.RosterConfig{
					Store: h.db.Accounts(), Vault: h.vault, Renewer: &refuser{previous: story.previous}, Now: time.Now,
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := roster.Renew(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				_, err = roster.Renew(t.Context(), id)
				if story.kind == 0 && err != nil || story.kind != 0 && fault.Of(err).Kind != story.kind {
					t.Errorf("the renewal ended with %v", err)
				}
			})
		})
	}
}
