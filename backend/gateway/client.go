package gateway

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

const (
	maxBody   = 32 << 20 // bytes
	firstRead = 1 << 20  // bytes that a declared length may reserve before they come
)

// identify finds the key that a request shows, or that of the principal. It is the only way to a key, for every route and every way of sending one.
func (x *exchange) identify() (access.Key, error) {
	if x.principal != nil {
		x.record.KeyID, x.record.KeyName = x.principal.ID, x.principal.Name
		return *x.principal, nil
	}
	token, err := token(x.r.Header)
	if err != nil {
		return access.Key{}, err
	}
	key, err := x.config.Keys.Identify(token)
	x.record.KeyID, x.record.KeyName = key.ID, key.Name // an expired or revoked key is worth knowing too
	return key, err
}

// token takes a key from Authorization: Bearer or x-api-key. Sent both ways it must be the same: which of two was meant is not ours to
// guess. An empty token is a missing one.
func token(header http.Header) (secret.String, error) {
	foreign := false
	sent := header.Values("X-Api-Key")
	for _, value := range header.Values("Authorization") {
		bearer, ok := bearer(value)
		foreign = foreign || !ok
		sent = append(sent[:len(sent):len(sent)], bearer)
	}
	found := ""
	for _, text := range sent {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if found != "" && found != text {
			return secret.String{}, fault.New(fault.Invalid, "The request carries two different keys. Send one, as Authorization: Bearer or as x-api-key.")
		}
		found = text
	}
	if found == "" && foreign {
		return secret.String{}, fault.New(fault.Unauthenticated, "The Authorization header must be \"Bearer\" and an API key.")
	}
	return secret.New(found), nil
}

// Token is the key that a request's headers show; zero is none.
func Token(header http.Header) (secret.String, error) { return token(header) }

// bearer is the token in an Authorization header, and false if its scheme is another.
func bearer(value string) (string, bool) {
	scheme, text, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return text, true
}

// SessionHeaders are the names under which clients send their own id for a conversation, the best first. Source: observed requests of Claude
// Code, Codex, opencode and pi.
func SessionHeaders() []string {
	return []string{"X-Claude-Code-Session-Id", "Session-Id", "X-Session-Id", "X-Session-Affinity", "Session_id"}
}

// session is the client's own id for a conversation.
func session(header http.Header) string {
	for _, name := range SessionHeaders() {
		if id := header.Get(name); id != "" {
			return clip(id)
		}
	}
	return ""
}

// body reads the whole body before anything is answered: once an answer has begun, the server may close what is left of it.
func (x *exchange) body() ([]byte, error) {
	if coding := x.r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, &refusal{http.StatusUnsupportedMediaType,
			fault.New(fault.Invalid, "The body is encoded as %q. Send it without a content-encoding.", clip(coding))}
	}
	var body bytes.Buffer
	body.Grow(int(min(max(x.r.ContentLength, 0), firstRead)) + bytes.MinRead)
	read, err := body.ReadFrom(http.MaxBytesReader(x.w.ResponseWriter, x.r.Body, maxBody)) // the server's own writer closes the connection when it is too much
	if x.record.BytesIn = read; err != nil {
		return nil, unread(err)
	}
	_ = x.control.SetReadDeadline(time.Time{})
	return body.Bytes(), nil
}

// unread says why a body could not be read.
func unread(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return fault.Wrap(fault.TooLarge, err, "The request is over %d MiB. Send less, or smaller images.", maxBody>>20)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &refusal{http.StatusRequestTimeout, fault.Wrap(fault.Invalid, err, "The body did not arrive within %v.", readTimeout)}
	default:
		return fault.Wrap(fault.Canceled, err, "The client closed the connection.")
	}
}
