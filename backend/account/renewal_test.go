package account_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestATokenIsRenewedInTheBackgroundBeforeAnybodyHasToWait(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.close()
		h.jitter = func(limit time.Duration) time.Duration { return limit }
		if err := h.open(); err != nil {
			t.Fatal(err)
		}
		h.add("one", 0, 0)
		lease := h.lease(account.Want{})
		first := h.credential(lease)
		time.Sleep(51*time.Minute - time.Nanosecond) // four fifths of an hour and a twentieth
		h.credential(lease)
		if renewals, _ := h.amazon.counts(); renewals != 1 {
			t.Errorf("%d renewals before it is due", renewals)
		}
		time.Sleep(time.Nanosecond)
		arrived, resume := h.amazon.pause()
		for range 2 {
			if h.credential(lease) != first {
				t.Error("a request did not get the token that is still good")
			}
		}
		<-arrived
		resume()
		synctest.Wait()
		if renewals, _ := h.amazon.counts(); h.credential(lease) == first || renewals != 2 {
			t.Errorf("after %d renewals it is still the old one", renewals)
		}
	})
}

func TestABackgroundRenewalThatFailsIsTriedAgainAfterAPause(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		lease := h.lease(account.Want{})
		first := h.credential(lease)
		time.Sleep(50 * time.Minute)
		h.amazon.fail(fault.New(fault.Unavailable, "no answer"))
		for range 10 {
			if h.credential(lease) != first {
				t.Fatal("another token")
			}
			synctest.Wait()
		}
		if renewals, _ := h.amazon.counts(); renewals != 2 {
			t.Errorf("%d renewals", renewals)
		}
		h.amazon.fail(nil)
		time.Sleep(5 * time.Second)
		h.credential(lease)
		synctest.Wait()
		if h.credential(lease) == first {
			t.Error("it was not tried again")
		}
	})
}

func TestATokenServiceThatIsDownIsNotHammered(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.amazon.fail(fault.New(fault.Unavailable, "no answer"))
		ask := func() *fault.Error {
			lease := h.lease(account.Want{})
			_, err := lease.Credential(t.Context())
			lease.Done(err)
			return fault.Of(err)
		}
		for range 100 {
			if f := ask(); f.Kind != fault.Unavailable {
				t.Fatalf("told %v", f)
			}
		}
		if renewals, _ := h.amazon.counts(); renewals != 2 { // the second is the one retry that relay makes
			t.Errorf("%d renewals for requests of one moment", renewals)
		}
		if f := ask(); f.RetryAfter != time.Second {
			t.Errorf("told to come back after %s", f.RetryAfter)
		}
		for range 600 {
			ask()
			time.Sleep(time.Second)
		}
		if renewals, _ := h.amazon.counts(); renewals < 20 || renewals > 30 {
			t.Errorf("%d renewals in ten minutes", renewals)
		}
		h.amazon.fail(nil)
		if view, err := h.Check(t.Context(), id); err != nil || view.Health.Error != "" {
			t.Errorf("the user's check did not go through at once: %+v, %v", view.Health, err)
		}
		if f := ask(); f != nil {
			t.Errorf("after the check: %v", f)
		}
	})
}

func TestARenewalThatFailsCountsOnceHoweverManyWaitedForIt(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one, two := h.add("one", 0, 0), h.add("two", 0, 0)
		arrived, resume := h.amazon.pause()
		h.amazon.fail(outage)
		var requests sync.WaitGroup
		for range 40 {
			requests.Go(func() {
				lease := h.lease(account.Want{})
				_, err := lease.Credential(t.Context())
				lease.Done(err)
			})
		}
		<-arrived
		<-arrived
		synctest.Wait()
		resume()
		requests.Wait()
		for _, id := range []int64{one, two} {
			if got := h.health(id); got.Status != account.Ready || got.Error == "" {
				t.Errorf("account %d is %+v", id, got)
			}
		}
	})
}
