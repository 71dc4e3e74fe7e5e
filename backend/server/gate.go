// Package server is the outermost shell of the listener: a gate that decides which requests may come in at all, and a proxy that
// listens, stops and says why it cannot listen.
//
// The gate stands before every route, also unknown ones, and before any body is read. It is there against web pages: a browser on this
// computer can reach a loopback port, directly or under a name that was rebound to it, so requests that come from one are refused by
// what browsers cannot forge. Who a caller is, is decided behind it.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"
)

// GateConfig is what a Gate needs.
type GateConfig struct {
	Admin   http.Handler // everything under /admin, and /metrics
	Clients http.Handler // everything else
	Repair  func()       // runs before every request, to put back signal handlers that a web view replaced; may be nil
	Log     *slog.Logger
}

// Gate is the outermost handler. It decides by the same path whose rules hold and who answers, so that the two cannot differ.
type Gate struct {
	config  GateConfig
	rules   []rule
	names   atomic.Pointer[names]
	refused [reasons]atomic.Int64
	panics  atomic.Int64
}

// NewGate makes a Gate.
func NewGate(config GateConfig) *Gate {
	g := &Gate{config: config, rules: rules()}
	g.AnswerTo(nil)
	return g
}

// AnswerTo sets the names, besides localhost, by which a reverse proxy or another computer may reach us: "name" for any port of ours, or
// "name:port".
func (g *Gate) AnswerTo(hosts []string) {
	names := newNames(hosts)
	g.names.Store(&names)
}

// Refused counts the refusals since the start, by the reason's name. Reasons that never occurred are left out.
func (g *Gate) Refused() map[string]int64 {
	counts := map[string]int64{}
	for reason := range g.refused {
		if n := g.refused[reason].Load(); n > 0 {
			counts[Reason(reason).String()] = n
		}
	}
	return counts
}

// Panics counts the requests that ended in a panic nobody behind the gate caught.
func (g *Gate) Panics() int64 { return g.panics.Load() }

// ServeHTTP lets a request through or refuses it. A panic behind the gate cuts the connection of its own request only.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer g.survive(r)
	if g.config.Repair != nil {
		g.config.Repair()
	}
	provoke(r)
	v := newVisit(r, *g.names.Load())
	v.protect(w.Header())
	if reason, broken := g.judge(v); broken {
		g.refuse(w, r, reason)
		return
	}
	if v.admin {
		g.serveAdmin(w, r)
		return
	}
	g.serveClient(w, r)
}

func (g *Gate) judge(v *visit) (Reason, bool) {
	for _, rule := range g.rules {
		if rule.broken(v) {
			return rule.reason, true
		}
	}
	return 0, false
}

// serveAdmin ends reads when the listener stops: an open dashboard is not worth waiting for.
func (g *Gate) serveAdmin(w http.ResponseWriter, r *http.Request) {
	if run := runOf(r); run != nil && r.Method == http.MethodGet {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(run.stopping, cancel)()
		r = r.WithContext(ctx)
	}
	g.config.Admin.ServeHTTP(w, r)
}

// serveClient counts requests, so that a stop knows what to wait for.
func (g *Gate) serveClient(w http.ResponseWriter, r *http.Request) {
	if run := runOf(r); run != nil {
		if !run.enter() {
			deny(w, http.StatusServiceUnavailable, "api_error", "unavailable", "AMQ2API is stopping. Try again once it runs.")
			return
		}
		defer run.leave()
	}
	g.config.Clients.ServeHTTP(w, r)
}

func (g *Gate) survive(r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause != http.ErrAbortHandler {
		g.panics.Add(1)
		g.config.Log.ErrorContext(r.Context(), "a request panicked", "method", r.Method, "path", clip(r.URL.Path),
			"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	}
	panic(http.ErrAbortHandler)
}

// refuse answers every refusal alike, so that a page learns nothing from it. Only a wrong content type is named: no page gets that far.
func (g *Gate) refuse(w http.ResponseWriter, r *http.Request, reason Reason) {
	g.refused[reason].Add(1)
	g.config.Log.InfoContext(r.Context(), "refused at the gate", "reason", reason.String(), "method", r.Method, "path", clip(r.URL.Path), "host", clip(r.Host))
	if reason == WrongContent {
		deny(w, http.StatusUnsupportedMediaType, "invalid_request_error", "unsupported_media_type", "Send the body as JSON, with the header Content-Type: application/json.")
		return
	}
	deny(w, http.StatusForbidden, "permission_error", "forbidden", "AMQ2API answers programs on this computer only, not web pages. A program that calls this computer by "+
		"another name, as a container or a reverse proxy does, needs that name in the setting hosts.")
}

// deny answers in a form that the clients of all APIs understand. The connection is closed, and what may be left of a body is not waited for.
func deny(w http.ResponseWriter, status int, kind, code, message string) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second)) // a ResponseWriter without deadlines is a test's
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Connection", "close")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"type":"error","error":{"type":%q,"code":%q,"message":%q}}`+"\n", kind, code, message)
}

// clip bounds what a stranger chose and we log.
func clip(text string) string {
	const limit = 200
	return strings.ToValidUTF8(text[:min(len(text), limit)], "")
}
