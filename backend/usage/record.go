// Package usage is what was spent: one record per request, written in batches, and the sums people look at.
package usage

import (
	"time"

	"amq2api/backend/chat"
)

// Record is what is known about one request when it ends, for whatever reason. The gateway opens it, relay notes the attempts, and
// one goroutine owns it at a time.
type Record struct {
	ID         string // the request id
	At         time.Time
	KeyID      int64 // 0 if no key was recognised
	KeyName    string
	Client     string // the client's product name, from its user agent
	Address    string // where it called from; kept for the key only
	Dialect    string // anthropic or openai
	ModelAsked string
	ModelUsed  string // the upstream's id; empty if none was resolved
	Streaming  bool
	Status     int    // the HTTP status the client saw, or 499 if it left
	Fault      string // the fault kind's name; empty for success
	Message    string // what the client was told; empty for success
	Attempts   []Attempt
	Usage      chat.Usage
	FirstEvent time.Duration // from At to the first event; 0 if there was none
	Duration   time.Duration
	BytesIn    int64 // of the client's body
	BytesOut   int64 // of the answer's body
}

// Attempt is one account's try at a request.
type Attempt struct {
	AccountID int64         `json:"account_id"`
	Account   string        `json:"account"` // its name at the time
	Fault     string        `json:"fault,omitempty"`
	Duration  time.Duration `json:"duration_ns"`
	Ground    string        `json:"ground,omitempty"`      // why it was chosen: turn, session or least_bad
	Passed    []Passed      `json:"passed_over,omitempty"` // accounts that would have come first
}

// Passed is an account that could not serve when it would have been its turn.
type Passed struct {
	Account string        `json:"account"`
	By      string        `json:"by"`                // what kept it, e.g. cooling_down
	Kind    string        `json:"kind,omitempty"`    // the fault behind a cool-down
	Wait    time.Duration `json:"wait_ns,omitempty"` // until it returned; 0 is unknown
}

// Served is the account of the last attempt, and false if there was none.
func (r *Record) Served() (Attempt, bool) {
	if len(r.Attempts) == 0 {
		return Attempt{}, false
	}
	return r.Attempts[len(r.Attempts)-1], true
}
