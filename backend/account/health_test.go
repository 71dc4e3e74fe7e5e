package account_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// outage is a failure that Amazon itself answered with.
var outage = fault.Wrap(fault.Unavailable, errors.New("status 500"), "Amazon Q has a problem.")

func TestWhatEachFaultDoesToAnAccount(t *testing.T) {
	month := func(now time.Time) time.Duration {
		return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC).Sub(now)
	}
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when a bubble begins
	stories := []struct {
		fault  *fault.Error
		status account.Status
		rest   time.Duration // 0 does not end by itself
	}{
		{nil, account.Ready, 0},
		{&fault.Error{Kind: fault.Throttled}, account.CoolingDown, 30 * time.Second},
		{&fault.Error{Kind: fault.Throttled, RetryAfter: 7 * time.Second}, account.CoolingDown, 7 * time.Second},
		{&fault.Error{Kind: fault.Exhausted, Until: start.Add(24 * time.Hour)}, account.Exhausted, 24 * time.Hour},
		{&fault.Error{Kind: fault.Exhausted}, account.Exhausted, month(start)},
		{&fault.Error{Kind: fault.Exhausted, Until: start.Add(-time.Hour)}, account.Exhausted, month(start)},
		{&fault.Error{Kind: fault.Credential}, account.NeedsSignIn, 0},
		{&fault.Error{Kind: fault.Suspended}, account.Suspended, 0},
		{&fault.Error{Kind: fault.Suspicious}, account.CoolingDown, 10 * time.Minute},
		{&fault.Error{Kind: fault.Suspicious, RetryAfter: time.Hour}, account.CoolingDown, time.Hour},
		{&fault.Error{Kind: fault.Refused}, account.CoolingDown, 5 * time.Minute},
		{&fault.Error{Kind: fault.ModelUnavailable}, account.Ready, 0},
		{&fault.Error{Kind: fault.Unavailable}, account.Ready, 0},
		{&fault.Error{Kind: fault.Overloaded}, account.Ready, 0},
		{&fault.Error{Kind: fault.Offline}, account.Ready, 0},
		{&fault.Error{Kind: fault.Invalid}, account.Ready, 0},
		{&fault.Error{Kind: fault.TooLong}, account.Ready, 0},
		{&fault.Error{Kind: fault.Canceled}, account.Ready, 0},
		{&fault.Error{Kind: fault.Internal}, account.Ready, 0},
	}
	for _, story := range stories {
		name := "success"
		if story.fault != nil {
			name = fmt.Sprintf("%s %s", story.fault.Kind, story.rest)
			story.fault.Message = "what the provider said"
		}
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				id := h.add("one", 0, 0)
				h.serve(account.Want{}, asError(story.fault))
				health := h.health(id)
				if health.Status != story.status {
					t.Fatalf("the status is %s", health.Status)
				}
				if story.status == account.Ready {
					return
				}
				if health.Kind != story.fault.Kind || health.Reason != story.fault.Message || health.Error != story.fault.Message || !health.CheckedAt.Equal(start) {
					t.Errorf("the health is %+v", health)
				}
				if story.rest == 0 {
					time.Sleep(365 * 24 * time.Hour)
					if got := h.health(id).Status; got != story.status || !health.Until.IsZero() {
						t.Errorf("a year later it is %s", got)
					}
					return
				}
				time.Sleep(story.rest - time.Nanosecond)
				if h.health(id).Status != story.status {
					t.Error("it recovered too early")
				}
				time.Sleep(time.Nanosecond)
				if got := h.health(id); got.Status != account.Ready || !got.Until.IsZero() || got.Reason != "" {
					t.Errorf("afterwards it is %+v", got)
				}
			})
		})
	}
}

// asError keeps a nil fault from becoming an error that is not nil.
func asError(f *fault.Error) error {
	if f == nil {
		return nil
	}
	return f
}

func TestThrottlesInARowRestLongerUntilASuccess(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		throttled := fault.New(fault.Throttled, "slow down")
		rest := func() time.Duration {
			h.serve(account.Want{}, throttled)
			rest := time.Until(h.health(id).Until)
			time.Sleep(rest)
			return rest
		}
		for i, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
			if got := rest(); got != want {
				t.Errorf("throttle %d rests %s, want %s", i+1, got, want)
			}
		}
		h.reopen()
		if got := rest(); got != 5*time.Minute {
			t.Errorf("after a start of the program it rests %s", got)
		}
		h.serve(account.Want{}, nil)
		if got := rest(); got != 30*time.Second {
			t.Errorf("after a success it rests %s", got)
		}
	})
}

func TestRequestsThrottledTogetherAreOneThrottle(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		var leases []*account.Lease
		for range 4 {
			leases = append(leases, h.lease(account.Want{}))
		}
		for _, lease := range leases {
			lease.Done(fault.New(fault.Throttled, "slow down"))
		}
		if rest := time.Until(h.health(id).Until); rest != 30*time.Second {
			t.Errorf("it rests %s", rest)
		}
	})
}

func TestWhatARequestBringsBackLateDoesNotUndoWhatHappenedSince(t *testing.T) {
	throttled, suspended := fault.New(fault.Throttled, "slow down"), fault.New(fault.Suspended, "locked")
	exhausted, refused := fault.New(fault.Exhausted, "quota"), fault.New(fault.Refused, "no")
	signIn := fault.New(fault.Credential, "invalid_grant")
	stories := []struct {
		name        string
		first, late error
		status      account.Status
		kind        fault.Kind
	}{
		{"a success does not end a cool-down", throttled, nil, account.CoolingDown, fault.Throttled},
		{"a success does not lift a suspension", suspended, nil, account.Suspended, fault.Suspended},
		{"a success does not fill a quota", exhausted, nil, account.Exhausted, fault.Exhausted},
		{"a success does not sign in", signIn, nil, account.NeedsSignIn, fault.Credential},
		{"a throttle does not shorten an exhaustion", exhausted, throttled, account.Exhausted, fault.Exhausted},
		{"a throttle does not shorten a refusal", refused, throttled, account.CoolingDown, fault.Refused},
		{"a quota does not end a need to sign in", signIn, exhausted, account.NeedsSignIn, fault.Credential},
		{"a need to sign in does not lift a suspension", suspended, signIn, account.Suspended, fault.Suspended},
		{"a suspension counts whenever it comes", throttled, suspended, account.Suspended, fault.Suspended},
		{"a refusal lengthens a throttle", throttled, refused, account.CoolingDown, fault.Refused},
	}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				id := h.add("one", 0, 0)
				early := h.lease(account.Want{})
				h.serve(account.Want{}, story.first)
				early.Done(story.late)
				if health := h.health(id); health.Status != story.status || health.Kind != story.kind {
					t.Errorf("the health is %+v", health)
				}
			})
		})
	}
}

func TestASuccessThatBeganBeforeAThrottleDoesNotForgiveIt(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		long := h.lease(account.Want{})
		h.serve(account.Want{}, fault.New(fault.Throttled, "slow down"))
		time.Sleep(30 * time.Second)
		if health := h.health(id); health.Status != account.Ready {
			t.Errorf("after its rest it is %+v", health)
		}
		long.Done(nil)
		h.serve(account.Want{}, fault.New(fault.Throttled, "slow down"))
		if rest := time.Until(h.health(id).Until); rest != time.Minute {
			t.Errorf("the second throttle rests %s", rest)
		}
	})
}

func TestAfterNewSecretsARefusalOfTheOldOnesIsIgnored(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		early := h.lease(account.Want{})
		h.serve(account.Want{}, fault.New(fault.Credential, "no"))
		signed := h.amazon.signIn()
		view, err := h.Update(context.Background(), id, account.Edit{RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret})
		if err != nil || view.Health.Status != account.Ready {
			t.Fatalf("after new secrets: %+v, %v", view.Health, err)
		}
		early.Done(fault.New(fault.Credential, "invalid_grant"))
		if health := h.health(id); health.Status != account.Ready {
			t.Errorf("the health is %+v", health)
		}
		h.reopen()
		if health := h.health(id); health.Status != account.Ready {
			t.Errorf("after a start the health is %+v", health)
		}
	})
}
