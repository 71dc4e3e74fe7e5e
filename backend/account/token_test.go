package account_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

func (h *house) credential(lease *account.Lease) string {
	h.t.Helper()
	credential, err := lease.Credential(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return credential.AccessToken.Reveal()
}

func TestACredentialHasWhatACallNeeds(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		draft := h.draft("frankfurt")
		draft.ProfileARN = "arn:aws:codewhisperer:eu-central-1:123456789012:profile/ABC"
		view, err := h.Add(t.Context(), draft)
		if err != nil {
			t.Fatal(err)
		}
		lease := h.lease(account.Want{})
		credential, err := lease.Credential(t.Context())
		if err != nil || credential.AccessToken.IsZero() {
			t.Fatalf("%+v, %v", credential, err)
		}
		if credential.AccessToken = (secret.String{}); credential != (account.Credential{
			AccountID: view.ID, Service: account.AmazonQ, Method: account.IdentityCenter, Region: "eu-central-1", ProfileARN: draft.ProfileARN,
		}) {
			t.Errorf("the credential is %+v", credential)
		}
		if region := (account.Account{}).Region(); region != account.DefaultRegion {
			t.Errorf("without a profile the region is %s", region)
		}
	})
}

func TestTwoHundredRequestsOnAnExpiredTokenRenewItOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		h.credential(h.lease(account.Want{}))
		time.Sleep(2 * time.Hour)
		arrived, resume := h.amazon.pause()
		var requests sync.WaitGroup
		var tokens sync.Map
		for range 200 {
			requests.Go(func() { tokens.Store(h.credential(h.lease(account.Want{})), true) })
		}
		<-arrived
		synctest.Wait()
		resume()
		requests.Wait()
		different := 0
		tokens.Range(func(any, any) bool { different++; return true })
		if renewals, reuses := h.amazon.counts(); renewals != 2 || reuses != 0 || different != 1 {
			t.Errorf("%d renewals in all, %d reuses, %d tokens", renewals, reuses, different)
		}
	})
}

func TestATokenIsUsedUntilAMinuteBeforeItsEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		lease := h.lease(account.Want{})
		first := h.credential(lease)
		time.Sleep(59*time.Minute - time.Nanosecond)
		if h.credential(lease) != first {
			t.Error("it was renewed early")
		}
		time.Sleep(time.Nanosecond)
		if h.credential(lease) == first {
			t.Error("it was not renewed in its last minute")
		}
	})
}

func TestARefusedTokenIsRenewedOnceForAllWhoWereRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		a, b := h.lease(account.Want{}), h.lease(account.Want{})
		refused := h.credential(a)
		h.credential(b)
		for _, lease := range []*account.Lease{a, b} {
			if err := lease.Renew(t.Context()); err != nil {
				t.Fatal(err)
			}
			if h.credential(lease) == refused {
				t.Error("a refused token was handed out again")
			}
		}
		if renewals, _ := h.amazon.counts(); renewals != 2 {
			t.Errorf("%d renewals", renewals)
		}
	})
}

func TestAClientThatLeavesDoesNotStopARenewal(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		arrived, resume := h.amazon.pause()
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := h.lease(account.Want{}).Credential(ctx)
			left <- err
		}()
		<-arrived
		stayed := make(chan string)
		go func() { stayed <- h.credential(h.lease(account.Want{})) }()
		go func() {
			if _, err := h.Check(ctx, id); fault.Of(err).Kind != fault.Canceled {
				t.Errorf("the check that was left said %v", err)
			}
		}()
		synctest.Wait()
		leave()
		if err := <-left; fault.Of(err).Kind != fault.Canceled {
			t.Errorf("the client that left was told %v", err)
		}
		resume()
		if <-stayed == "" {
			t.Error("the client that stayed got no token")
		}
		h.reopen() // the rotated token was kept
		h.expectServing("after a start", []int64{id})
	})
}

func TestAProgramThatEndsWaitsForARenewal(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		arrived, resume := h.amazon.pause()
		ctx, leave := context.WithCancel(t.Context())
		go func() { _, _ = h.lease(account.Want{}).Credential(ctx) }()
		<-arrived
		leave()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.Close(short); err == nil {
			t.Error("it did not wait")
		}
		time.AfterFunc(3*time.Second, resume)
		h.reopen()
		h.expectServing("after a start", []int64{id})
	})
}

func TestATokenThatIsStillValidIsUsedWhileRenewalsFail(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		lease := h.lease(account.Want{})
		first := h.credential(lease)
		time.Sleep(59*time.Minute + 30*time.Second)
		h.amazon.fail(fault.New(fault.Unavailable, "no answer"))
		for range 10 {
			if h.credential(lease) != first {
				t.Fatal("another token")
			}
		}
		if renewals, _ := h.amazon.counts(); renewals != 2 {
			t.Errorf("%d renewals: one that failed must not be tried again at once", renewals)
		}
		time.Sleep(5 * time.Second)
		h.credential(lease)
		if renewals, _ := h.amazon.counts(); renewals != 3 {
			t.Errorf("%d renewals: it must be tried again later", renewals)
		}
		time.Sleep(30 * time.Second)
		if _, err := lease.Credential(t.Context()); fault.Of(err).Kind != fault.Unavailable {
			t.Errorf("an expired token: %v", err)
		}
		h.amazon.fail(nil)
		time.Sleep(30 * time.Second)
		if h.credential(lease) == first {
			t.Error("an expired token was handed out")
		}
	})
}

func TestARefusedSignInEndsEvenAValidTokensUse(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		lease := h.lease(account.Want{})
		h.credential(lease)
		time.Sleep(59*time.Minute + 30*time.Second)
		h.amazon.fail(refusedToken())
		if _, err := lease.Credential(t.Context()); fault.Of(err).Kind != fault.Credential {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestARenewalThatHangsEndsAfterHalfAMinute(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		_, resume := h.amazon.pause()
		asked := time.Now()
		if _, err := h.lease(account.Want{}).Credential(t.Context()); fault.Of(err).Kind != fault.Unavailable || time.Since(asked) != 30*time.Second {
			t.Errorf("it ended after %s with %v", time.Since(asked), err)
		}
		resume()
	})
}
