package donor

import (
	"context"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

type Finder struct{}

type Find struct {
	ID        string
	Tool      string
	Path      string
	Draft     account.Draft
	ExpiresAt time.Time
	Problem   *fault.Error
}

func (Find) Shares() bool                   { return true }
func (*Finder) Find(context.Context) []Find { return nil }
