// Package access is about clients: their keys, the limits on them, and admission.
package access

import (
	"slices"
	"strings"
	"time"
)

// Key is a client's key. Its text is not in it: only a hash is kept.
type Key struct {
	ID                int64
	Name              string
	Description       string
	Prefix            string // the first characters, to recognise it by, e.g. amq-3fK9
	Hash              [32]byte
	Active            bool // false once revoked
	RequestsPerMinute int  // 0 is no cap
	RequestsPerDay    int  // 0 is no cap; days are UTC
	ExpiresAt         time.Time
	DefaultModel      string   // stands in for a model there is not; empty is the one in the settings
	AllowedModels     []string // names as clients ask for or models they stand for, * at the end for the rest of a name; empty is all
	CreatedAt         time.Time
	UpdatedAt         time.Time
	TotalRequests     int64
	LastUsed          time.Time
}

// Allows reports whether the key may use a model that goes by these names.
func (k Key) Allows(names ...string) bool {
	return len(k.AllowedModels) == 0 || slices.ContainsFunc(k.AllowedModels, func(pattern string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return matches(pattern, name) })
	})
}

// matches compares a model's name with a pattern, whatever the case.
func matches(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	if start, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(name, start)
	}
	return pattern == name
}

// Expired reports whether the key has an end and it has come.
func (k Key) Expired(now time.Time) bool { return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt) }
