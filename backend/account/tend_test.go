package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// oracle tells quotas and models, and notes when it was asked.
type oracle struct {
	mu     sync.Mutex
	quota  account.Quota
	models map[int64][]account.Model
	err    error
	asked  []string
	began  time.Time
	hold   chan struct{} // not nil: answers about models wait for it
}

func (o *oracle) note(what string, id int64) error {
	o.asked = append(o.asked, fmt.Sprintf("%s of %d after %s", what, id, time.Since(o.began).Round(time.Minute)))
	return o.err
}

// tell changes what it says from now on.
func (o *oracle) tell(quota account.Quota) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.quota = quota
}

func (o *oracle) Quota(_ context.Context, c account.Credential) (account.Quota, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.note("quota", c.AccountID); err != nil {
		return account.Quota{}, err
	}
	told := o.quota
	told.At = time.Now()
	return told, nil
}

func (o *oracle) Models(_ context.Context, c account.Credential) ([]account.Model, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	told, hold := o.models[c.AccountID], o.hold
	if err := o.note("models", c.AccountID); err != nil {
		return nil, err
	}
	if hold != nil {
		o.mu.Unlock()
		<-hold
		o.mu.Lock()
	}
	return told, nil
}

// forget drops what was noted and says what it was.
func (o *oracle) forget() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	noted := o.asked
	o.asked = nil
	return noted
}

// inCare is inBubble with somebody to ask, or nobody, and the background care running. The story moves on once nothing is under way.
func inCare(t *testing.T, o *oracle, story func(t *testing.T, h *house)) {
	t.Helper()
	inBubble(t, func(t *testing.T, h *house) {
		if o != nil {
			o.began = time.Now()
			h.oracle = o
			h.reopen()
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.Tend(ctx, nil)
		}()
		story(t, h)
		stop()
		<-done
	})
}

func TestAnAccountIsAskedAboutItselfSoonAndThenSeldom(t *testing.T) {
	o := &oracle{quota: account.Quota{Plan: "FREE", Email: "me@example.com", Used: ptr(10.0), Limit: ptr(50.0)}, models: map[int64][]account.Model{1: {{ID: "claude-sonnet-4"}}}}
	inCare(t, o, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		if len(o.forget()) != 0 {
			t.Error("adding an account asked about it")
		}
		time.Sleep(time.Minute)
		if asked := o.forget(); fmt.Sprint(asked) != "[quota of 1 after 1m0s models of 1 after 1m0s]" {
			t.Errorf("at first it was asked %v", asked)
		}
		view := h.view(id)
		if left, known := view.Quota.Left(); !known || left != 40 || view.Quota.Plan != "FREE" || len(view.Models) != 1 {
			t.Errorf("it shows %+v, %v", view.Quota, view.Models)
		}
		if email := h.view(id).Email; email != "me@example.com" {
			t.Errorf("its e-mail address is %q", email)
		}
		time.Sleep(59 * time.Minute)
		if asked := o.forget(); len(asked) != 0 {
			t.Errorf("an idle account was asked again within the hour: %v", asked)
		}
		time.Sleep(7 * time.Hour)
		asked := o.forget()
		if quotas := slices.DeleteFunc(slices.Clone(asked), func(s string) bool { return s[0] != 'q' }); len(quotas) != 7 || len(asked) != 8 {
			t.Errorf("in 7 more hours it was asked %v", asked)
		}
	})
}

func TestAnAccountInUseIsAskedEveryQuarterOfAnHour(t *testing.T) {
	o := &oracle{models: map[int64][]account.Model{1: {{ID: "m"}}}}
	inCare(t, o, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		time.Sleep(5 * time.Minute)
		o.forget()
		for range 60 {
			h.serve(account.Want{}, nil)
			time.Sleep(time.Minute)
		}
		if asked := o.forget(); len(asked) != 3 && len(asked) != 4 {
			t.Errorf("in an hour of use it was asked %v", asked)
		}
	})
}

func TestAnAccountThatTheProviderRestrictsIsNotAsked(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Suspended, fault.Credential, fault.Throttled, fault.Suspicious} {
		o := &oracle{}
		inCare(t, o, func(t *testing.T, h *house) {
			h.add("one", 0, 0)
			h.serve(account.Want{}, &fault.Error{Kind: kind, RetryAfter: time.Hour, Message: "no"})
			time.Sleep(50 * time.Minute)
			if asked := o.forget(); len(asked) != 0 {
				t.Errorf("%s: %v", kind, asked)
			}
		})
	}
}

func TestASuspensionThatOnlyTheQuotaCallMeetsCounts(t *testing.T) {
	inCare(t, &oracle{err: fault.New(fault.Suspended, "locked")}, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		time.Sleep(2 * time.Minute)
		if health := h.health(id); health.Status != account.Suspended {
			t.Errorf("it is %+v", health)
		}
	})
}

func TestWhatTheProviderDoesNotTellIsUnknownAndNobodysFault(t *testing.T) {
	o := &oracle{err: fault.New(fault.Throttled, "slow down")}
	inCare(t, o, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		time.Sleep(time.Hour)
		view := h.view(id)
		if _, known := view.Quota.Left(); known || !view.Quota.At.IsZero() || view.Health.Status != account.Ready {
			t.Errorf("it shows %+v, %+v", view.Quota, view.Health)
		}
		if asked := o.forget(); len(asked) < 3 || len(asked) > 5 {
			t.Errorf("within an hour it was asked %v", asked)
		}
	})
}

func TestAnExhaustedAccountReturnsWhenItsProviderSaysAndIsLookedAtDaily(t *testing.T) {
	inCare(t, &oracle{}, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		time.Sleep(time.Hour)
		reset := time.Now().Add(10 * 24 * time.Hour)
		h.oracle.tell(account.Quota{Used: ptr(50.0), Limit: ptr(50.0), ResetsAt: reset})
		h.serve(account.Want{}, &fault.Error{Kind: fault.Exhausted, Until: time.Now().Add(25 * 24 * time.Hour), Message: "quota"})
		time.Sleep(time.Minute)
		if health := h.health(id); health.Status != account.Exhausted || !health.Until.Equal(reset) {
			t.Errorf("it is %+v, want it back at %s", health, reset)
		}
		h.oracle.tell(account.Quota{Used: ptr(50.0), Limit: ptr(1000.0), ResetsAt: reset}) // somebody bought more
		time.Sleep(25 * time.Hour)
		if health := h.health(id); health.Status != account.Ready {
			t.Errorf("a day after more was bought it is %+v", health)
		}
	})
}

func TestAModelThatAnAccountsListLacksIsNotAskedOfIt(t *testing.T) {
	o := &oracle{models: map[int64][]account.Model{1: {{ID: "sonnet"}}, 2: {{ID: "sonnet"}, {ID: "opus"}}}}
	inCare(t, o, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		two := h.add("two", 0, 0)
		if ids, complete := h.Pool().Models(); len(ids) != 0 || complete {
			t.Errorf("before anybody told: %v, %v", ids, complete)
		}
		h.serve(account.Want{Model: "opus", Exclude: []int64{two}}, nil) // unknown is worth a try
		time.Sleep(2 * time.Minute)
		for range 3 {
			if id := h.serve(account.Want{Model: "opus"}, nil); id != two {
				t.Errorf("account %d was asked for a model it lacks", id)
			}
		}
		if ids, complete := h.Pool().Models(); fmt.Sprint(ids) != "[sonnet opus]" || !complete {
			t.Errorf("together they have %v, %v", ids, complete)
		}
		if f := h.refusal(account.Want{Model: "opus", Exclude: []int64{two}}); f.Kind != fault.ModelUnavailable && f.Kind != fault.Unavailable {
			t.Errorf("the fault is %v", f)
		}
		if _, err := h.Update(t.Context(), two, account.Edit{Active: ptr(false)}); err != nil {
			t.Fatal(err)
		}
		if f := h.refusal(account.Want{Model: "opus"}); f.Kind != fault.ModelUnavailable {
			t.Errorf("the fault is %v", f)
		}
	})
}

func TestTheReserveOfAQuotaIsHeldBack(t *testing.T) {
	reset := 10 * 24 * time.Hour
	o := &oracle{quota: account.Quota{Used: ptr(45.0), Limit: ptr(50.0)}}
	inCare(t, o, func(t *testing.T, h *house) {
		o.tell(account.Quota{Used: ptr(45.0), Limit: ptr(50.0), ResetsAt: time.Now().Add(reset)})
		id := h.add("one", 0, 0)
		time.Sleep(2 * time.Minute)
		h.serve(account.Want{}, nil)
		h.edit(id, account.EnvelopeEdit{ReserveCredits: ptr(5.0)})
		if f := h.refusal(account.Want{}); f.Kind != fault.Exhausted || f.RetryAfter != reset-2*time.Minute {
			t.Errorf("%v, %s", f, f.RetryAfter)
		}
		o.tell(account.Quota{Used: ptr(45.0), Limit: ptr(50.0)}) // unknown: then with the next month
		time.Sleep(2 * time.Hour)
		if f := h.refusal(account.Want{}); f.Kind != fault.Exhausted || f.RetryAfter < 20*24*time.Hour {
			t.Errorf("without a date of the reset: %v, %s", f, f.RetryAfter)
		}
	})
}

func TestTokensInUseAreRenewedBeforeAnybodyNeedsThem(t *testing.T) {
	inCare(t, nil, func(t *testing.T, h *house) {
		h.add("used", 0, 0)
		h.add("idle", 0, 0)
		lease := h.lease(account.Want{Exclude: []int64{2}})
		if _, err := lease.Credential(t.Context()); err != nil {
			t.Fatal(err)
		}
		lease.Done(nil)
		time.Sleep(50 * time.Minute)
		if renewals, reuses := h.amazon.counts(); renewals != 2 || reuses != 0 {
			t.Errorf("%d renewals, %d reuses", renewals, reuses)
		}
	})
}

func TestAfterASleepTokensAreRenewedOneAfterAnotherAndOutagesForgotten(t *testing.T) {
	inCare(t, &oracle{}, func(t *testing.T, h *house) {
		const accounts = 20
		var mu sync.Mutex
		var renewed []time.Time
		for i := range accounts {
			h.add(fmt.Sprint(i), 0, 0)
		}
		for range accounts {
			lease := h.lease(account.Want{})
			if _, err := lease.Credential(t.Context()); err != nil {
				t.Fatal(err)
			}
			lease.Done(nil)
		}
		for range 5 {
			h.lease(account.Want{Session: "one"}).Done(fault.New(fault.Unavailable, "HTTP 503"))
		}
		synctest.Wait()
		before, _ := h.amazon.counts()
		h.amazon.onRenewal(func() {
			mu.Lock()
			defer mu.Unlock()
			renewed = append(renewed, time.Now())
		})
		h.asleep.Store(int64(8 * time.Hour))
		time.Sleep(time.Minute)
		synctest.Wait()
		after, reuses := h.amazon.counts()
		if after-before != accounts || reuses != 0 {
			t.Errorf("%d renewals, %d reuses", after-before, reuses)
		}
		if spread := renewed[len(renewed)-1].Sub(renewed[0]); spread < 10*time.Second {
			t.Errorf("all tokens were renewed within %s", spread)
		}
		for id := range int64(accounts) {
			if health := h.health(id + 1); health.Status != account.Ready {
				t.Errorf("account %d is %+v", id+1, health)
			}
		}
	})
}

func TestWhatTheVaultWouldNotGiveUpIsRemovedOnceItOpens(t *testing.T) {
	inCare(t, nil, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.vault.lock(errors.New("the keychain is locked"))
		if err := h.Remove(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Minute)
		h.vault.lock(nil)
		time.Sleep(2 * time.Minute)
		h.expectTidy("after the vault opened")
		if rows, err := h.db.Accounts().Rows(t.Context()); err != nil || len(rows) != 0 {
			t.Errorf("%d rows are left, %v", len(rows), err)
		}
	})
}

func TestAnAccountThatMovesToAnotherServiceLeavesItsQuotaAndModelsBehind(t *testing.T) {
	o := &oracle{
		quota:  account.Quota{Plan: "Q", Email: "old@example.com", Used: ptr(50.0), Limit: ptr(50.0), ResetsAt: time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)},
		models: map[int64][]account.Model{1: {{ID: "old-model"}}},
	}
	inCare(t, o, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		time.Sleep(2 * time.Minute)
		h.serve(account.Want{}, fault.New(fault.Exhausted, "used up"))
		time.Sleep(time.Minute)
		o.mu.Lock()
		o.quota = account.Quota{Plan: "KIRO"}
		o.models[1] = []account.Model{{ID: "new-model"}}
		o.mu.Unlock()
		signed, kiro, unknown := h.amazon.signIn(), account.Kiro, ""
		if _, err := h.Update(t.Context(), id, account.Edit{
			Service: &kiro, Email: &unknown, RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret,
		}); err != nil {
			t.Fatal(err)
		}
		if view := h.view(id); view.Health.Status != account.Ready || len(view.Models) != 0 || !view.Quota.At.IsZero() {
			t.Errorf("at once it is %+v with %v and %+v", view.Health, view.Models, view.Quota)
		}
		time.Sleep(time.Minute)
		if view := h.view(id); view.Quota.Plan != "KIRO" || len(view.Models) != 1 || view.Models[0].ID != "new-model" || view.Email != "" {
			t.Errorf("a minute later it shows %+v, %v, %q", view.Quota, view.Models, view.Email)
		}
		h.serve(account.Want{Model: "new-model"}, nil)
	})
}

func TestAnAnswerAboutWhoTheAccountWasIsNotTakenForTheNewOne(t *testing.T) {
	o := &oracle{quota: account.Quota{Email: "old@example.com"}, models: map[int64][]account.Model{1: {{ID: "old-model"}}}}
	inCare(t, o, func(t *testing.T, h *house) {
		o.hold = make(chan struct{})
		id := h.add("one", 0, 0)
		done := make(chan error)
		go func() {
			_, err := h.Check(context.Background(), id)
			done <- err
		}()
		synctest.Wait() // the answer is on its way
		signed, kiro := h.amazon.signIn(), account.Kiro
		if _, err := h.Update(t.Context(), id, account.Edit{Service: &kiro, RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret}); err != nil {
			t.Fatal(err)
		}
		o.mu.Lock()
		o.models = nil
		o.mu.Unlock()
		close(o.hold)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if view := h.view(id); view.Email != "" || len(view.Models) != 0 {
			t.Errorf("it shows %q, %v", view.Email, view.Models)
		}
	})
}

func TestATokenThatNoRequestUsesIsNotRenewedForEver(t *testing.T) {
	o := &oracle{models: map[int64][]account.Model{1: {{ID: "m"}}}}
	inCare(t, o, func(t *testing.T, h *house) {
		h.amazon.lifetime = 20 * time.Minute
		h.add("one", 0, 0)
		time.Sleep(5 * 24 * time.Hour)
		asked := 0
		for _, what := range o.forget() {
			if what[0] == 'q' {
				asked++
			}
		}
		if renewals, _ := h.amazon.counts(); renewals > asked+1 {
			t.Errorf("%d renewals for %d askings", renewals, asked)
		}
	})
}

func TestALongRoundOfCareIsNotTakenForASleep(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		ctx, stop := context.WithCancel(context.Background())
		done, slept := make(chan struct{}), 0
		go func() {
			defer close(done)
			h.Tend(ctx, func() { slept++ })
		}()
		var ids []int64
		for i := range 12 {
			ids = append(ids, h.add(fmt.Sprint(i), 0, 0))
		}
		h.vault.lock(errors.New("the keychain is locked"))
		for _, id := range ids {
			if err := h.Remove(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		h.vault.lock(nil)
		h.vault.slow(3 * time.Second)
		time.Sleep(10 * time.Minute)
		stop()
		<-done
		h.vault.slow(0)
		if slept > 0 {
			t.Errorf("%d sleeps of a computer that was awake", slept)
		}
		h.expectTidy("after the slow removals")
	})
}

func TestWhatWasSpentIsWrittenDownOnceTheDiskAllows(t *testing.T) {
	inCare(t, nil, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		lease := h.lease(account.Want{})
		lease.Spend(5)
		lease.Done(nil)
		synctest.Wait()
		h.fate.strike(1, killed)
		time.Sleep(20 * time.Second)
		h.fate.strike(0, "")
		time.Sleep(20 * time.Second)
		if spent, err := h.db.Accounts().Spending(t.Context(), time.Now().Unix()/86400); err != nil || spent[id] != 5 {
			t.Errorf("%v, %v", spent, err)
		}
	})
}
