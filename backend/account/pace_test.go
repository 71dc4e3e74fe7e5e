package account_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// edit changes an account's envelope.
func (h *house) edit(id int64, pace account.EnvelopeEdit) {
	h.t.Helper()
	if _, err := h.Update(context.Background(), id, account.Edit{Pace: pace}); err != nil {
		h.t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestAnAccountThatReturnsSoonIsWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.serve(account.Want{}, &fault.Error{Kind: fault.Throttled, RetryAfter: 15 * time.Second, Message: "slow down"})
		asked := time.Now()
		h.lease(account.Want{}).Done(nil)
		if waited := time.Since(asked); waited != 15*time.Second {
			t.Errorf("the request waited %s", waited)
		}
		h.serve(account.Want{}, &fault.Error{Kind: fault.Throttled, RetryAfter: 16 * time.Second, Message: "slow down"})
		asked = time.Now()
		if f := h.refusal(account.Want{}); f.Kind != fault.Throttled || f.RetryAfter != 16*time.Second || time.Since(asked) != 0 {
			t.Errorf("an account that returns later was waited for: %v after %s", f, time.Since(asked))
		}
		if f := h.refusal(account.Want{Exclude: []int64{id}}); f.RetryAfter != 16*time.Second {
			t.Errorf("a request that tried the account waited for it: %v", f)
		}
	})
}

func TestAnAccountComesBackFromACoolDownStepByStep(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		h.serve(account.Want{}, fault.New(fault.Throttled, "slow down"))
		time.Sleep(30 * time.Second)
		probe := h.lease(account.Want{})
		if e := h.Explain(account.Want{}); e.Next != 0 || e.Verdicts[0].By != account.SlowStart {
			t.Errorf("beside the first request another one may run: %+v", e)
		}
		probe.Done(fault.New(fault.Invalid, "the request was wrong")) // says nothing about the account
		probe = h.lease(account.Want{})
		if e := h.Explain(account.Want{}); e.Next != 0 {
			t.Errorf("nothing is proved yet: %+v", e)
		}
		probe.Done(nil)
		for want := 1; want <= 4; want++ {
			if got := h.takeAll(20); got != want {
				t.Errorf("%d steps after the first success %d requests may run at a time", want-1, got)
			}
			time.Sleep(15 * time.Second)
		}
		if got := h.takeAll(20); got != 20 {
			t.Errorf("after a minute %d requests may run at a time", got)
		}
	})
}

// takeAll leases as often as it can without waiting, up to most, and gives everything back.
func (h *house) takeAll(most int) int {
	var leases []*account.Lease
	for len(leases) < most && h.Explain(account.Want{}).Next != 0 {
		leases = append(leases, h.lease(account.Want{}))
	}
	for _, lease := range leases {
		lease.Done(fault.New(fault.Canceled, "the client left"))
	}
	return len(leases)
}

func TestRequestsOfAnAccountKeepTheirDistance(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.edit(id, account.EnvelopeEdit{SpacingMS: ptr(2000)})
		var mu sync.Mutex
		var began []time.Duration
		start := time.Now()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				lease := h.lease(account.Want{})
				mu.Lock()
				began = append(began, time.Since(start))
				mu.Unlock()
				lease.Done(nil)
			})
		}
		all.Wait()
		if fmt.Sprint(began) != "[0s 2s 4s 6s]" {
			t.Errorf("they began at %v", began)
		}
	})
}

func TestADaysCeilingHoldsOverARestartAndEndsAtMidnight(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		time.Sleep(20 * time.Hour)
		id := h.add("one", 0, 0)
		h.edit(id, account.EnvelopeEdit{DailyCredits: ptr(5.0)})
		for _, credits := range []float64{3, 0, 1} { // an answer without a price counts as one
			lease := h.lease(account.Want{})
			lease.Spend(credits)
			lease.Done(nil)
		}
		if view := h.view(id); view.CreditsToday != 5 || view.Load != (account.Load{Share: 1, Of: account.AtCeiling}) {
			t.Errorf("it spent %g, load %+v", view.CreditsToday, view.Load)
		}
		h.reopen()
		if f := h.refusal(account.Want{}); f.Kind != fault.Exhausted || f.RetryAfter != 4*time.Hour {
			t.Errorf("after a restart: %v, %s", f, f.RetryAfter)
		}
		time.Sleep(4 * time.Hour)
		h.serve(account.Want{}, nil)
		if view := h.view(id); view.CreditsToday != 0 {
			t.Errorf("on the next day it has spent %g", view.CreditsToday)
		}
	})
}

func TestPriorityComesFirstAndWeightsShareTheRest(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		spare, light, heavy := h.add("spare", 0, 0), h.add("light", 0, 0), h.add("heavy", 0, 0)
		h.edit(light, account.EnvelopeEdit{Priority: ptr(5)})
		h.edit(heavy, account.EnvelopeEdit{Priority: ptr(5), Weight: ptr(3)})
		served := map[int64]int{}
		for range 40 {
			served[h.serve(account.Want{}, nil)]++
		}
		if served[spare] != 0 || served[light] != 10 || served[heavy] != 30 {
			t.Errorf("they served %v", served)
		}
		if id := h.serve(account.Want{Exclude: []int64{light, heavy}}, nil); id != spare {
			t.Errorf("account %d stood in", id)
		}
	})
}

func TestASuspensionSlowsThePoolDownForAnHourOverARestart(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("locked", 0, 0)
		other := h.add("other", 8, 0)
		h.serve(account.Want{Exclude: []int64{other}}, fault.New(fault.Suspended, "locked"))
		synctest.Wait()
		h.reopen()
		if got := h.takeAll(20); got != 2 {
			t.Errorf("%d requests may run at a time", got)
		}
		for range 2 {
			h.serve(account.Want{}, nil)
		}
		if e := h.Explain(account.Want{}); e.Verdicts[0].By != account.AtRate && e.Verdicts[1].By != account.AtRate {
			t.Errorf("half of 8 requests a minute were not the limit: %+v", e.Verdicts)
		}
		h.Relax()
		if e := h.Explain(account.Want{}); e.Next != other || !e.Caution.SlowUntil.IsZero() {
			t.Errorf("the user's word did not end it: %+v", e)
		}
		h.reopen()
		if e := h.Explain(account.Want{}); !e.Caution.SlowUntil.IsZero() {
			t.Errorf("a restart brought it back: %+v", e.Caution)
		}
	})
}

func TestAPauseOfThePoolThatEndedInASuspensionSurvivesARestart(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		for i := range 3 {
			h.serve(account.Want{}, fault.New(fault.Suspicious, "suspicious activity"))
			if i < 2 {
				time.Sleep(h.refusal(account.Want{}).RetryAfter)
			}
		}
		if h.health(1).Status != account.Suspended {
			t.Fatalf("it is %+v", h.health(1))
		}
		synctest.Wait()
		h.reopen()
		if f := h.refusal(account.Want{}); f.Kind != fault.Suspicious || f.RetryAfter != 30*time.Minute {
			t.Errorf("%v, %s", f, f.RetryAfter)
		}
	})
}

func TestWhenTheBreakerHasTakenEveryAccountTheLeastBadServes(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one, two := h.add("one", 0, 0), h.add("two", 0, 0)
		outage := fault.New(fault.Unavailable, "HTTP 503")
		for range 5 {
			h.serve(account.Want{Exclude: []int64{two}}, outage)
		}
		if h.health(one).Status != account.CoolingDown {
			t.Fatal("the breaker did not open")
		}
		h.serve(account.Want{}, fault.New(fault.Throttled, "slow down"))
		lease := h.lease(account.Want{})
		if lease.Account().ID != one || lease.Choice().Ground != account.ByLeastBad {
			t.Errorf("account %d serves by %s", lease.Account().ID, lease.Choice().Ground)
		}
		if f := h.refusal(account.Want{}); f.Kind != fault.Throttled {
			t.Errorf("a second request went to a broken account: %v", f)
		}
		lease.Done(nil)
	})
}

func TestMostRequestsFailingOpensTheBreakerThoughSomeSucceed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one, two := h.add("one", 0, 0), h.add("two", 0, 0)
		only := account.Want{Exclude: []int64{two}}
		for i := range 10 {
			if h.health(one).Status != account.Ready {
				t.Fatalf("the breaker opened after %d requests", i)
			}
			if i%3 == 2 {
				h.serve(only, nil)
			} else {
				h.serve(only, fault.New(fault.Unavailable, "HTTP 503"))
			}
		}
		if h.health(one).Status != account.CoolingDown {
			t.Error("7 of 10 failed within a minute, and the account is still in use")
		}
	})
}

func TestTheLeastBadAccountKeepsItsCeilingAndServingEndsItsRest(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one, two := h.add("one", 0, 0), h.add("two", 0, 0)
		for _, id := range []int64{one, two} {
			h.edit(id, account.EnvelopeEdit{DailyCredits: ptr(10.0)})
			for range 5 {
				h.serve(account.Want{Exclude: []int64{one + two - id}}, fault.New(fault.Unavailable, "HTTP 503"))
			}
		}
		if h.health(one).Status != account.CoolingDown {
			t.Fatalf("the breaker is closed: %+v", h.health(one))
		}
		h.serve(account.Want{}, fault.New(fault.Throttled, "slow down")) // the other one is not to be had
		lease := h.lease(account.Want{})
		lease.Spend(10)
		lease.Done(nil)
		if health := h.health(one); lease.Account().ID != one || health.Status != account.Ready {
			t.Errorf("account %d served, account 1 is %+v", lease.Account().ID, health)
		}
		if e := h.Explain(account.Want{}); e.Next != 0 {
			t.Errorf("an account at its ceiling would serve: %+v", e)
		}
	})
}

func TestARequestIsServedAsSoonAsAnyAccountIsBack(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		busy, spent := h.add("busy", 0, 1), h.add("spent", 0, 0)
		h.edit(spent, account.EnvelopeEdit{DailyCredits: ptr(1.0)})
		time.Sleep(time.Until(time.Date(2000, 1, 1, 23, 59, 40, 0, time.UTC)))
		lease := h.lease(account.Want{Exclude: []int64{busy}})
		lease.Spend(5)
		lease.Done(nil)
		running := h.lease(account.Want{})
		asked := time.Now()
		h.lease(account.Want{}).Done(nil)
		if waited := time.Since(asked); waited != 20*time.Second {
			t.Errorf("it waited %s; the day ended after 20s", waited)
		}
		running.Done(nil)
	})
}

func TestTheEndOfThePoolsSlownessWakesWhoeverWaitsForIt(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("bad", 0, 0)
		h.add("good", 0, 0)
		h.serve(account.Want{Exclude: []int64{2}}, fault.New(fault.Suspended, "no"))
		for range 10 {
			h.serve(account.Want{}, nil)
		}
		for _, v := range h.Explain(account.Want{}).Verdicts {
			if v.By == account.AtRate && v.Reason != "It is at its 10 requests a minute." {
				t.Errorf("it says %q", v.Reason)
			}
		}
		time.Sleep(time.Hour - 5*time.Second)
		one, two := h.lease(account.Want{}), h.lease(account.Want{})
		asked := time.Now()
		h.lease(account.Want{}).Done(nil)
		if waited := time.Since(asked); waited != 5*time.Second {
			t.Errorf("it waited %s", waited)
		}
		one.Done(nil)
		two.Done(nil)
	})
}

func TestAClockThatIsSetBackDoesNotGiveADaysCreditsAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.edit(id, account.EnvelopeEdit{DailyCredits: ptr(5.0)})
		h.asleep.Store(int64(24 * time.Hour))
		lease := h.lease(account.Want{})
		lease.Spend(5)
		lease.Done(nil)
		h.asleep.Store(0)
		if e := h.Explain(account.Want{}); e.Next != 0 {
			t.Errorf("a day earlier it may spend again: %+v", e)
		}
		h.asleep.Store(int64(48 * time.Hour))
		if e := h.Explain(account.Want{}); e.Next != id {
			t.Errorf("a day later it may not: %+v", e)
		}
	})
}
