package account

import "context"

// Provider tells what it knows about an account. The kinds of its errors are those of a request's.
type Provider interface {
	Quota(ctx context.Context, c Credential) (Quota, error)
	Models(ctx context.Context, c Credential) ([]Model, error)
}
