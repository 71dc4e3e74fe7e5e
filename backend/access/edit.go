package access

import (
	"fmt"
	"time"

	"amq2api/backend/fault"
)

const (
	defaultPerMinute = 60
	defaultPerDay    = 10000
	maxDays          = 36500
)

// Draft is a key to be made. What is nil takes its default: 60 requests a minute, 10000 a day, no end, no other limit.
type Draft struct {
	Name              string
	Description       string
	RequestsPerMinute *int // 0 is no cap
	RequestsPerDay    *int // 0 is no cap
	ExpiresDays       *int // from now
	Terms
}

// Edit is a change to a key. What is nil stays as it is.
type Edit struct {
	Name              *string
	Description       *string
	RequestsPerMinute *int
	RequestsPerDay    *int
	ExpiresDays       *int // from now; 0 is never
	Active            *bool
	Terms
}

// Terms are what else there is to say about a key. 0 is no cap, an empty list no restriction.
type Terms struct {
	MaxConcurrent   *int
	TokensPerDay    *int64
	BudgetTokens    *int64
	BudgetCost      *float64
	TimeZone        *string
	ExpiresAt       *string // a date, the last day it works in its time zone, or an RFC 3339 time; empty is never
	Colour          *string
	Note            *string
	DefaultModel    *string
	AllowedModels   *[]string
	AllowedDialects *[]string
	Accounts        *[]int64
}

// rules are what an edit is judged by.
type rules struct {
	now    time.Time
	zone   func(Key) *time.Location
	priced bool // there is a price table
}

func (g *Gate) rules() rules {
	return rules{now: g.moment(), zone: g.zone, priced: g.config.Price != nil}
}

// key is what the draft asks for, with fault.Invalid naming the field that is wrong.
func (d Draft) key(r rules) (Key, error) {
	if d.ExpiresDays != nil && *d.ExpiresDays == 0 {
		return Key{}, wrongDays()
	}
	perMinute, perDay, active := defaultPerMinute, defaultPerDay, true
	edit := Edit{
		Name: &d.Name, Description: &d.Description, RequestsPerMinute: orDefault(d.RequestsPerMinute, &perMinute),
		RequestsPerDay: orDefault(d.RequestsPerDay, &perDay), ExpiresDays: d.ExpiresDays, Active: &active, Terms: d.Terms,
	}
	return edit.apply(Key{CreatedAt: r.now}, r)
}

// apply is the key as it is after the edit, with fault.Invalid naming the field that is wrong.
func (e Edit) apply(k Key, r rules) (Key, error) {
	k.Name = trimmed(e.Name, k.Name)
	set(&k.Description, e.Description)
	set(&k.RequestsPerMinute, e.RequestsPerMinute)
	set(&k.RequestsPerDay, e.RequestsPerDay)
	set(&k.Active, e.Active)
	e.Terms.apply(&k)
	k.UpdatedAt = r.now
	if err := k.validate(r); err != nil {
		return Key{}, err
	}
	return k, e.expire(&k, r)
}

func (t Terms) apply(k *Key) {
	set(&k.MaxConcurrent, t.MaxConcurrent)
	set(&k.TokensPerDay, t.TokensPerDay)
	set(&k.BudgetTokens, t.BudgetTokens)
	set(&k.BudgetCost, t.BudgetCost)
	k.TimeZone = trimmed(t.TimeZone, k.TimeZone)
	k.Colour = trimmed(t.Colour, k.Colour)
	set(&k.Note, t.Note)
	k.DefaultModel = trimmed(t.DefaultModel, k.DefaultModel)
	k.AllowedModels = distinct(t.AllowedModels, k.AllowedModels)
	k.AllowedDialects = distinct(t.AllowedDialects, k.AllowedDialects)
	k.Accounts = distinct(t.Accounts, k.Accounts)
}

// expire sets the key's end. It comes last, because a date ends in the key's time zone.
func (e Edit) expire(k *Key, r rules) error {
	switch {
	case e.ExpiresDays != nil && e.ExpiresAt != nil:
		return invalid("expires_at", "expires_at and expires_days say the same. Send one of them.")
	case e.ExpiresDays != nil:
		if *e.ExpiresDays < 0 || *e.ExpiresDays > maxDays {
			return wrongDays()
		}
		k.ExpiresAt = expiry(r.now, *e.ExpiresDays)
	case e.ExpiresAt != nil:
		end, err := endOf(*e.ExpiresAt, r.zone(*k))
		if err != nil {
			return err
		}
		if !end.IsZero() && !end.Equal(k.ExpiresAt) && (!r.now.Before(end) || end.Sub(r.now) > maxDays*24*time.Hour) {
			return invalid("expires_at", "expires_at must be in the future, and in less than %d days. To end a key now, revoke it.", maxDays)
		}
		k.ExpiresAt = end
	}
	return nil
}

// expiry counts days of 24 hours; 0 days is never.
func expiry(now time.Time, days int) time.Time {
	if days == 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(days) * 24 * time.Hour)
}

// endOf is the end of a date, or a time. An empty text is never.
func endOf(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		year, month, number := day.Date()
		return midnight(year, month, number+1, zone), nil
	}
	end, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, invalid("expires_at", "expires_at must be a date such as 2027-12-31, a time such as 2027-12-31T18:00:00Z, or null for a key that does not expire.").Saying(fault.Said{Code: fault.ValueForm, Name: "expires_at", Text: "2027-12-31"})
	}
	return end.UTC().Truncate(time.Millisecond), nil
}

func wrongDays() error {
	return invalid("expires_days", "expires_days must be from 1 to %d, or null for a key that does not expire.", maxDays).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "expires_days", Count: 1, Limit: maxDays})
}

func set[T any](into, given *T) {
	if given != nil {
		*into = *given
	}
}

func orDefault[T any](given, otherwise *T) *T {
	if given != nil {
		return given
	}
	return otherwise
}

func invalid(param, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
