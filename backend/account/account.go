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
	ID                int64
	Name              string
	Service           Service
	SignInRegion      string // where tokens are renewed, e.g. us-east-1
	ProfileARN        string // empty for Builder ID
	ClientID          string
	Active            bool // the user's switch
	RequestsPerMinute int  // 0 is no cap
	MaxConcurrent     int  // 0 is no cap
	Notes             string
	Source            string // where it came from: api, environment, demo
	CreatedAt         time.Time
	UpdatedAt         time.Time
	Health            Health
	Totals            Totals
}

// Region is where the account's API calls go: the region in its profile ARN, else us-east-1. Source: the official CLI.
func (a Account) Region() string { return regionOf(a.ProfileARN) }

// Service names the upstream service an account belongs to. What follows from it is in the upstream client.
type Service string

// AmazonQ is the only service so far.
const AmazonQ Service = "amazonq"

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
}

// Totals is what an account has done since it was added.
type Totals struct {
	Requests int64
	Tokens   int64
	LastUsed time.Time // zero is never
}

// Secrets are the long-lived tokens of an account. They live in the vault only.
type Secrets struct {
	RefreshToken secret.String
	ClientSecret secret.String
}

// Tokens is the answer to a renewal.
type Tokens struct {
	AccessToken  secret.String
	RefreshToken secret.String // zero if the old one stays valid
	ExpiresIn    time.Duration
}

// Credential is what one call needs of an account.
type Credential struct {
	AccountID   int64
	Service     Service
	Region      string
	ProfileARN  string
	AccessToken secret.String
}
