package account_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestTheBreakerTakesAnAccountThatFailsFiveTimesButNeverTheLastOne(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.close()
		h.jitter = func(limit time.Duration) time.Duration { return limit }
		if err := h.open(); err != nil {
			t.Fatal(err)
		}
		one, two := h.add("one", 0, 0), h.add("two", 0, 0)
		failing := account.Want{Exclude: []int64{two}}
		for i := range 5 {
			if h.health(one).Status != account.Ready {
				t.Fatalf("out after %d outages", i)
			}
			h.serve(failing, outage)
		}
		if rest := time.Until(h.health(one).Until); rest != 36*time.Second { // 30 seconds and a fifth
			t.Errorf("it rests %s", rest)
		}
		for range 20 {
			h.serve(account.Want{}, outage)
		}
		if got := h.health(two); got.Status != account.Ready || got.Error == "" {
			t.Errorf("the last account is %+v", got)
		}
		h.serve(account.Want{}, nil)
		time.Sleep(36 * time.Second)
		h.serve(failing, outage)
		if rest := time.Until(h.health(one).Until); rest != 72*time.Second {
			t.Errorf("the next time it rests %s", rest)
		}
		time.Sleep(72 * time.Second)
		h.serve(failing, nil)
		h.serve(failing, outage)
		if h.health(one).Status != account.Ready {
			t.Error("a success did not close the breaker")
		}
	})
}

func TestTheNetworkPunishesNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one, two := h.add("one", 0, 0), h.add("two", 0, 0)
		reset := fault.Wrap(fault.Unavailable, &net.OpError{Op: "read", Err: errors.New("connection reset")}, "Amazon Q could not be reached.")
		for range 30 {
			h.serve(account.Want{}, reset)
		}
		for _, id := range []int64{one, two} {
			if got := h.health(id); got.Status != account.Ready || got.Error == "" {
				t.Errorf("account %d is %+v", id, got)
			}
		}
	})
}

func TestSuspicionPausesThePoolLongerEachTimeAndTheThirdTimeWaitsForTheUser(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one, two := h.add("one", 0, 0), h.add("two", 0, 0)
		onlyOne := account.Want{Exclude: []int64{two}}
		suspicious := fault.New(fault.Suspicious, "suspicious activity")
		for i, want := range []time.Duration{10 * time.Minute, 20 * time.Minute} {
			together := h.lease(onlyOne)
			h.serve(onlyOne, suspicious)
			together.Done(suspicious)
			f := h.refusal(account.Want{})
			if f.Kind != fault.Suspicious || f.RetryAfter != want {
				t.Errorf("suspicion %d pauses for %s: %v", i+1, f.RetryAfter, f)
			}
			time.Sleep(f.RetryAfter - time.Nanosecond)
			h.refusal(account.Want{})
			time.Sleep(time.Nanosecond)
			h.serve(onlyOne, nil)
			time.Sleep(15 * time.Second) // it comes back step by step
		}
		h.serve(onlyOne, suspicious)
		if health := h.health(one); health.Status != account.Suspended || health.Kind != fault.Suspicious {
			t.Errorf("after the third time it is %+v", health)
		}
		synctest.Wait()
		time.Sleep(24 * time.Hour)
		h.reopen()
		if health := h.health(one); health.Status != account.Suspended {
			t.Errorf("after a start it is %+v", health)
		}
		if view, err := h.Check(context.Background(), one); err != nil || view.Health.Status != account.Suspended {
			t.Errorf("a check made it %+v, %v", view.Health, err)
		}
		if view, err := h.Clear(context.Background(), one); err != nil || view.Health.Status != account.Ready {
			t.Errorf("clearing made it %+v, %v", view.Health, err)
		}
		h.serve(onlyOne, nil)
	})
}

func TestHealthSurvivesAStart(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		resting := h.add("resting", 0, 0)
		h.serve(account.Want{}, fault.New(fault.Suspicious, "suspicious activity"))
		synctest.Wait()
		h.reopen()
		if f := h.refusal(account.Want{}); f.Kind != fault.Suspicious || f.RetryAfter != 10*time.Minute {
			t.Errorf("a start cut the pause short: %v, %s", f, f.RetryAfter)
		}
		h.close()
		time.Sleep(time.Hour)
		if err := h.open(); err != nil {
			t.Fatal(err)
		}
		if health := h.health(resting); health.Status != account.Ready || !health.Until.IsZero() {
			t.Errorf("a cool-down that ended meanwhile is %+v", health)
		}
		h.serve(account.Want{}, nil)
	})
}
