package account

import "time"

// Quota is what the provider tells about an account's plan. Everything may be unknown: nil and empty are never to be shown as 0.
type Quota struct {
	Plan     string    // the subscription's title, e.g. "KIRO FREE"
	Email    string    // of the account's owner
	Unit     string    // what Used and Limit count, e.g. "credit" or "agentic request"
	Used     *float64  // of the whole allowance: base, free trial and bonuses
	Limit    *float64  // the whole allowance
	ResetsAt time.Time // zero is unknown
	Overage  bool      // more than the limit may be used, for money
	At       time.Time // when the provider said so
}

// Left is what remains of the allowance, and false if that is unknown.
func (q Quota) Left() (float64, bool) {
	if q.Used == nil || q.Limit == nil {
		return 0, false
	}
	return max(0, *q.Limit-*q.Used), true
}

// Model is one that an account may use.
type Model struct {
	ID           string
	Name         string
	InputTokens  int     // its context window; 0 is unknown
	OutputTokens int     // 0 is unknown
	Rate         float64 // what a request costs, as a multiple; 0 is unknown
	RateUnit     string
	Images       bool // it takes images
}

// Profile is one that an Identity Center offers its user.
type Profile struct {
	ARN  string
	Name string
}
