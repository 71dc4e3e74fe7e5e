package admin

import "time"

// Key is a client key as the admin API shows it.
type Key struct {
	ID                int64      `json:"id"`
	Name              string     `json:"name"`
	Description       string     `json:"description"`
	KeyPrefix         string     `json:"key_prefix"`
	IsActive          bool       `json:"is_active"`
	TotalRequests     int64      `json:"total_requests"`
	LastUsed          *time.Time `json:"last_used"`
	LastClient        string     `json:"last_client"`  // the product that used it last; empty is nobody yet
	LastAddress       string     `json:"last_address"` // where that called from
	RequestsPerMinute int        `json:"requests_per_minute"`
	RequestsPerDay    int        `json:"requests_per_day"`
	CurrentRPM        int        `json:"current_rpm"`
	CurrentRPD        int        `json:"current_rpd"`
	MaxConcurrent     int        `json:"max_concurrent"`
	TokensPerDay      int64      `json:"tokens_per_day"`
	BudgetTokens      int64      `json:"budget_tokens"` // a month
	BudgetCost        float64    `json:"budget_cost"`   // a month
	TimeZone          string     `json:"time_zone"`     // where days and months begin; empty is this computer's
	InFlight          int        `json:"in_flight"`
	TokensToday       int64      `json:"tokens_today"`
	TokensMonth       int64      `json:"tokens_month"`
	CostMonth         float64    `json:"cost_month"`
	BudgetUsed        float64    `json:"budget_used"`    // of the budget: 1 is all of it
	BudgetWarning     bool       `json:"budget_warning"` // 0.8 of it or more
	DayEndsAt         time.Time  `json:"day_ends_at"`    // when the counts of the day begin anew
	MonthEndsAt       time.Time  `json:"month_ends_at"`
	Colour            string     `json:"colour"` // empty, grey, red, orange, yellow, green, teal, blue, purple, pink
	Note              string     `json:"note"`
	DefaultModel      string     `json:"default_model"`
	AllowedModels     []string   `json:"allowed_models"`   // empty is all, like the next two
	AllowedDialects   []string   `json:"allowed_dialects"` // anthropic, openai, responses
	Accounts          []int64    `json:"accounts"`
	PreviousPrefix    string     `json:"previous_prefix"` // of the text that a rotation replaced, while it still works
	PreviousUntil     *time.Time `json:"previous_until"`
	CreatedAt         time.Time  `json:"created_at"`
	UpdatedAt         time.Time  `json:"updated_at"`
	ExpiresAt         *time.Time `json:"expires_at"`
}

// NewKey answers POST /admin/api-keys and POST /admin/api-keys/{id}/rotate: the only times the key's text is shown.
type NewKey struct {
	Key
	Text string `json:"key"`
}

// KeyCreate is the body of POST /admin/api-keys.
type KeyCreate struct {
	Name              string `json:"name"`
	Description       string `json:"description"`
	RequestsPerMinute *int   `json:"requests_per_minute"`
	RequestsPerDay    *int   `json:"requests_per_day"`
	ExpiresDays       *int   `json:"expires_days"`
	KeyTerms
}

// KeyTerms are what else there is to say about a key. Absent members take their defaults, which restrict nothing, or stay as they are.
type KeyTerms struct {
	ExpiresAt       Moment    `json:"expires_at"` // instead of expires_days: a date, the last day it works, or a time
	MaxConcurrent   *int      `json:"max_concurrent"`
	TokensPerDay    *int64    `json:"tokens_per_day"`
	BudgetTokens    *int64    `json:"budget_tokens"`
	BudgetCost      *float64  `json:"budget_cost"`
	TimeZone        *string   `json:"time_zone"`
	Colour          *string   `json:"colour"`
	Note            *string   `json:"note"`
	DefaultModel    *string   `json:"default_model"`
	AllowedModels   *[]string `json:"allowed_models"`
	AllowedDialects *[]string `json:"allowed_dialects"`
	Accounts        *[]int64  `json:"accounts"`
}

// KeyUpdate is the body of PUT /admin/api-keys/{id}: what is absent stays as it is.
type KeyUpdate struct {
	Name              *string `json:"name"`
	Description       *string `json:"description"`
	RequestsPerMinute *int    `json:"requests_per_minute"`
	RequestsPerDay    *int    `json:"requests_per_day"`
	ExpiresDays       Days    `json:"expires_days"` // counted from now; null or 0 means never
	IsActive          *bool   `json:"is_active"`
	KeyTerms
}

// RotationStart is the body of POST /admin/api-keys/{id}/rotate.
type RotationStart struct {
	GraceS int64 `json:"grace_s"` // how long the old text works as well, up to seven days
}

// Days is a number of days in a partial update, where null says something else than an absent member.
type Days struct {
	Given bool
	Count int // 0 for null
}

// Moment is a time in a partial update, where null says something else than an absent member.
type Moment struct {
	Given bool
	Text  string // empty for null
}
