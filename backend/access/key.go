// Package access is about clients: their keys, the limits on them, and admission.
package access

import "time"

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
	CreatedAt         time.Time
	UpdatedAt         time.Time
	TotalRequests     int64
	LastUsed          time.Time
}

// Expired reports whether the key has an end and it has come.
func (k Key) Expired(now time.Time) bool { return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt) }
