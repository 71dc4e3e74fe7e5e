package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"amq2api/backend/fault"
)

const (
	defaultPerMinute = 60
	defaultPerDay    = 10000
	maxLimit         = 1_000_000
	maxName          = 100
	maxDescription   = 1000
	maxDays          = 36500
	maxModels        = 50
	maxModelName     = 200
)

// Draft is a key to be made. What is nil takes its default: 60 requests a minute, 10000 a day, no end.
type Draft struct {
	Name              string
	Description       string
	RequestsPerMinute *int // 0 is no cap
	RequestsPerDay    *int // 0 is no cap
	ExpiresDays       *int // from now
	DefaultModel      string
	AllowedModels     []string
}

// Edit is a change to a key. What is nil stays as it is.
type Edit struct {
	Name              *string
	Description       *string
	RequestsPerMinute *int
	RequestsPerDay    *int
	ExpiresDays       *int // from now; 0 is never
	Active            *bool
	DefaultModel      *string   // empty is the one in the settings
	AllowedModels     *[]string // empty is all
}

// key is what the draft asks for, with fault.Invalid naming the field that is wrong.
func (d Draft) key(now time.Time) (Key, error) {
	if d.ExpiresDays != nil && *d.ExpiresDays == 0 {
		return Key{}, invalid("expires_days", "expires_days must be from 1 to %d, or null for a key that does not expire.", maxDays)
	}
	perMinute, perDay, active := defaultPerMinute, defaultPerDay, true
	edit := Edit{
		Name: &d.Name, Description: &d.Description, RequestsPerMinute: orDefault(d.RequestsPerMinute, &perMinute),
		RequestsPerDay: orDefault(d.RequestsPerDay, &perDay), ExpiresDays: d.ExpiresDays, Active: &active, DefaultModel: &d.DefaultModel, AllowedModels: &d.AllowedModels,
	}
	return edit.apply(Key{CreatedAt: now}, now)
}

// apply is the key as it is after the edit, with fault.Invalid naming the field that is wrong.
func (e Edit) apply(k Key, now time.Time) (Key, error) {
	if e.ExpiresDays != nil {
		if *e.ExpiresDays < 0 || *e.ExpiresDays > maxDays {
			return Key{}, invalid("expires_days", "expires_days must be from 1 to %d, or null for a key that does not expire.", maxDays)
		}
		k.ExpiresAt = expiry(now, *e.ExpiresDays)
	}
	k.Name = strings.TrimSpace(*orDefault(e.Name, &k.Name))
	k.Description = *orDefault(e.Description, &k.Description)
	k.RequestsPerMinute = *orDefault(e.RequestsPerMinute, &k.RequestsPerMinute)
	k.RequestsPerDay = *orDefault(e.RequestsPerDay, &k.RequestsPerDay)
	k.Active = *orDefault(e.Active, &k.Active)
	k.DefaultModel = strings.TrimSpace(*orDefault(e.DefaultModel, &k.DefaultModel))
	k.AllowedModels = slices.Clone(*orDefault(e.AllowedModels, &k.AllowedModels))
	k.UpdatedAt = now
	return k, k.validate()
}

func (k Key) validate() error {
	switch {
	case k.Name == "":
		return invalid("name", "name is missing. Give the key a name to recognise it by.")
	case utf8.RuneCountInString(k.Name) > maxName:
		return invalid("name", "name is longer than %d characters.", maxName)
	case utf8.RuneCountInString(k.Description) > maxDescription:
		return invalid("description", "description is longer than %d characters.", maxDescription)
	case k.RequestsPerMinute < 0 || k.RequestsPerMinute > maxLimit:
		return invalid("requests_per_minute", "requests_per_minute must be from 0 (no cap) to %d.", maxLimit)
	case k.RequestsPerDay < 0 || k.RequestsPerDay > maxLimit:
		return invalid("requests_per_day", "requests_per_day must be from 0 (no cap) to %d.", maxLimit)
	case len(k.DefaultModel) > maxModelName:
		return invalid("default_model", "default_model is longer than %d bytes.", maxModelName)
	case k.DefaultModel != "" && !k.Allows(k.DefaultModel):
		return invalid("default_model", "default_model is %s, which is not among allowed_models.", k.DefaultModel)
	default:
		return k.validateModels()
	}
}

func (k Key) validateModels() error {
	if len(k.AllowedModels) > maxModels {
		return invalid("allowed_models", "allowed_models may have at most %d names.", maxModels)
	}
	for i, name := range k.AllowedModels {
		if name = strings.TrimSpace(name); name == "" || len(name) > maxModelName || strings.Contains(strings.TrimSuffix(name, "*"), "*") {
			return invalid("allowed_models", "Name %d of allowed_models must be a model's name, or the beginning of one and a *.", i+1)
		}
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

func orDefault[T any](given, otherwise *T) *T {
	if given != nil {
		return given
	}
	return otherwise
}

func invalid(param, format string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
