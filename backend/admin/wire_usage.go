package admin

import "time"

// UsageTotals are sums over requests.
type UsageTotals struct {
	Requests         int64    `json:"requests"`
	Errors           int64    `json:"errors"`   // without those whose client left
	Canceled         int64    `json:"canceled"` // the client left
	InputTokens      int64    `json:"input_tokens"`
	OutputTokens     int64    `json:"output_tokens"`
	CacheReadTokens  int64    `json:"cache_read_tokens"` // of the input tokens, as the next
	CacheWriteTokens int64    `json:"cache_write_tokens"`
	DerivedTokens    int64    `json:"derived_tokens"`   // of input and output: computed from something the upstream said
	EstimatedTokens  int64    `json:"estimated_tokens"` // of input and output: guessed from lengths; the rest is measured
	FirstEventMS     *int64   `json:"first_event_ms"`   // on average; null if no request came to a first event
	DurationMS       *int64   `json:"duration_ms"`      // on average; null without requests
	BytesIn          int64    `json:"bytes_in"`
	BytesOut         int64    `json:"bytes_out"`
	Cost             *float64 `json:"cost"`            // US dollars by the prices in the settings; null if none fits
	UnpricedTokens   int64    `json:"unpriced_tokens"` // input and output for which there is no price
}

// UsageRow is one group of GET /admin/stats/usage: an hour, a day, a key and so on.
type UsageRow struct {
	UsageTotals
	Name string     `json:"name"` // of the group: a date, a key's name, a model; empty is none
	ID   *int64     `json:"id"`   // of a key or an account, 0 is none; null for other groups
	From *time.Time `json:"from"` // of an hour or a day; null for other groups
	To   *time.Time `json:"to"`
}

// UsageGap is a time in which requests were not recorded, because the queue was full or the disk could not be written.
type UsageGap struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Requests int       `json:"requests"`
}

// UsageWindow is the time that sums are about, from its first instant to before its last.
type UsageWindow struct {
	From  time.Time   `json:"from"`
	To    time.Time   `json:"to"`
	Total UsageTotals `json:"total"`
	Rows  []UsageRow  `json:"rows"` // in the order of time, without holes; other groups by their requests, the most first
}

// UsageStats answers GET /admin/stats/usage.
type UsageStats struct {
	UsageWindow
	By       string       `json:"by"`
	Zone     string       `json:"zone"` // whose days are meant; empty is the computer's own
	Currency string       `json:"currency"`
	Gaps     []UsageGap   `json:"gaps"`
	Compared *UsageWindow `json:"compared"` // the window asked for as compare; null without
}

// UsagePart is what one model or client has of an account's or a key's requests.
type UsagePart struct {
	UsageTotals
	Name string `json:"name"`
}

// FaultCount is how often something failed in one way.
type FaultCount struct {
	Fault string `json:"fault"`
	Count int64  `json:"count"`
}

// UsageShare is what an account or a key has of the requests of a window.
type UsageShare struct {
	UsageTotals
	ID      int64        `json:"id"` // 0 is none: a request that no account served, or whose key is unknown
	Name    string       `json:"name"`
	Models  []UsagePart  `json:"models"`
	Clients []UsagePart  `json:"clients"`
	Faults  []FaultCount `json:"faults"` // what its requests ended with

	// What failed with the account although another one may have answered in the end. Empty for keys.
	FailedAttempts []FaultCount `json:"failed_attempts"`
}

// RequestDetail answers GET /admin/requests/{id}.
type RequestDetail struct {
	Request
	CacheReadTokens  int      `json:"cache_read_tokens"` // of the input tokens, as the next
	CacheWriteTokens int      `json:"cache_write_tokens"`
	Cost             *float64 `json:"cost"` // US dollars by the prices in the settings; null if none fits
}
