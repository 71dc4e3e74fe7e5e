package account_test

import (
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestOutagesOfTheLastAccountDoNotLengthenItsNextRest(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one := h.add("one", 0, 0)
		for range 50 {
			h.serve(account.Want{}, outage)
		}
		two := h.add("two", 0, 0)
		h.serve(account.Want{Exclude: []int64{two}}, outage)
		if rest := time.Until(h.health(one).Until); rest != 30*time.Second {
			t.Errorf("it rests %s", rest)
		}
	})
}

func TestTheEndOfACoolDownIsToldAndWrittenDownThoughNobodyAsks(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		h.serve(account.Want{}, fault.New(fault.Throttled, "slow down"))
		synctest.Wait()
		before := h.told.Load()
		time.Sleep(30*time.Second - time.Nanosecond)
		synctest.Wait()
		if h.told.Load() != before {
			t.Error("told too early")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if h.told.Load() != before+1 {
			t.Errorf("told %d times", h.told.Load()-before)
		}
		rows, err := h.db.Accounts().Rows(t.Context())
		if err != nil || rows[0].Health.Status != account.Ready || rows[0].Health.Strikes != 1 {
			t.Errorf("written down: %+v, %v", rows[0].Health, err)
		}
		if h.health(id).Status != account.Ready {
			t.Error("it is not ready")
		}
	})
}
