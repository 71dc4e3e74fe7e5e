// Package account is the pool of upstream identities: who they are, whose turn it is, how healthy they are, and how their secrets
// are kept.
package account

import (
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Account is one Amazon Q identity. Its secrets are not in it.
type Account struct {
	ID              int64
	Name            string
	Service         Service
	Method          Method
	StartURL        string    // of an Identity Center; empty for every other method
	SignInRegion    string    // where tokens are renewed, e.g. us-east-1
	ProfileARN      string    // empty for Builder ID
	Origin          string    // the product whose models and quota it draws on, e.g. CLI; empty is the service's usual one
	Email           string    // as the provider tells; empty if it does not
	ClientID        string    // of the registration that renewals name; empty where the method has none
	ClientExpiresAt time.Time // when the registration ends, and the refresh token with it; zero is unknown
	Active          bool      // the user's switch
	Envelope
	Notes     string
	Source    string // where it came from: api, environment, demo, sign-in, import
	CreatedAt time.Time
	UpdatedAt time.Time
	Health    Health
	Totals    Totals
}

// Envelope is how hard an account may be used, and when it is its turn.
type Envelope struct {
	RequestsPerMinute int           // 0 is no cap
	MaxConcurrent     int           // 0 is no cap
	Spacing           time.Duration // between the beginnings of two requests; 0 is none
	DailyCredits      float64       // what it may spend a day, UTC; 0 is no ceiling
	ReserveCredits    float64       // what it must have left of its quota to be used; 0 is none
	Priority          int           // accounts of a higher one go first
	Weight            int           // its share among accounts of one priority; at least 1
}

// Region is where the account's API calls go: the region in its profile ARN, else us-east-1. Source: the official CLI.
func (a Account) Region() string { return regionOf(a.ProfileARN) }

// Status is the state of an account's health.
type Status string

// The statuses, from the lightest to the gravest. CoolingDown and Exhausted heal by themselves, NeedsSignIn and Suspended wait for the
// user.
const (
	Ready       Status = "ready"
	CoolingDown Status = "cooling_down"
	Exhausted   Status = "exhausted"
	NeedsSignIn Status = "needs_sign_in"
	Suspended   Status = "suspended"
)

// Health is what is known about an account's fitness to serve. It survives restarts.
type Health struct {
	Status    Status
	Kind      fault.Kind // the fault behind a status other than Ready; means nothing if Ready
	Reason    string     // a sentence for people; empty if Ready
	Until     time.Time  // when a cool-down or exhaustion ends; zero if it does not end by itself
	Strikes   int        // throttles in a row, for growing cool-downs
	CheckedAt time.Time  // the last time the account answered or was checked, with any result
	Error     string     // what the last check or request failed with; empty if it succeeded
	Said      fault.Said // what Reason says
	ErrorSaid fault.Said // what Error says
}

// Totals is what an account has done since it was added.
type Totals struct {
	Requests int64
	Tokens   int64
	LastUsed time.Time // zero is never
}

// Secrets are the long-lived tokens of an account. They live in the vault only.
type Secrets struct {
	RefreshToken secret.String // for the method APIKey the key itself
	ClientSecret secret.String // zero where the method has no client
}

// Tokens is the answer to a renewal.
type Tokens struct {
	AccessToken  secret.String
	RefreshToken secret.String // zero if the old one stays valid
	ExpiresIn    time.Duration
	ProfileARN   string // if the answer names one; else empty
}

// Credential is what one call needs of an account.
type Credential struct {
	AccountID   int64
	Service     Service
	Method      Method
	Region      string
	ProfileARN  string
	Origin      string // empty is the service's usual one
	AccessToken secret.String
}
