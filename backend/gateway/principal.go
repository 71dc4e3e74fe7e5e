package gateway

import (
	"context"
	"net/http"

	"amq2api/backend/access"
	"amq2api/backend/chat"
)

// As is the door for requests that the program makes itself, for the person at the dashboard: the same way through the program with nobody's
// text of a key. The key's scope and limits hold and it is counted against; the zero key has none and is not counted. It must never be put on
// a listener.
func (g *Gateway) As(key access.Key) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.answer(w, r, &key) })
}

// admit asks for leave. Who has no key has no limits.
func (x *exchange) admit(ctx context.Context, key access.Key, wanted access.Ask) (Permit, error) {
	if x.principal != nil && key.ID == 0 {
		return unlimited{}, nil
	}
	return x.config.Keys.Admit(ctx, key.ID, wanted)
}

// unlimited is the permit of whoever has no key.
type unlimited struct{}

func (unlimited) Revoked() <-chan struct{} { return nil }
func (unlimited) Spend(chat.Usage)         {}
func (unlimited) Done()                    {}
