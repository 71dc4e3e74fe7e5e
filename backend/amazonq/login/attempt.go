package login

import (
	"context"
	"crypto/tls"
	"errors"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// attempt is a sign-in with what nobody may see of it. The Desk's mutex guards shown and endedAt; the rest does not change.
type attempt struct {
	request      Request
	registration Registration
	deviceCode   secret.String
	interval     time.Duration
	patience     context.Context // ends when nothing more is waited for: by Cancel, or when the Desk closes
	giveUp       context.CancelFunc
	chosen       chan string // the ARN of the chosen profile; has room for one

	shown   SignIn
	endedAt time.Time
}

// end is how an attempt ended before it brought anything.
type end struct {
	state   State
	message string
	said    fault.Said
	cause   error // for the log; nil if it is nobody's failure
}

func failedWith(err error) *end {
	f := fault.Of(err)
	return &end{Failed, f.Message, f.Says(), err}
}

// closing is the end of those whom the Desk's own end cuts off. One that was cancelled has ended already.
func closing() *end {
	return &end{state: Cancelled, message: "AMQ2API was closed before the sign-in was complete. Start it again.", said: fault.Said{Code: fault.SignInCutOff}}
}

// run goes all the way from waiting to an end.
func (d *Desk) run(a *attempt) {
	defer a.giveUp()
	tokens, ended := d.poll(a)
	if ended != nil {
		d.finish(a, Waiting, ended)
		return
	}
	if !d.move(a, Waiting, Finishing, nil) {
		return // cancelled while its tokens came
	}
	arn, ended := d.profile(a, tokens)
	if ended != nil {
		d.finish(a, Finishing, ended)
		return
	}
	d.keep(a, Outcome{Request: a.request, Registration: a.registration, Tokens: tokens, ProfileARN: arn})
}

// move changes what is seen of an attempt that is in one state, and reports whether it was.
func (d *Desk) move(a *attempt, from, to State, change func(*SignIn)) bool {
	d.mu.Lock()
	if a.shown.State != from {
		d.mu.Unlock()
		return false
	}
	a.shown.State = to
	if change != nil {
		change(&a.shown)
	}
	if to != Choosing {
		a.shown.Profiles = nil
	}
	if to.Ended() {
		a.endedAt = d.config.Now()
	}
	d.mu.Unlock()
	d.config.Changed()
	return true
}

// finish brings an attempt from a state to an end.
func (d *Desk) finish(a *attempt, from State, e *end) {
	if !d.move(a, from, e.state, func(s *SignIn) { s.Message, s.Said = e.message, e.said }) {
		return
	}
	log := d.config.Log.With("service", a.request.Service, "method", a.request.Method, "state", e.state)
	if e.cause != nil {
		log.Warn("a sign-in failed", "err", e.cause)
		return
	}
	log.Info("a sign-in ended without an account")
}

// slowerBy is what every request to slow down adds to the interval for good. Source: the official language server.
const slowerBy = 5 * time.Second

// poll asks until the person has decided or the time is over.
func (d *Desk) poll(a *attempt) (account.Tokens, *end) {
	interval, expires := a.interval, a.shown.ExpiresAt // nobody changes it while the attempt is Waiting
	var trouble *fault.Error                           // of the last poll
	for {
		if err := wait(a.patience, min(interval, expires.Sub(d.config.Now()))); err != nil {
			return account.Tokens{}, closing()
		}
		if !d.config.Now().Before(expires) {
			return account.Tokens{}, tooLate(trouble)
		}
		tokens, failed := d.redeem(a)
		switch {
		case failed == nil:
			return tokens, nil
		case a.patience.Err() != nil:
			return account.Tokens{}, closing()
		case errors.Is(failed.fault, ErrSlowDown):
			interval += slowerBy
			trouble = nil
		case errors.Is(failed.fault, ErrPending):
			trouble = nil
		case failed.passes():
			trouble = failed.fault
		default:
			return account.Tokens{}, refused(failed.fault)
		}
	}
}

// redeem is one poll, with a limit of its own.
func (d *Desk) redeem(a *attempt) (account.Tokens, *setback) {
	ctx, cancel := context.WithTimeout(a.patience, limit)
	defer cancel()
	return d.config.Client.redeem(ctx, a.request.Region, a.registration, a.deviceCode)
}

// passes reports whether the next poll may do better: after trouble of the network or of the server.
func (s *setback) passes() bool {
	var untrusted *tls.CertificateVerificationError // a hotel's network between two polls
	return s.repeat != never || errors.As(s.fault, &untrusted)
}

// refused is the end that the service decided.
func refused(f *fault.Error) *end {
	switch {
	case errors.Is(f, ErrDenied):
		return &end{state: Denied, message: f.Message, said: f.Says()}
	case errors.Is(f, ErrExpired):
		return &end{state: Expired, message: f.Message, said: f.Says()}
	default:
		return failedWith(f)
	}
}

// tooLate is the end of an attempt whose time is over. If the last poll had trouble, the person may well have approved.
func tooLate(trouble *fault.Error) *end {
	if trouble != nil {
		return &end{Expired, "The sign-in's time is over, and Amazon could not be asked whether it was approved. " + trouble.Message, fault.Said{Code: fault.SignInUnasked}, trouble}
	}
	return &end{state: Expired, message: "Nobody approved the sign-in in time. Start it again.", said: fault.Said{Code: fault.SignInLate}}
}
