package backend

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/admin"
)

func TestAVaultThatHangsDoesNotHoldThePageUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hang, asked atomic.Int64
		v := &vaultState{ask: func(context.Context) admin.VaultState {
			asked.Add(1)
			took := hang.Load()
			time.Sleep(time.Duration(took))
			return admin.VaultState{Kind: "keychain", Ready: took == 0}
		}}
		if state := v.current(); !state.Ready {
			t.Errorf("a vault that answers is %+v", state)
		}
		hang.Store(int64(5 * time.Second))
		for range 10 {
			began := time.Now()
			if state := v.current(); !state.Ready || time.Since(began) > 200*time.Millisecond {
				t.Errorf("%+v after %s", state, time.Since(began))
			}
		}
		if asked.Load() != 2 {
			t.Errorf("it was asked %d times while it hung", asked.Load())
		}
		time.Sleep(6 * time.Second)
		hang.Store(0)
		if state := v.current(); !state.Ready {
			t.Errorf("after it answered: %+v", state)
		}
	})
}
