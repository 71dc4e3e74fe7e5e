// Package fault says why something failed, and what that implies.
//
// A failure is classified once, where it is first understood (the upstream client, the key check, a decoder), and rendered once per
// dialect at the door. Between the two it travels as an ordinary error; Of finds it again.
package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind is the cause of a failure. Programs branch on it; its name goes to logs and usage records.
type Kind uint8

// The kinds. ARCHITECTURE.md has the table of what each one implies.
const (
	Internal         Kind = iota // our bug; the zero value, so that an unclassified error is never blamed on anyone else
	Invalid                      // the request is wrong for anyone
	TooLong                      // the conversation does not fit the model's context window
	TooLarge                     // the body is over our cap
	Unauthenticated              // the client's key is missing, unknown, expired or revoked
	Forbidden                    // the key may not do this
	NotFound                     // unknown model or route
	Conflict                     // it exists already
	Limited                      // our own limit on the key
	Throttled                    // the upstream throttles this account
	Exhausted                    // this account's quota is used up
	Credential                   // the account's token is refused, or no account is signed in
	Suspended                    // the provider locked the account
	Suspicious                   // the provider called the activity suspicious
	Refused                      // the provider refuses this account for a reason it does not name
	ModelUnavailable             // this account does not have the model
	Overloaded                   // the model is busy for everyone
	Unavailable                  // network, upstream 5xx, truncated stream
	Offline                      // there is no network here
	Locked                       // the vault that holds the account's secrets cannot be reached
	Canceled                     // the client left
)

var names = [...]string{
	Internal: "internal", Invalid: "invalid", TooLong: "too_long", TooLarge: "too_large", Unauthenticated: "unauthenticated",
	Forbidden: "forbidden", NotFound: "not_found", Conflict: "conflict", Limited: "limited", Throttled: "throttled", Exhausted: "exhausted",
	Credential: "credential", Suspended: "suspended", Suspicious: "suspicious", Refused: "refused",
	ModelUnavailable: "model_unavailable", Overloaded: "overloaded", Unavailable: "unavailable", Offline: "offline", Locked: "locked", Canceled: "canceled",
}

// String is the kind's name in logs and records, in snake_case.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText renders the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	for kind, name := range names {
		if name == string(text) {
			*k = Kind(kind)
			return nil
		}
	}
	return fmt.Errorf("unknown fault kind %q", text)
}

// StatusOverloaded and StatusCanceled are not in net/http: 529 is what Anthropic answers when a model is busy, 499 marks, in our log
// only, that the client left.
const (
	StatusOverloaded = 529
	StatusCanceled   = 499
)

var statuses = [...]int{
	Internal: http.StatusInternalServerError, Invalid: http.StatusBadRequest, TooLong: http.StatusBadRequest,
	TooLarge: http.StatusRequestEntityTooLarge, Unauthenticated: http.StatusUnauthorized, Forbidden: http.StatusForbidden,
	NotFound: http.StatusNotFound, Conflict: http.StatusConflict, Limited: http.StatusTooManyRequests, Throttled: http.StatusTooManyRequests,
	Exhausted: http.StatusTooManyRequests, Credential: http.StatusForbidden, Suspended: http.StatusForbidden,
	Suspicious: http.StatusTooManyRequests, Refused: http.StatusForbidden, ModelUnavailable: http.StatusNotFound,
	Overloaded: StatusOverloaded, Unavailable: http.StatusBadGateway, Offline: http.StatusServiceUnavailable, Locked: http.StatusServiceUnavailable,
	Canceled: StatusCanceled,
}

// Status is the HTTP status a client sees for the kind, unless its dialect knows a better one.
func (k Kind) Status() int {
	if int(k) < len(statuses) {
		return statuses[k]
	}
	return http.StatusInternalServerError
}

// Retryable tells whether the same request may succeed later without anybody acting. It becomes the x-should-retry header, which
// the official SDKs obey.
func (k Kind) Retryable() bool {
	switch k {
	case Limited, Throttled, Suspicious, Overloaded, Unavailable, Offline, Locked:
		return true
	default:
		return false
	}
}

// Error is a classified failure.
type Error struct {
	Kind       Kind
	Message    string        // safe to show to a client: what happened and what to do
	Param      string        // the request field at fault, in the client's spelling; empty if none
	Limit      string        // which of a key's limits was reached, as in access; empty if none
	RetryAfter time.Duration // when trying again makes sense; 0 is unknown
	Until      time.Time     // when the cause is known to end (a quota's reset); zero is unknown
	Err        error         // for the log only

	Said        Said // the message for programs with words of their own
	Unexplained bool // the upstream refused the request without saying why
}

// New makes a fault with a message for the client.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap is New with a cause that only the log sees.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Err: cause}
}

// Error is for logs: kind, message and cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Kind.String() + ": " + e.Message
	}
	return e.Kind.String() + ": " + e.Message + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Of answers for any error: the fault inside it, Canceled for a context that was cancelled, else Internal with a message that gives
// nothing away. Of(nil) is nil.
func Of(err error) *Error {
	var found *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &found):
		return found
	case errors.Is(err, context.Canceled):
		return Wrap(Canceled, err, "The client closed the connection.")
	default:
		return Wrap(Internal, err, "Something went wrong inside AMQ2API. Its log has the details under this request's id.")
	}
}

// Sentence is what a person needs to know of an error: the message of the fault in it, if there is one.
func Sentence(err error) string {
	var f *Error
	if errors.As(err, &f) {
		return f.Message
	}
	return err.Error()
}
