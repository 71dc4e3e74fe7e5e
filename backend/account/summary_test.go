package account_test

import (
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestThePoolInALine(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		if s := h.Pool().Summary(); s != (account.Summary{QuotaUsed: -1}) {
			t.Errorf("an empty pool is %+v", s)
		}
		h.add("fit", 0, 0)
		h.add("signed out", 0, 0)
		h.serve(account.Want{Exclude: []int64{1}}, fault.New(fault.Credential, "Sign in again."))
		if s := h.Pool().Summary(); s != (account.Summary{Ready: 1, All: 2, QuotaUsed: -1}) {
			t.Errorf("one that is signed out leaves %+v", s)
		}
		h.serve(account.Want{}, fault.New(fault.Credential, "Sign in again."))
		if s := h.Pool().Summary(); s.Ready != 0 || s.All != 2 || s.QuotaUsed >= 0 {
			t.Errorf("nobody left is %+v", s)
		}
	})
}

func TestThePoolTellsTheQuotaOfWhoseTurnItIs(t *testing.T) {
	inCare(t, &oracle{quota: account.Quota{Used: ptr(10.0), Limit: ptr(50.0)}}, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		time.Sleep(time.Minute)
		if s := h.Pool().Summary(); s != (account.Summary{Ready: 1, All: 1, QuotaUsed: 0.2}) {
			t.Errorf("it is %+v", s)
		}
	})
}
