package backend

import (
	"context"
	"sync"
	"time"

	"amq2api/backend/admin"
	"amq2api/backend/fault"
)

// statePatience is how long a page may wait for the vault's state. A keychain that hangs would take longer.
const statePatience = 150 * time.Millisecond

// vaultState asks the vault for its state without making anybody wait for one that does not answer.
type vaultState struct {
	ask func(context.Context) admin.VaultState

	mu     sync.Mutex
	asking chan struct{} // closed when the answer is there; nil if nobody asks
	last   admin.VaultState
	known  bool
}

// current is the state by now, or the last one known if the vault takes its time.
func (v *vaultState) current() admin.VaultState {
	v.mu.Lock()
	if v.asking == nil {
		v.asking = make(chan struct{})
		go v.refresh()
	}
	answered := v.asking
	v.mu.Unlock()
	timer := time.NewTimer(statePatience)
	defer timer.Stop()
	select {
	case <-answered:
	case <-timer.C:
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.known {
		return admin.VaultState{Message: "The vault has not answered yet.", Said: &fault.Said{Code: fault.VaultSilent}}
	}
	return v.last
}

func (v *vaultState) refresh() {
	state := v.ask(context.Background())
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last, v.known = state, true
	close(v.asking)
	v.asking = nil
}
