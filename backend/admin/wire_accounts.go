package admin

import (
	"time"

	"amq2api/backend/fault"
)

// Account is an account as the admin API shows it. Secrets are never part of it.
type Account struct {
	ID                int64       `json:"id"`
	Name              string      `json:"name"`
	Service           string      `json:"service"`
	Method            string      `json:"method"` // builder_id, identity_center, social, api_key
	Email             string      `json:"email"`  // empty is unknown
	ProfileARN        string      `json:"profile_arn"`
	StartURL          string      `json:"start_url"`
	SignInRegion      string      `json:"sign_in_region"`
	Origin            string      `json:"origin"` // empty is the service's usual one
	IsActive          bool        `json:"is_active"`
	IsHealthy         bool        `json:"is_healthy"`
	Status            string      `json:"status"` // ready, cooling_down, exhausted, needs_sign_in, suspended, disabled
	StatusReason      string      `json:"status_reason"`
	StatusSaid        *fault.Said `json:"status_said"` // what the reason says; null if ready
	StatusKind        string      `json:"status_kind"` // fault kind behind the status; empty if ready
	CooldownUntil     *time.Time  `json:"cooldown_until"`
	TotalRequests     int64       `json:"total_requests"`
	TotalTokens       int64       `json:"total_tokens"`
	LastUsed          *time.Time  `json:"last_used"`
	LastHealthCheck   *time.Time  `json:"last_health_check"`
	HealthCheckError  string      `json:"health_check_error"`
	HealthCheckSaid   *fault.Said `json:"health_check_said"` // what that says; null without one
	RequestsPerMinute int         `json:"requests_per_minute"`
	MaxConcurrent     int         `json:"max_concurrent"`
	SpacingMS         int64       `json:"spacing_ms"`
	DailyCredits      float64     `json:"daily_credits"`
	ReserveCredits    float64     `json:"reserve_credits"`
	Priority          int         `json:"priority"`
	Weight            int         `json:"weight"`
	CurrentRPM        int         `json:"current_rpm"`
	InFlight          int         `json:"in_flight"`
	CreditsToday      float64     `json:"credits_today"`
	Load              float64     `json:"load"`          // from 0 to 1: how much of its envelope is in use
	LoadOf            string      `json:"load_of"`       // the cap that is nearest: rate, concurrency or daily_credits; empty without caps
	Quota             *Quota      `json:"quota"`         // null is unknown
	Models            []string    `json:"models"`        // empty is unknown
	Ends              []End       `json:"ends"`          // what of it comes to an end, the soonest first
	TokenEnds         *time.Time  `json:"token_ends"`    // of its access token, which is renewed by itself; null if it has none right now
	SignInAgain       bool        `json:"sign_in_again"` // POST /admin/accounts/login with its account_id mends it
	Successor         string      `json:"successor"`     // the service it should move to; empty if none
	Notes             string      `json:"notes"`
	Source            string      `json:"source"`
	CreatedAt         time.Time   `json:"created_at"`
	UpdatedAt         time.Time   `json:"updated_at"`
}

// Quota is what the provider tells about an account's plan. What is null or empty is unknown.
type Quota struct {
	Plan     string     `json:"plan"`
	Unit     string     `json:"unit"` // of used, limit and left, e.g. credit
	Used     *float64   `json:"used"`
	Limit    *float64   `json:"limit"`
	Left     *float64   `json:"left"`
	ResetsAt *time.Time `json:"resets_at"`
	Overage  bool       `json:"overage"` // more than the limit may be used, for money
	At       time.Time  `json:"at"`
}

// QuotaReading is what the provider told of a quota at some time.
type QuotaReading struct {
	At    time.Time `json:"at"`
	Used  float64   `json:"used"`
	Limit float64   `json:"limit"`
}

// End is something of an account that comes to an end.
type End struct {
	What string    `json:"what"` // registration: it must sign in again then; service: its provider ends it
	At   time.Time `json:"at"`
	Soon bool      `json:"soon"` // it is time to do something about it
}

// AccountPace is how hard an account may be used. Absent numbers take their defaults, or stay as they are.
type AccountPace struct {
	RequestsPerMinute *int     `json:"requests_per_minute"`
	MaxConcurrent     *int     `json:"max_concurrent"`
	SpacingMS         *int     `json:"spacing_ms"`
	DailyCredits      *float64 `json:"daily_credits"`
	ReserveCredits    *float64 `json:"reserve_credits"`
	Priority          *int     `json:"priority"`
	Weight            *int     `json:"weight"`
}

// AccountCreate is the body of POST /admin/accounts.
type AccountCreate struct {
	Name         string `json:"name"`
	Service      string `json:"service"` // amazonq or kiro; empty is amazonq
	Method       string `json:"method"`  // builder_id, identity_center, social or api_key; empty is what the other members say
	RefreshToken string `json:"refresh_token"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	ProfileARN   string `json:"profile_arn"`
	StartURL     string `json:"start_url"`
	SignInRegion string `json:"sign_in_region"`
	Origin       string `json:"origin"`
	AccountPace
	Notes    string `json:"notes"`
	IsActive *bool  `json:"is_active"`
}

// AccountUpdate is the body of PUT /admin/accounts/{id}: what is absent stays as it is.
type AccountUpdate struct {
	Name         *string `json:"name"`
	RefreshToken *string `json:"refresh_token"`
	ClientID     *string `json:"client_id"`
	ClientSecret *string `json:"client_secret"`
	ProfileARN   *string `json:"profile_arn"`
	SignInRegion *string `json:"sign_in_region"`
	Origin       *string `json:"origin"`
	AccountPace
	Notes    *string `json:"notes"`
	IsActive *bool   `json:"is_active"`
}

// LoginStart is the body of POST /admin/accounts/login. With an account_id that account is signed in again, and what is absent is as it was.
type LoginStart struct {
	Service      string `json:"service"` // amazonq or kiro; empty is amazonq
	Method       string `json:"method"`  // builder_id or identity_center; empty is what start_url says
	StartURL     string `json:"start_url"`
	SignInRegion string `json:"sign_in_region"` // of the Identity Center
	Name         string `json:"name"`
	AccountID    int64  `json:"account_id"`
}

// LoginUpdate is the body of POST /admin/accounts/login/{login}/profile: which of the offered profiles to use.
type LoginUpdate struct {
	ProfileARN string `json:"profile_arn"`
}

// Login is a sign-in under way. It goes on by itself; a change is announced as the noun logins.
type Login struct {
	ID                      string      `json:"id"`
	State                   string      `json:"state"` // waiting, choosing, finishing, done, denied, expired, cancelled, failed
	Name                    string      `json:"name"`  // of the account that comes of it; empty leaves it to AMQ2API
	Service                 string      `json:"service"`
	Method                  string      `json:"method"`
	UserCode                string      `json:"user_code"`
	VerificationURI         string      `json:"verification_uri"`
	VerificationURIComplete string      `json:"verification_uri_complete"` // with the code in it, to open in a browser
	StartedAt               time.Time   `json:"started_at"`
	ExpiresAt               time.Time   `json:"expires_at"`
	Profiles                []Profile   `json:"profiles"`   // to choose from, in the state choosing
	AccountID               int64       `json:"account_id"` // 0 for a new account until it is done
	Message                 string      `json:"message"`    // why it ended, if not well
	Said                    *fault.Said `json:"said"`       // what that says
}

// Profile is one that an Identity Center offers.
type Profile struct {
	ARN  string `json:"arn"`
	Name string `json:"name"`
}

// Find is an account that another tool on this computer is signed in to.
type Find struct {
	ID           string      `json:"id"`
	Tool         string      `json:"tool"`
	Path         string      `json:"path"`
	Name         string      `json:"name"`
	Service      string      `json:"service"`
	Method       string      `json:"method"`
	StartURL     string      `json:"start_url"`
	SignInRegion string      `json:"sign_in_region"`
	ExpiresAt    *time.Time  `json:"expires_at"` // of its access token; null is unknown
	State        string      `json:"state"`      // valid, duplicate or broken
	Message      string      `json:"message"`    // why it is not valid
	Said         *fault.Said `json:"said"`       // what that says
	Shares       bool        `json:"shares"`     // the tool and AMQ2API would share one rotating token, and one of them may be signed out by that
}

// ImportStart is the body of POST /admin/accounts/import: the ids of finds.
type ImportStart struct {
	IDs []string `json:"ids"`
}

// BulkStart is the body of POST /admin/accounts/bulk.
type BulkStart struct {
	Text       string `json:"text"`       // JSON, CSV with a header, or a file of POST /admin/accounts/export
	Passphrase string `json:"passphrase"` // of such a file
	Write      bool   `json:"write"`      // add the valid rows; without it nothing is written
}

// BulkRow says what became, or would become, of one row.
type BulkRow struct {
	Row       int         `json:"row"` // from 1; 0 for finds, which have no rows
	Name      string      `json:"name"`
	State     string      `json:"state"` // valid, duplicate, broken, added or failed
	Message   string      `json:"message"`
	Field     string      `json:"field"`
	AccountID int64       `json:"account_id"` // of a row that was added
	Said      *fault.Said `json:"said"`       // what that says
}

// ExportStart is the body of POST /admin/accounts/export. The exported accounts are signed out here: a rotating token has one home.
type ExportStart struct {
	Passphrase string  `json:"passphrase"`
	IDs        []int64 `json:"ids"`
	All        bool    `json:"all"` // instead of ids
}

// Export is a sealed file that POST /admin/accounts/bulk takes on another machine.
type Export struct {
	Text     string `json:"text"`
	Accounts int    `json:"accounts"`
}

// Next answers GET /admin/accounts/next: who would serve a request now, and why each other account would not.
type Next struct {
	Model       string      `json:"model"`      // the upstream's id
	AccountID   int64       `json:"account_id"` // 0 if nobody could serve this moment
	Account     string      `json:"account"`
	Ground      string      `json:"ground"`       // turn, session or least_bad; empty if nobody could serve
	WaitS       int         `json:"wait_s"`       // how long a request would wait; 0 if not at all, or until another one ends
	Refusal     string      `json:"refusal"`      // what a request would be told at once; empty if it would be served or wait
	RefusalSaid *fault.Said `json:"refusal_said"` // what that says
	RetryAfterS int         `json:"retry_after_s"`
	Waiting     int         `json:"waiting"`      // requests in the queue
	PausedUntil *time.Time  `json:"paused_until"` // POST /admin/accounts/resume ends it
	SlowUntil   *time.Time  `json:"slow_until"`
	Accounts    []Candidate `json:"accounts"` // in the order of their turns
}

// Candidate is one account as the scheduler sees it for one request.
type Candidate struct {
	AccountID  int64      `json:"account_id"`
	Account    string     `json:"account"`
	By         string     `json:"by"`     // what keeps it from serving, e.g. cooling_down; empty if nothing does
	Reason     string     `json:"reason"` // the same in a sentence
	Until      *time.Time `json:"until"`  // when time alone ends that
	CurrentRPM int        `json:"current_rpm"`
	InFlight   int        `json:"in_flight"`
}
