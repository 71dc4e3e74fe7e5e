package login

import (
	"slices"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// State is how far a sign-in has come.
type State string

// The states. The first three are under way, the others are ends.
const (
	Waiting   State = "waiting"   // for the person to approve
	Choosing  State = "choosing"  // approved; the person must choose a profile
	Finishing State = "finishing" // approved; the rest needs nobody
	Done      State = "done"
	Denied    State = "denied"
	Expired   State = "expired"
	Cancelled State = "cancelled"
	Failed    State = "failed"
)

// Ended reports whether nothing more will happen.
func (s State) Ended() bool { return s != Waiting && s != Choosing && s != Finishing }

// SignIn is what people may know of a sign-in. No code that is worth anything to others, and no secret, is in it.
type SignIn struct {
	ID                      string // long and random: whoever knows it may follow and cancel the sign-in
	State                   State
	Name                    string // of the account that comes of it; empty if nobody gave it one
	Service                 account.Service
	Method                  account.Method
	UserCode                string // what the person enters at VerificationURI
	VerificationURI         string
	VerificationURIComplete string // the same with the code filled in
	StartedAt               time.Time
	ExpiresAt               time.Time         // when the person must have approved or, while Choosing, chosen
	Profiles                []account.Profile // to choose from; only while Choosing
	AccountID               int64             // what is signed in; 0 for a new account until Done
	Message                 string            // a sentence for people: why it is Denied, Expired, Cancelled or Failed
	Said                    fault.Said        // what Message says
}

// copied is a SignIn that its reader may keep.
func (s SignIn) copied() SignIn {
	s.Profiles = slices.Clone(s.Profiles)
	return s
}
