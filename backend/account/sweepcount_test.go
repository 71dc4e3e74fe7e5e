package account_test

import (
	"context"
	"testing"
	"testing/synctest"

	"amq2api/backend/account"
)

// The full form counts how many failures the sweeps inject. The sweeps themselves run in their own tests too.
func TestTheSweepsInjectManyFailures(t *testing.T) {
	if !inFull() {
		t.Skipf("%s=full runs it", reliabilityVariable)
	}
	operations := map[string]func(h *house, first int64) (gone, added int64, err error){
		operationAdd: func(h *house, _ int64) (gone, added int64, err error) {
			view, err := h.Add(context.Background(), h.draft("new"))
			return 0, view.ID, err
		},
		operationRotate: func(h *house, _ int64) (gone, added int64, err error) {
			_, err = h.lease(account.Want{}).Credential(context.Background())
			return 0, 0, err
		},
		operationEdit: func(h *house, first int64) (gone, added int64, err error) {
			signed, name := h.amazon.signIn(), "renamed"
			_, err = h.Update(context.Background(), first, account.Edit{Name: &name, RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret})
			return 0, 0, err
		},
		operationRemove: func(h *house, first int64) (gone, added int64, err error) {
			return first, 0, h.Remove(context.Background(), first)
		},
	}
	failures := 0
	for _, mode := range []mode{refused, unheard, killed} {
		for _, run := range operations {
			for n := 1; sweepOnce(t, n, mode, run); n++ {
				failures++
			}
		}
		for n, struck := 1, true; struck; n++ {
			synctest.Test(t, func(t *testing.T) { struck = cutOffStart(newHouse(t), n, mode) })
			if struck {
				failures++
			}
		}
	}
	if t.Failed() {
		return
	}
	t.Logf("A24 | %d injected failures of add, rotate, edit, remove and start | invariants held", failures)
}
