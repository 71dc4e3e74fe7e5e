package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// How long a client may take for its body, and to read an answer. Both are the socket's deadlines, hence in real time.
const (
	readTimeout  = 30 * time.Second
	writeTimeout = 30 * time.Second
)

// idPrefix marks a request id in headers and records.
const idPrefix = "req_"

// exchange is one request and what became of it.
type exchange struct {
	*Gateway
	w         *counted
	r         *http.Request
	control   *http.ResponseController
	route     route
	principal *access.Key // who asks, if it is not a client that shows a key
	record    *usage.Record
	status    int                    // that was sent; 0 if none was
	failure   *fault.Error           // nil is success
	torn      bool                   // the answer broke off where no dialect has an ending
	served    atomic.Pointer[string] // the name of the account that answers, from the first event on
}

func (g *Gateway) open(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{Gateway: g, w: &counted{ResponseWriter: w}, r: r, control: http.NewResponseController(w), route: g.match(r)}
	x.record = &usage.Record{
		ID:      idPrefix + g.config.NewID(),
		At:      g.config.Now(),
		Client:  usage.ClientName(r.UserAgent()),
		Address: address(r.RemoteAddr),
		Dialect: x.route.dialect.Name,
	}
	w.Header().Set("Request-Id", x.record.ID)
	w.Header().Set("X-Request-Id", x.record.ID)
	return x
}

func (x *exchange) serve() error {
	if x.r.Body != http.NoBody {
		// A ResponseWriter without deadlines is a test's.
		_ = x.control.SetReadDeadline(time.Now().Add(readTimeout))
	}
	return x.route.serve(x)
}

// conclude runs last, whatever happened. A panic costs the one request it happened in.
func (x *exchange) conclude() {
	if cause := recover(); cause != nil {
		x.survive(cause)
	}
	x.complete()
	if !x.route.quiet || x.failure != nil {
		x.log()
	}
	if x.route.spends {
		x.config.Recorder.Record(x.record)
	}
	if x.torn {
		panic(http.ErrAbortHandler) // cuts the connection: better than what looks like an end
	}
}

func (x *exchange) survive(cause any) {
	failure := panicked(cause)
	if x.status == 0 {
		x.refuse(failure)
		return
	}
	x.failure, x.torn = failure, true
}

// errPanic is behind the fault of a request that ended in a panic.
var errPanic = errors.New("panic")

// panicked must be called while the panic's stack still stands.
func panicked(cause any) *fault.Error {
	return fault.Of(fmt.Errorf("%w: %v\n%s", errPanic, cause, debug.Stack()))
}

// complete fills in how the request ended.
func (x *exchange) complete() {
	x.record.Duration = x.config.Now().Sub(x.record.At)
	x.record.Status = x.status
	x.record.BytesOut = x.w.bytes.Load()
	if x.failure == nil {
		return
	}
	if errors.Is(x.failure, errPanic) {
		x.panics.Add(1)
	}
	x.record.Fault = x.failure.Kind.String()
	x.record.Message = x.failure.Message
	if x.failure.Kind == fault.Canceled {
		x.record.Status = fault.StatusCanceled
	}
}

func (x *exchange) log() {
	level := x.level()
	if !x.config.Log.Enabled(x.r.Context(), level) {
		return
	}
	record := x.record
	attributes := []slog.Attr{
		slog.String("id", record.ID), slog.String("method", x.r.Method), slog.String("path", clip(x.r.URL.Path)),
		slog.Int("status", record.Status), slog.Duration("took", record.Duration),
		slog.String("key", record.KeyName), slog.String("client", record.Client),
	}
	if x.route.spends {
		served, _ := record.Served()
		attributes = append(attributes,
			slog.String("asked", clip(record.ModelAsked)), slog.String("model", record.ModelUsed), slog.Bool("stream", record.Streaming),
			slog.String("account", served.Account), slog.Int("attempts", len(record.Attempts)),
			slog.Duration("first_event", record.FirstEvent), slog.Int("input", record.Usage.Input), slog.Int("output", record.Usage.Output))
	}
	if x.failure != nil {
		attributes = append(attributes, slog.String("err", x.failure.Error()))
	}
	x.config.Log.LogAttrs(x.r.Context(), level, "request", attributes...)
}

func (x *exchange) level() slog.Level {
	switch {
	case x.failure == nil || x.failure.Kind == fault.Canceled:
		return slog.LevelInfo
	case x.failure.Kind.Status() >= http.StatusInternalServerError:
		return slog.LevelError
	default:
		return slog.LevelWarn
	}
}

// refusal is a fault with a status that no kind has.
type refusal struct {
	status int
	fault  *fault.Error
}

func (r *refusal) Error() string { return r.fault.Error() }
func (r *refusal) Unwrap() error { return r.fault }

// statusOf is the status of an error whose kind has the given one.
func statusOf(err error, otherwise int) int {
	var special *refusal
	if errors.As(err, &special) {
		return special.status
	}
	return otherwise
}

// address is a client's, without its port.
func address(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return ""
	}
	return host
}

// clip bounds what a client chose and we keep or log.
func clip(text string) string {
	const limit = 200
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "..."
}
