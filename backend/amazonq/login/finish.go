package login

import (
	"context"
	"slices"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// maxChoice is how long tokens stay in memory for a person to choose a profile.
const maxChoice = 10 * time.Minute

// The pauses before an errand is run again whose failure would undo what a person has done. Keeping waits longer, for somebody to unlock
// the vault.
var (
	profilePauses = [...]time.Duration{time.Second, 3 * time.Second, 10 * time.Second}
	keepPauses    = [...]time.Duration{time.Second, 3 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute}
)

// profile finds the profile to use; none for a Builder ID.
func (d *Desk) profile(a *attempt, tokens account.Tokens) (arn string, ended *end) {
	if a.request.Method != account.IdentityCenter {
		return "", nil
	}
	profiles, err := d.offered(a, tokens)
	switch {
	case err != nil && a.patience.Err() != nil:
		return "", closing()
	case err != nil:
		return "", failedWith(err)
	case len(profiles) == 0:
		return "", &end{state: Failed, message: "This company account has no profile to use. Ask your administrator for a subscription and a profile, then sign in again.", said: fault.Said{Code: fault.NoProfile}}
	case len(profiles) == 1:
		return profiles[0].ARN, nil
	default:
		return d.choice(a, profiles)
	}
}

// offered asks for the profiles. The person has signed in already, so that trouble is worth some patience.
func (d *Desk) offered(a *attempt, tokens account.Tokens) ([]account.Profile, error) {
	credential := account.Credential{
		Service: a.request.Service, Method: a.request.Method, Region: account.DefaultRegion, AccessToken: tokens.AccessToken,
	}
	for tries := 0; ; tries++ {
		ctx, cancel := context.WithTimeout(a.patience, limit)
		profiles, err := d.config.Profiles(ctx, credential)
		cancel()
		if err == nil || tries == len(profilePauses) {
			return profiles, err
		}
		if wait(a.patience, profilePauses[tries]) != nil {
			return nil, err
		}
	}
}

// choice lets the person choose.
func (d *Desk) choice(a *attempt, profiles []account.Profile) (arn string, ended *end) {
	d.move(a, Finishing, Choosing, func(s *SignIn) {
		s.Profiles, s.ExpiresAt = slices.Clone(profiles), d.config.Now().Add(maxChoice)
	})
	timer := time.NewTimer(maxChoice)
	defer timer.Stop()
	select {
	case arn = <-a.chosen:
		return arn, nil
	case <-timer.C:
		d.finish(a, Choosing, &end{state: Expired, message: "Nobody chose a profile in time. Sign in again.", said: fault.Said{Code: fault.ProfileLate}})
	case <-a.patience.Done():
		d.finish(a, Choosing, closing())
	}
	select {
	case arn = <-a.chosen: // in the same moment
		return arn, nil
	default:
		return "", closing() // changes nothing: it has ended
	}
}

// Choose is the person choosing a profile. fault.NotFound if there is no such sign-in, fault.Conflict if it has nothing to choose, and
// fault.Invalid if the profile was not offered.
func (d *Desk) Choose(ctx context.Context, id, arn string) error {
	if err := ctx.Err(); err != nil {
		return fault.Of(err)
	}
	if err := d.choose(id, arn); err != nil {
		return err
	}
	d.config.Changed()
	return nil
}

func (d *Desk) choose(id, arn string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, err := d.find(id)
	switch {
	case err != nil:
		return err
	case a.shown.State != Choosing:
		return fault.New(fault.Conflict, "This sign-in has no profile to choose now.")
	case !slices.ContainsFunc(a.shown.Profiles, func(p account.Profile) bool { return p.ARN == arn }):
		return invalid("profile_arn", "profile_arn must be one of the profiles that were offered.")
	}
	a.shown.State, a.shown.Profiles = Finishing, nil
	a.chosen <- arn
	return nil
}

// Cancel ends a sign-in that waits for somebody. One that has ended stays as it is; one that is being kept is fault.Conflict.
func (d *Desk) Cancel(id string) error {
	d.mu.Lock()
	a, err := d.find(id)
	d.mu.Unlock()
	if err != nil {
		return err
	}
	cancelled := &end{state: Cancelled, message: "The sign-in was cancelled.", said: fault.Said{Code: fault.SignInCancelled}}
	d.finish(a, Waiting, cancelled)
	d.finish(a, Choosing, cancelled)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !a.shown.State.Ended() {
		return fault.New(fault.Conflict, "The sign-in is approved and being completed; it can no longer be cancelled. Remove the account afterwards.").Saying(fault.Said{Code: fault.SignInTooLate})
	}
	a.giveUp()
	return nil
}

// keep hands over what an attempt brought, and is patient with a vault that is locked. When the Desk closes there are no more pauses.
func (d *Desk) keep(a *attempt, o Outcome) {
	for tries := 0; ; tries++ {
		id, err := d.config.Keep(d.keeping, o)
		switch {
		case err == nil:
			d.move(a, Finishing, Done, func(s *SignIn) { s.AccountID = id })
			d.config.Log.Info("a sign-in is complete", "service", o.Service, "method", o.Method, "account", id)
			return
		case tries == len(keepPauses), !passing(fault.Of(err).Kind), d.keeping.Err() != nil:
			d.finish(a, Finishing, failedWith(err))
			return
		}
		d.config.Log.Warn("a sign-in could not be kept yet", "err", err)
		_ = wait(d.polling, keepPauses[tries]) // closing only cuts the pause short
	}
}

// passing reports whether what kept an account from being stored may be over in a moment.
func passing(kind fault.Kind) bool { return kind == fault.Unavailable || kind == fault.Locked }
