package account_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestTheLowestRateServesAndEqualsTakeTurns(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for _, name := range []string{"one", "two", "three"} {
			h.add(name, 0, 0)
		}
		order := ""
		for range 6 {
			order += fmt.Sprint(h.serve(account.Want{}, nil))
		}
		if order != "123123" {
			h.t.Errorf("the order was %s", order)
		}
		time.Sleep(time.Minute)
		h.serve(account.Want{Exclude: []int64{1, 2}}, nil)
		h.serve(account.Want{Exclude: []int64{1, 3}}, nil)
		h.serve(account.Want{Exclude: []int64{1, 3}}, nil)
		if id := h.serve(account.Want{}, nil); id != 1 {
			h.t.Errorf("account %d served; account 1 was idle for a minute", id)
		}
		if view := h.view(2); view.CurrentRPM != 2 || view.InFlight != 0 {
			h.t.Errorf("account 2 shows %d a minute, %d in flight", view.CurrentRPM, view.InFlight)
		}
	})
}

func TestASessionStaysWithItsAccountWhileThatIsReady(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		h.add("two", 0, 0)
		mine := account.Want{Session: "s"}
		first := h.serve(mine, nil)
		for range 3 {
			if id := h.serve(mine, nil); id != first {
				t.Errorf("the session moved from account %d to %d", first, id)
			}
		}
		h.serve(mine, fault.New(fault.Throttled, "slow down"))
		other := h.serve(mine, nil)
		if other == first {
			t.Error("the session waited for an account that is cooling down")
		}
		time.Sleep(time.Hour)
		if id := h.serve(mine, nil); id != other {
			t.Error("the session left the account that took it over")
		}
	})
}

func TestTheSessionThatWasQuietForTheLongestIsForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		faithful := h.serve(account.Want{Session: "faithful"}, nil)
		other := h.add("two", 0, 0)
		for i := range 5000 {
			h.serve(account.Want{Session: fmt.Sprint(i)}, nil)
			if i%1000 == 0 {
				for range 10 { // so that only memory speaks for this account
					h.serve(account.Want{Exclude: []int64{other}}, nil)
				}
				if id := h.serve(account.Want{Session: "faithful"}, nil); id != faithful {
					t.Fatalf("after %d other sessions the faithful one is on account %d", i, id)
				}
			}
		}
	})
}

func TestAModelAnAccountLacksIsAskedElsewhereForSixHours(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		h.add("two", 0, 0)
		opus := account.Want{Model: "claude-opus-4.5"}
		h.serve(opus, fault.New(fault.ModelUnavailable, "no such model"))
		for range 2 {
			if id := h.serve(opus, nil); id != 2 {
				t.Errorf("account %d served a model it lacks", id)
			}
		}
		h.serve(opus, fault.New(fault.ModelUnavailable, "no such model"))
		if f := h.refusal(opus); f.Kind != fault.ModelUnavailable {
			t.Errorf("the fault is %v", f)
		}
		if id := h.serve(account.Want{Model: "claude-haiku-4.5"}, nil); id == 0 {
			t.Error("another model is not served")
		}
		if _, err := h.Clear(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		if id := h.serve(opus, nil); id != 1 {
			t.Errorf("account %d served; account 1 was cleared", id)
		}
		time.Sleep(6 * time.Hour)
		if id := h.serve(account.Want{Model: opus.Model, Exclude: []int64{1}}, nil); id != 2 {
			t.Error("account 2 still counts as lacking the model")
		}
	})
}

func TestWhoeverCannotBeServedIsToldWhyAtOnce(t *testing.T) {
	off := false
	stories := []struct {
		name  string
		setup func(h *house)
		want  account.Want
		kind  fault.Kind
		retry time.Duration
	}{
		{"no account", func(*house) {}, account.Want{}, fault.Credential, 0},
		{"all switched off", func(h *house) {
			draft := h.draft("off")
			draft.Active = &off
			if _, err := h.Add(context.Background(), draft); err != nil {
				h.t.Fatal(err)
			}
		}, account.Want{}, fault.Credential, 0},
		{"all must sign in", func(h *house) {
			h.add("one", 0, 0)
			h.serve(account.Want{}, fault.New(fault.Credential, "no"))
		}, account.Want{}, fault.Credential, 0},
		{"the earliest return of two", func(h *house) {
			h.add("one", 0, 0)
			h.add("two", 0, 0)
			h.serve(account.Want{}, &fault.Error{Kind: fault.Throttled, RetryAfter: 90 * time.Second, Message: "slow down"})
			h.serve(account.Want{}, fault.New(fault.Refused, "no"))
			time.Sleep(10 * time.Second)
		}, account.Want{}, fault.Throttled, 80 * time.Second},
		{"a quota that comes back before anything else", func(h *house) {
			h.add("one", 0, 0)
			h.serve(account.Want{}, &fault.Error{Kind: fault.Exhausted, Until: time.Now().Add(5 * time.Hour), Message: "quota"})
		}, account.Want{}, fault.Exhausted, 5 * time.Hour},
		{"the only ready one was tried", func(h *house) { h.add("one", 0, 0) }, account.Want{Exclude: []int64{1}}, fault.Unavailable, 0},
		{"the tried one returns", func(h *house) {
			h.add("one", 0, 0)
			h.serve(account.Want{}, fault.New(fault.Throttled, "slow down"))
		}, account.Want{Exclude: []int64{1}}, fault.Throttled, 30 * time.Second},
		{"those that are on lack the model", func(h *house) {
			h.add("one", 0, 0)
			h.add("two", 0, 0)
			h.serve(account.Want{Model: "m"}, fault.New(fault.ModelUnavailable, "no"))
			if _, err := h.Update(context.Background(), 2, account.Edit{Active: &off}); err != nil {
				h.t.Fatal(err)
			}
		}, account.Want{Model: "m"}, fault.ModelUnavailable, 0},
	}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				story.setup(h)
				asked := time.Now()
				f := h.refusal(story.want)
				if f.Kind != story.kind || f.RetryAfter != story.retry || f.Message == "" {
					h.t.Errorf("the fault is %v, to be tried again after %s", f, f.RetryAfter)
				}
				if waited := time.Since(asked); waited != 0 {
					h.t.Errorf("the answer took %s", waited)
				}
			})
		})
	}
}
