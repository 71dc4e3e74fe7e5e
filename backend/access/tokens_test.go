package access_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

func mustLimit(t *testing.T, f *fault.Error, limit string, wait time.Duration, says string) {
	t.Helper()
	if f == nil || f.Kind != fault.Limited || f.Limit != limit || f.RetryAfter != wait || !strings.Contains(f.Message, says) {
		t.Fatalf("got %+v, want limit %s, wait %v, %q", f, limit, wait, says)
	}
}

func TestTheEstimateIsHeldUntilTheRealCostIsKnown(t *testing.T) {
	w := newWorld(t)
	key, _ := w.createWith(access.Terms{TokensPerDay: new(int64(1000))})
	first, f := w.begin(key.ID, 600)
	if f != nil {
		t.Fatal(f)
	}
	_, f = w.begin(key.ID, 600)
	mustLimit(t, f, access.LimitTokensPerDay, time.Second, "hold what is left of its 1000 tokens per day")
	first.Spend(chat.Usage{Input: 100, Output: 50})
	first.Done()
	if view := w.get(key.ID); view.TokensToday != 150 || view.InFlight != 0 {
		t.Errorf("%d tokens counted, %d in flight", view.TokensToday, view.InFlight)
	}
	if !w.run(key.ID, 600, 700) || w.get(key.ID).TokensToday != 850 {
		t.Error("what was not used was not given back")
	}
	_, f = w.begin(key.ID, 151)
	mustLimit(t, f, access.LimitTokensPerDay, 12*time.Hour, "850 are used. Try again in 12h0m")
	if !f.Until.Equal(noon.Add(12 * time.Hour)) {
		t.Errorf("until %v", f.Until)
	}
	if !w.run(key.ID, 150, 150) || w.run(key.ID, 0, 0) {
		t.Error("the limit is not exact")
	}
	w.pass(12 * time.Hour)
	if !w.run(key.ID, 1000, 1) {
		t.Error("the next day is not free")
	}
}

func TestARequestThatFailsGivesItsEstimateBack(t *testing.T) {
	w := newWorld(t)
	key, _ := w.createWith(access.Terms{TokensPerDay: new(int64(1000)), BudgetTokens: new(int64(1000))})
	for range 50 {
		permit, f := w.begin(key.ID, 1000)
		if f != nil {
			t.Fatal(f)
		}
		permit.Done() // without a word on its cost
		permit.Done()
	}
	if view := w.get(key.ID); view.TokensToday != 0 || view.MonthTokens != 0 || view.InFlight != 0 || view.CurrentRPD != 50 {
		t.Errorf("afterwards it has %+v", view)
	}
}

func TestARequestThatCanNeverFitIsToldSo(t *testing.T) {
	w := newWorld(t)
	w.price = func(_ string, u chat.Usage) (float64, bool) { return float64(u.Input), true }
	w.load()
	for limit, terms := range map[string]access.Terms{
		"1000 a day":      {TokensPerDay: new(int64(1000))},
		"1000 a month":    {BudgetTokens: new(int64(1000))},
		"1000.00 a month": {BudgetCost: new(1000.0)},
	} {
		key, _ := w.createWith(terms)
		if _, f := w.begin(key.ID, 1001); f == nil || f.Kind != fault.Forbidden || !strings.Contains(f.Message, limit) || f.Limit == "" || f.RetryAfter != 0 {
			t.Errorf("%s: got %+v", limit, f)
		}
	}
}

func TestARequestCountsOnTheDayItBegan(t *testing.T) {
	w := newWorld(t)
	key, _ := w.createWith(access.Terms{TokensPerDay: new(int64(1000)), BudgetTokens: new(int64(5000))})
	w.now = time.Date(2026, 3, 31, 23, 59, 0, 0, time.UTC)
	permit, f := w.begin(key.ID, 500)
	if f != nil {
		t.Fatal(f)
	}
	w.pass(time.Hour)
	if view := w.get(key.ID); view.InFlight != 1 || !w.run(key.ID, 1000, 1000) {
		t.Errorf("the new day is not free: %+v", view)
	}
	permit.Spend(chat.Usage{Output: 900})
	permit.Done()
	if view := w.get(key.ID); view.TokensToday != 1000 || view.MonthTokens != 1000 {
		t.Errorf("in April there are %d and %d tokens", view.TokensToday, view.MonthTokens)
	}
}

func TestTheBudgetIsForAMonthAndWarnsBeforeItsEnd(t *testing.T) {
	w := newWorld(t)
	key, _ := w.createWith(access.Terms{BudgetTokens: new(int64(1000))})
	announced := w.changes
	w.run(key.ID, 10, 799)
	if view := w.get(key.ID); view.Budget.Warning || view.Budget.Used != 0.799 || w.changes != announced {
		t.Errorf("too early a warning: %+v, %d announcements", view.Budget, w.changes-announced)
	}
	w.run(key.ID, 10, 1)
	w.run(key.ID, 10, 1)
	if view := w.get(key.ID); !view.Budget.Warning || w.changes != announced+1 {
		t.Errorf("%+v, %d announcements", view.Budget, w.changes-announced)
	}
	w.pass(24 * time.Hour)
	_, f := w.begin(key.ID, 200)
	mustLimit(t, f, access.LimitBudget, 20*24*time.Hour+12*time.Hour, "monthly budget")
	w.pass(f.RetryAfter - 1)
	if w.run(key.ID, 200, 0) {
		t.Error("admitted before the month's end")
	}
	w.pass(1)
	if !w.run(key.ID, 1000, 900) || w.changes != announced+2 {
		t.Error("the new month is not free, or came without a warning of its own")
	}
}

func TestABudgetOfCost(t *testing.T) {
	w := newWorld(t)
	if _, _, err := w.Create(t.Context(), access.Draft{Name: "x", Terms: access.Terms{BudgetCost: new(1.0)}}); fault.Of(err) == nil || fault.Of(err).Param != "budget_cost" {
		t.Errorf("without prices: %v", err)
	}
	w.price = func(model string, u chat.Usage) (float64, bool) {
		return float64(u.Input)*3e-6 + float64(u.Output)*15e-6, model == "claude-sonnet-4.5"
	}
	w.load()
	key, _ := w.createWith(access.Terms{BudgetCost: new(0.01)})
	if !w.run(key.ID, 1000, 1000) {
		t.Fatal("refused")
	}
	if view := w.get(key.ID); view.MonthCost != 0.009 || !view.Budget.Warning {
		t.Errorf("the month costs %v, %+v", view.MonthCost, view.Budget)
	}
	if _, f := w.begin(key.ID, 334); f == nil || f.Limit != access.LimitBudget {
		t.Errorf("got %v", f)
	}
	if !w.run(key.ID, 333, 0) {
		t.Error("what fits was refused")
	}
	_, err := w.Admit(t.Context(), key.ID, access.Ask{Model: "new-model"})
	if f := fault.Of(err); f == nil || f.Kind != fault.Forbidden || !strings.Contains(f.Message, "new-model has no price") {
		t.Errorf("a model without a price: %v", err)
	}
}

func TestOnlySoManyRequestsRunAtOnce(t *testing.T) {
	w := newWorld(t)
	key, _ := w.createWith(access.Terms{MaxConcurrent: new(2)})
	first, _ := w.begin(key.ID, 0)
	second, _ := w.begin(key.ID, 0)
	_, f := w.begin(key.ID, 0)
	mustLimit(t, f, access.LimitConcurrent, time.Second, "2 requests running")
	if view := w.get(key.ID); view.InFlight != 2 || view.CurrentRPD != 2 {
		t.Errorf("%d in flight, %d counted", view.InFlight, view.CurrentRPD)
	}
	first.Done()
	first.Done()
	third, f := w.begin(key.ID, 0)
	if f != nil {
		t.Fatal(f)
	}
	if _, f := w.begin(key.ID, 0); f == nil {
		t.Error("a permit that is done twice makes room for two")
	}
	w.edit(key.ID, access.Edit{Terms: access.Terms{MaxConcurrent: new(0)}})
	fourth, f := w.begin(key.ID, 0)
	if f != nil || w.get(key.ID).InFlight != 3 {
		t.Errorf("without a cap: %v", f)
	}
	for _, permit := range []*access.Permit{second, third, fourth} {
		permit.Done()
	}
	if w.get(key.ID).InFlight != 0 {
		t.Error("not all are back")
	}
}

func TestOfSeveralLimitsTheOneThatLastsLongestIsNamed(t *testing.T) {
	w := newWorld(t)
	one := 1
	key, _, err := w.Create(t.Context(), access.Draft{Name: "tight", RequestsPerMinute: &one, RequestsPerDay: &one, Terms: access.Terms{MaxConcurrent: &one}})
	if err != nil {
		t.Fatal(err)
	}
	if _, f := w.begin(key.ID, 0); f != nil {
		t.Fatal(f)
	}
	_, f := w.begin(key.ID, 0)
	mustLimit(t, f, access.LimitRPD, 12*time.Hour, "1 requests per day")
}

func TestWorkersShareConcurrencyAndTokensExactly(t *testing.T) {
	const limit, workers, each = 7, 64, 40
	w := newWorld(t)
	key, _ := w.createWith(access.Terms{MaxConcurrent: new(limit), TokensPerDay: new(int64(workers * each * 10 / 2))})
	var mu sync.Mutex
	running, most, done := 0, 0, 0
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		running += by
		most = max(most, running)
		if by < 0 {
			done++
		}
	}
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for left := each; left > 0; {
				permit, f := w.begin(key.ID, 10)
				switch {
				case f == nil:
					count(1)
					permit.Spend(chat.Usage{Input: 4, Output: 6})
					count(-1)
					permit.Done()
					left--
				case f.Limit == access.LimitTokensPerDay && f.RetryAfter > time.Second:
					return
				}
			}
		})
	}
	working.Wait()
	if view := w.get(key.ID); most > limit || done != workers*each/2 || view.TokensToday != int64(done*10) || view.InFlight != 0 {
		t.Errorf("at most %d ran at once, %d ended, %d tokens, %d in flight", most, done, view.TokensToday, view.InFlight)
	}
	t.Logf("A17 | %d workers, %d at once, %d tokens a day: at most %d at once, %d tokens", workers, limit, done*10, most, done*10)
}

func TestTokensAreExactOverARestartAndStrictOverACrash(t *testing.T) {
	const limit = 100_000
	w := newWorld(t)
	key, _ := w.createWith(access.Terms{TokensPerDay: new(int64(limit)), BudgetTokens: new(int64(2 * limit))})
	spent := int64(0)
	for range 5 {
		for range 7 {
			w.run(key.ID, 100, 130) // more than was estimated
			spent += 130
		}
		if w.restart(); w.get(key.ID).TokensToday != spent || w.get(key.ID).MonthTokens != spent {
			t.Fatalf("after a restart %d tokens are counted, %d were spent", w.get(key.ID).TokensToday, spent)
		}
	}
	for range 5 {
		for range 7 {
			w.run(key.ID, 100, 130)
			spent += 130
		}
		_, _ = w.begin(key.ID, 100) // runs when the program dies
		w.load()
		if counted := w.get(key.ID).TokensToday; counted < spent || counted > spent+5*(10*130+130) {
			t.Fatalf("after a crash %d tokens are counted, %d were spent", counted, spent)
		}
	}
	for w.run(key.ID, 100, 130) {
		spent += 130
	}
	if spent > limit+30 || spent < limit-5*(10*130+130)-100 {
		t.Errorf("%d tokens went through, the limit is %d", spent, limit)
	}
}
