package account_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestTheSchedulerExplainsWhatItThenDoes(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for _, name := range []string{"cooling", "signed out", "busy", "tried", "lacking", "off", "fit"} {
			h.add(name, 0, 0)
		}
		only := func(id int64) account.Want {
			var others []int64
			for other := int64(1); other <= 7; other++ {
				if other != id {
					others = append(others, other)
				}
			}
			return account.Want{Exclude: others, Model: "claude-opus-4.5"}
		}
		h.serve(only(1), &fault.Error{Kind: fault.Throttled, RetryAfter: 42 * time.Second, Message: "Amazon asks to slow down."})
		h.serve(only(2), fault.New(fault.Credential, "Sign in again."))
		h.edit(3, account.EnvelopeEdit{MaxConcurrent: ptr(1)})
		running := h.lease(only(3))
		h.serve(only(5), fault.New(fault.ModelUnavailable, "no such model"))
		if _, err := h.Update(t.Context(), 6, account.Edit{Active: ptr(false)}); err != nil {
			t.Fatal(err)
		}
		want := account.Want{Model: "claude-opus-4.5", Exclude: []int64{4}}
		explained := h.Explain(want)
		got := map[string]string{}
		for _, v := range explained.Verdicts {
			got[v.Account] = fmt.Sprint(v.By, " ", time.Until(v.Until) == 42*time.Second, " ", v.Reason)
		}
		if expected := map[string]string{
			"cooling": "cooling_down true Amazon asks to slow down.", "signed out": "needs_sign_in false Sign in again.",
			"busy": "concurrency false 1 requests are running on it, as many as it may have.", "tried": "tried false This request tried it already.",
			"lacking": "lacks_model false It does not have this model.", "off": "disabled false It is switched off.", "fit": " false ",
		}; !reflect.DeepEqual(got, expected) {
			t.Errorf("the scheduler says %v", got)
		}
		if lease := h.lease(want); lease.Account().ID != explained.Next || explained.Next != 7 {
			t.Errorf("account %d was announced, %d served", explained.Next, lease.Account().ID)
		}
		running.Done(nil)
	})
}

func TestWhyAnAccountWasUsedNamesThoseWhoseTurnItWas(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("a", 0, 0)
		b := h.add("b", 0, 0)
		h.serve(account.Want{Session: "s"}, nil)
		h.lease(account.Want{Session: "s"}).Done(&fault.Error{Kind: fault.Throttled, RetryAfter: 42 * time.Second, Message: "slow down"})
		lease := h.lease(account.Want{Session: "s"})
		if want := (account.Choice{Ground: account.ByTurn, PassedOver: []account.PassedOver{
			{Account: "a", By: account.Hindrance(account.CoolingDown), Kind: fault.Throttled, Wait: 42 * time.Second},
		}}); lease.Account().ID != b || !reflect.DeepEqual(lease.Choice(), want) {
			t.Errorf("account %d: %+v", lease.Account().ID, lease.Choice())
		}
		lease.Done(nil)
		if again := h.lease(account.Want{Session: "s"}); again.Choice().Ground != account.BySession || again.Choice().PassedOver != nil {
			t.Errorf("the session's account: %+v", again.Choice())
		}
	})
}

func TestAnAccountThatIsOnlyBusyKeepsItsSessions(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		home := h.add("home", 0, 1)
		h.add("other", 0, 0)
		mine := account.Want{Session: "s"}
		first := h.lease(account.Want{Session: "s", Exclude: []int64{2}})
		if id := h.serve(mine, nil); id == home {
			t.Fatal("two requests at a time on an account that takes one")
		}
		first.Done(nil)
		if id := h.serve(mine, nil); id != home {
			t.Errorf("the session moved to account %d for good", id)
		}
	})
}

func TestAskingTheSchedulerChangesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("a", 0, 0)
		h.add("b", 0, 0)
		first := h.Explain(account.Want{Session: "s"})
		for range 5 {
			if again := h.Explain(account.Want{Session: "s"}); !reflect.DeepEqual(again, first) {
				t.Fatalf("it says %+v, then %+v", first, again)
			}
		}
		if view := h.view(first.Next); view.CurrentRPM != 0 || view.InFlight != 0 {
			t.Errorf("asking counted: %+v", view)
		}
	})
}
