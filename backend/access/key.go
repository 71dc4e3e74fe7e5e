// Package access is about clients: their keys, the limits on them, what they may use, and admission.
package access

import "time"

// Key is a client's key. Its text is not in it: only a hash is kept.
type Key struct {
	ID          int64
	Name        string
	Description string
	Prefix      string // the first characters, to recognise it by, e.g. amq-3fK9
	Hash        [32]byte
	Previous    Previous
	Active      bool // false once revoked
	Limits
	Scope
	Look
	ExpiresAt     time.Time // zero is never
	CreatedAt     time.Time
	UpdatedAt     time.Time
	TotalRequests int64
	LastUsed      time.Time
	LastClient    string // the product name of the client that used it last
	LastAddress   string // and the address it came from
}

// Previous is the text that a rotation replaced. Both texts open the gate until the grace is over.
type Previous struct {
	Prefix string // empty if the key was never rotated
	Hash   [32]byte
	Until  time.Time
}

// Limits are the caps on a key. 0 is no cap.
type Limits struct {
	RequestsPerMinute int
	RequestsPerDay    int
	MaxConcurrent     int     // requests being answered at once
	TokensPerDay      int64   // input and output
	BudgetTokens      int64   // a month
	BudgetCost        float64 // a month, in the currency of the price table
	TimeZone          string  // where days and months begin: an IANA name; empty is this computer's
}

// Scope is what a key may use. What is empty is not restricted.
type Scope struct {
	DefaultModel    string   // stands in for a missing model, and for Claude and GPT names that nobody has
	AllowedModels   []string // names as clients write them or the upstream's ids; a * at the end stands for any ending
	AllowedDialects []string
	Accounts        []int64 // the only ones it may use
}

// Look is how people tell keys apart.
type Look struct {
	Colour string // one of Colours, or empty
	Note   string
}

// Colours is the palette.
func Colours() []string {
	return []string{"grey", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"}
}

// Dialects are the APIs that a key can be restricted to.
func Dialects() []string { return []string{"anthropic", "openai", "responses"} }

// Expired reports whether the key has an end and it has come.
func (k Key) Expired(now time.Time) bool { return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt) }

// CountsTokens reports whether a limit of the key is in tokens or in cost, so that a request must be estimated before it is admitted.
func (l Limits) CountsTokens() bool {
	return l.TokensPerDay > 0 || l.BudgetTokens > 0 || l.BudgetCost > 0
}

// budgetCost is the budget in millionths.
func (l Limits) budgetCost() int64 { return millionths(l.BudgetCost) }
