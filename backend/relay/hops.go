package relay

import (
	"context"
	"time"

	"amq2api/backend/fault"
)

// The limits of a request before its first event.
const (
	maxAccounts = 3
	maxWait     = 10 * time.Second // for all pauses together
)

// hops says, fault by fault, whether another account should be asked.
type hops struct{ taken int }

// next reports whether a fault of this kind leads to another account. Faults of the request and restrictions by the provider do not:
// a suspension is shown, never worked around.
func (h *hops) next(kind fault.Kind) bool {
	limit := 0
	switch kind {
	case fault.Throttled, fault.Exhausted, fault.Credential, fault.Unavailable:
		limit = maxAccounts - 1
	case fault.Refused, fault.ModelUnavailable, fault.Overloaded:
		limit = 1
	}
	h.taken++
	return h.taken <= limit
}

// sameAccount counts what was already tried again on one account.
type sameAccount struct {
	renewed bool
	calls   int
}

// Retries on the same account: a cut or a 5xx once, a busy model twice. Source: the official client's behaviour, made gentler.
const (
	unavailableRetries = 1
	overloadedRetries  = 2
)

// prepareRetry gets ready to ask the same account again and returns nil, or returns the fault that stands because that makes no sense.
func (s *sending) prepareRetry(ctx context.Context, lease Lease, again *sameAccount, failure *fault.Error) *fault.Error {
	switch failure.Kind {
	case fault.Credential:
		return s.renew(ctx, lease, again, failure)
	case fault.Unavailable:
		return s.pause(ctx, again, unavailableRetries, 100*time.Millisecond, failure)
	case fault.Overloaded:
		return s.pause(ctx, again, overloadedRetries, time.Second, failure)
	default:
		return failure
	}
}

func (s *sending) renew(ctx context.Context, lease Lease, again *sameAccount, failure *fault.Error) *fault.Error {
	if again.renewed {
		return failure
	}
	again.renewed = true
	if err := lease.Renew(ctx); err != nil {
		return s.classify(ctx, err)
	}
	return nil
}

// pause waits before a retry: base doubled each time plus up to as much again at random, within the request's total.
func (s *sending) pause(ctx context.Context, again *sameAccount, limit int, base time.Duration, failure *fault.Error) *fault.Error {
	if again.calls >= limit || !s.budget.retry() {
		return failure
	}
	wait := base << again.calls
	wait += s.config.Jitter(wait)
	again.calls++
	if s.waited += wait; s.waited > maxWait {
		return failure
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fault.Of(context.Cause(ctx))
	}
}
