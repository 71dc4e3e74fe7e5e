// Package gateway is the door for model clients: the routes under /v1, their keys, and the way of one request through the program.
//
// A request is identified by its headers, read whole, decoded by its dialect, given a model, admitted against its key's limits, and
// sent. What comes back is a stream of events. The status of the answer is held back until the first of them, or for ten seconds, so
// that a fault before it is a status of its own and a fault after it is the dialect's way of ending a stream.
//
// Every answer carries the request's id in the headers request-id and x-request-id. Every generation leaves one usage record, every
// request one line in the log.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/secret"
	"amq2api/backend/settings"
	"amq2api/backend/usage"
)

// Keys knows the clients.
type Keys interface {
	// Identify finds the key that a token belongs to, also beside an error if the key may not be used. An empty token is a missing one.
	Identify(token secret.String) (access.Key, error)
	// Admit counts a request against the key's limits. It never waits.
	Admit(ctx context.Context, keyID int64, ask access.Ask) (Permit, error)
}

// Permit is leave for one request.
type Permit interface {
	Revoked() <-chan struct{} // closed when the key is revoked
	Spend(usage chat.Usage)   // says what the request cost
	Done()
}

// Models knows which models some accounts have; no accounts are all of them.
type Models interface {
	// Resolve finds the upstream's model for the name a client asked for.
	Resolve(asked string, accounts []int64) (settings.Resolution, error)
	List(accounts []int64) []string
}

// Sender answers a request. What it tried is noted in record, which is the stream's until its range ends.
type Sender interface {
	Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream
}

// Recorder takes the record of a request that has ended. It never blocks.
type Recorder interface{ Record(record *usage.Record) }

// Config is what a Gateway needs. Every field is required.
type Config struct {
	Anthropic Dialect
	OpenAI    Dialect
	Responses Dialect
	Keys      Keys
	Models    Models
	Sender    Sender
	Recorder  Recorder
	Instance  string    // tells copies of the program apart
	Version   string    // of the program
	Since     time.Time // the creation date of every model, which nobody knows
	Now       func() time.Time
	NewID     func() string // letters and digits, never the same twice
	Log       *slog.Logger
}

// Gateway is the door. Make it with New.
type Gateway struct {
	config   Config
	routes   map[string]route
	inFlight atomic.Int64
	panics   atomic.Int64
}

// New makes the door.
func New(config Config) *Gateway {
	g := &Gateway{config: config}
	g.routes = g.table()
	return g
}

// InFlight is the number of generation requests being answered.
func (g *Gateway) InFlight() int { return int(g.inFlight.Load()) }

// Panics counts the requests that ended in a panic.
func (g *Gateway) Panics() int64 { return g.panics.Load() }

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.answer(w, r, nil) }

// answer answers a client, or our own request as principal.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, principal *access.Key) {
	x := g.open(w, r)
	x.principal = principal
	defer x.conclude()
	if err := x.serve(); err != nil {
		x.refuse(err)
	}
}
