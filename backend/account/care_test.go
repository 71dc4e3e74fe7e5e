package account_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestACheckThatFailsLeavesAValidTokenInUse(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		lease := h.lease(account.Want{})
		first := h.credential(lease)
		h.amazon.fail(fault.New(fault.Unavailable, "no answer"))
		if view, err := h.Check(t.Context(), id); err != nil || view.Health.Error == "" || view.Health.Status != account.Ready {
			t.Errorf("the check said %+v, %v", view.Health, err)
		}
		if h.credential(lease) != first {
			t.Error("the token was dropped")
		}
		h.amazon.fail(nil)
		if view, err := h.Check(t.Context(), id); err != nil || view.Health.Error != "" || !view.Health.CheckedAt.Equal(time.Now()) {
			t.Errorf("the check said %+v, %v", view.Health, err)
		}
		if h.credential(lease) == first {
			t.Error("the check renewed nothing")
		}
	})
}

func TestACheckEndsANeedToSignInAndNothingElse(t *testing.T) {
	for kind, after := range map[fault.Kind]account.Status{
		fault.Credential: account.Ready, fault.Suspended: account.Suspended, fault.Throttled: account.CoolingDown, fault.Exhausted: account.Exhausted,
	} {
		t.Run(kind.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				id := h.add("one", 0, 0)
				h.serve(account.Want{}, fault.New(kind, "no"))
				if view, err := h.Check(t.Context(), id); err != nil || view.Health.Status != after {
					t.Errorf("after the check: %+v, %v", view.Health, err)
				}
				h.amazon.fail(refusedToken())
				if view, err := h.Check(t.Context(), id); err != nil || view.Health.Status == account.Ready {
					t.Errorf("after a check that failed: %+v, %v", view.Health, err)
				}
			})
		})
	}
}

func TestNewSecretsAreUsedEvenIfTheOldOnesAreBeingRenewed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		arrived, resume := h.amazon.pause()
		old := make(chan string)
		go func() { old <- h.credential(h.lease(account.Want{})) }()
		<-arrived
		signed := h.amazon.signIn()
		if _, err := h.Update(t.Context(), id, account.Edit{RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret}); err != nil {
			t.Fatal(err)
		}
		fresh := make(chan string)
		go func() { fresh <- h.credential(h.lease(account.Want{})) }()
		synctest.Wait()
		resume()
		before, after := <-old, <-fresh
		if before == after || h.credential(h.lease(account.Want{})) != after {
			t.Error("a token of the old secrets was handed out")
		}
		h.reopen()
		h.expectTidy("after a start")
		h.expectServing("after a start", []int64{id})
	})
}

func TestAnAccountRemovedWhileItsTokenIsRenewedIsGone(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		arrived, resume := h.amazon.pause()
		ended := make(chan error)
		lease := h.lease(account.Want{})
		go func() {
			_, err := lease.Credential(t.Context())
			ended <- err
		}()
		<-arrived
		if err := h.Remove(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		resume()
		if err := <-ended; err != nil {
			t.Errorf("the request that was under way: %v", err)
		}
		if err := lease.Renew(t.Context()); fault.Of(err).Kind != fault.Credential { // another account may serve; 404 would be the client's
			t.Errorf("a renewal after the removal: %v", err)
		}
		lease.Done(nil)
		if left := h.vault.names(); len(left) > 0 {
			t.Errorf("the vault still has %v", left)
		}
		h.expectTidy("after the removal")
	})
}

func TestNothingThatCanBeShownHasASecret(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		var shown strings.Builder
		for _, failure := range []error{fault.New(fault.Unavailable, "no answer"), refusedToken(), fault.New(fault.Throttled, "slow down")} {
			h.amazon.fail(failure)
			lease := h.lease(account.Want{})
			_, err := lease.Credential(t.Context())
			lease.Done(err)
			view, _ := h.Check(t.Context(), id)
			fmt.Fprintf(&shown, "%v %+v %#v\n", err, view, lease)
			if _, err := h.Clear(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		h.vault.lock(errFate)
		draft := h.draft("two")
		_, err := h.Add(t.Context(), draft)
		fmt.Fprintf(&shown, "%v %+v\n", err, draft)
		h.vault.lock(nil)
		if strings.Contains(shown.String(), canary) {
			t.Errorf("a secret is in %s", shown.String())
		}
	})
}
