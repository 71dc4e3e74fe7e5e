package account_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestAPinnedRequestWaitsForItsAccountThoughAnotherIsFree(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		work, private := h.add("work", 0, 1), h.add("private", 0, 0)
		want := account.Want{Only: []int64{work}}
		running := h.lease(want)
		served := make(chan int64, 1)
		go func() { served <- h.serve(want, nil) }()
		synctest.Wait()
		select {
		case id := <-served:
			t.Fatalf("account %d served though the only one allowed was busy", id)
		default:
		}
		if id := h.serve(account.Want{}, nil); id != private {
			t.Errorf("a request without a pin waited with it, for account %d", id)
		}
		running.Done(nil)
		if id := <-served; id != work {
			t.Errorf("account %d served", id)
		}
	})
}

func TestAPinHoldsWhateverHappensToItsAccounts(t *testing.T) {
	for name, story := range map[string]struct {
		outcome error
		kind    fault.Kind
		says    string
	}{
		"throttled":   {&fault.Error{Kind: fault.Throttled, RetryAfter: time.Hour, Message: "Slow down."}, fault.Throttled, "Every account that this API key may use is resting. The first to return is work"},
		"exhausted":   {&fault.Error{Kind: fault.Exhausted, RetryAfter: time.Hour, Message: "Used up."}, fault.Exhausted, "Every account that this API key may use"},
		"signed out":  {fault.New(fault.Credential, "Sign in again."), fault.Credential, "No account that this API key may use can serve"},
		"suspended":   {fault.New(fault.Suspended, "Locked."), fault.Credential, "No account that this API key may use can serve"},
		"no model":    {fault.New(fault.ModelUnavailable, "Not here."), fault.ModelUnavailable, "None of the accounts that this API key may use has the model opus"},
		"gone":        {nil, fault.Credential, "are no longer there"},
		"tried twice": {nil, fault.Unavailable, "was tried without success"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				work := h.add("work", 0, 0)
				h.add("private", 0, 0)
				want := account.Want{Model: "opus", Only: []int64{work}}
				h.serve(want, story.outcome)
				switch name {
				case "gone":
					if err := h.Remove(t.Context(), work); err != nil {
						t.Fatal(err)
					}
				case "tried twice":
					want.Exclude = []int64{work}
				}
				if f := h.refusal(want); f.Kind != story.kind || !strings.Contains(f.Message, story.says) {
					t.Errorf("told %v", f)
				}
				if e := h.Explain(want); e.Next != 0 || e.Refusal == nil {
					t.Errorf("the scheduler says %+v", e)
				}
			})
		})
	}
}

func TestTheSchedulerSaysThatAKeyMayNotUseAnAccount(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		work, private := h.add("work", 0, 0), h.add("private", 0, 0)
		e := h.Explain(account.Want{Only: []int64{work}})
		for _, v := range e.Verdicts {
			if barred := v.AccountID == private; barred != (v.By == account.NotAllowed) || barred != (v.Reason == "This key may not use it.") {
				t.Errorf("%+v", v)
			}
		}
		if e.Next != work {
			t.Errorf("account %d is next", e.Next)
		}
		h.serve(account.Want{Only: []int64{private}}, nil)
		lease := h.lease(account.Want{Only: []int64{private}})
		defer lease.Done(nil)
		if passed := lease.Choice().PassedOver; len(passed) != 0 {
			t.Errorf("accounts that were never meant were passed over: %+v", passed)
		}
	})
}

// A session's name is the client's. Two keys may use the same one.
func TestASessionDoesNotLeadAroundAPin(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		work, private := h.add("work", 0, 0), h.add("private", 0, 0)
		for range 3 {
			for _, only := range []int64{work, private} {
				if id := h.serve(account.Want{Session: "s", Only: []int64{only}}, nil); id != only {
					t.Errorf("account %d served a request pinned to %d", id, only)
				}
			}
		}
	})
}

// When the breaker has taken every account, the least bad of them is used. That is no way around a pin either.
func TestTheLeastBadAccountIsOneOfThePinnedOnes(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		work, private := h.add("work", 0, 0), h.add("private", 0, 0)
		for range 5 {
			h.serve(account.Want{Only: []int64{private}}, outage)
		}
		h.serve(account.Want{Only: []int64{work}}, fault.New(fault.Suspended, "Locked."))
		if f := h.refusal(account.Want{Only: []int64{work}}); f.Kind != fault.Credential {
			t.Errorf("told %v", f)
		}
		if id := h.serve(account.Want{}, nil); id != private {
			t.Errorf("without a pin account %d is the least bad", id)
		}
	})
}

func TestTheModelsOfSomeAccounts(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("silent", 0, 0)
		if ids, complete := h.Pool().ModelsOf([]int64{1}); len(ids) != 0 || complete {
			t.Errorf("an account that told nothing has %v, %v", ids, complete)
		}
		if ids, complete := h.Pool().ModelsOf([]int64{99}); len(ids) != 0 || complete {
			t.Errorf("accounts that are gone have %v, %v", ids, complete)
		}
	})
}

// Whatever happens, and in whatever order, a pinned request is served by the accounts it is pinned to or not at all.
func TestAPinnedRequestIsNeverServedByAnotherAccount(t *testing.T) {
	faults := []error{
		nil, nil, nil, &fault.Error{Kind: fault.Throttled, RetryAfter: time.Minute, Message: "slow down"}, fault.New(fault.Unavailable, "cut"),
		fault.New(fault.Credential, "sign in"), fault.New(fault.ModelUnavailable, "no model"), fault.New(fault.Exhausted, "used up"),
	}
	rapid.Check(t, func(r *rapid.T) {
		inBubble(t, func(t *testing.T, h *house) {
			ids := []int64{h.add("a", 0, 2), h.add("b", 5, 0), h.add("c", 0, 0), h.add("d", 0, 0)}
			var out []*account.Lease
			for range rapid.IntRange(1, 40).Draw(r, "steps") {
				want := account.Want{
					Model: "m", Session: rapid.SampledFrom([]string{"", "s", "t"}).Draw(r, "session"),
					Only: rapid.SliceOfDistinct(rapid.SampledFrom(ids), rapid.ID[int64]).Draw(r, "only"),
				}
				if e := h.Explain(want); e.Next == 0 {
					time.Sleep(time.Duration(rapid.IntRange(0, 90).Draw(r, "seconds")) * time.Second)
					continue
				}
				lease := h.lease(want)
				if id := lease.Account().ID; len(want.Only) > 0 && !slices.Contains(want.Only, id) {
					r.Fatalf("account %d served a request pinned to %v", id, want.Only)
				}
				out = append(out, lease)
				if rapid.Bool().Draw(r, "end one") {
					out[0].Done(rapid.SampledFrom(faults).Draw(r, "outcome"))
					out = out[1:]
				}
			}
			for _, lease := range out {
				lease.Done(nil)
			}
		})
	})
}
