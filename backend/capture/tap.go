package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The headers that are kept, besides those of the client's session: none of them is a secret.
var (
	requestHeaders = []string{"Content-Type", "User-Agent", "Anthropic-Version", "Anthropic-Beta"}
	answerHeaders  = []string{"Content-Type", "X-Amzn-Errortype", "Retry-After", "X-Amzn-Requestid"}
)

// taking is the exchange that a request belongs to, in its context.
type taking struct {
	mu       sync.Mutex
	exchange Exchange
}

type takingKey struct{}

// Door keeps what comes and goes through the clients' door while a capture is made. Otherwise it costs nothing.
func (s *Shelf) Door(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.active.Load() == nil || !generates(r) {
			next.ServeHTTP(w, r)
			return
		}
		running := s.current()
		if running == nil || !running.join(s.owner(r)) {
			next.ServeHTTP(w, r)
			return
		}
		s.take(running, next, w, r)
	})
}

// generates tells a request for a model's words.
func generates(r *http.Request) bool {
	path := strings.TrimSuffix(r.URL.Path, "/")
	return r.Method == http.MethodPost &&
		(strings.HasSuffix(path, "/messages") || strings.HasSuffix(path, "/chat/completions") || strings.HasSuffix(path, "/responses"))
}

// address is what of a request's address is kept: of the query only what clients are known to put there, since it may hold a secret.
func address(asked *url.URL) string {
	if beta := asked.Query().Get("beta"); beta == "true" {
		return asked.Path + "?beta=true"
	}
	return asked.Path
}

// owner tells conversations apart: by the key and the client's session, else by its name.
func (s *Shelf) owner(r *http.Request) string {
	key := fingerprint(r.Header.Get("Authorization") + r.Header.Get("X-Api-Key"))
	for _, name := range s.config.SessionHeaders {
		if id := r.Header.Get(name); id != "" {
			return key + " session " + id
		}
	}
	return key + " client " + r.UserAgent()
}

func (s *Shelf) take(running *session, next http.Handler, w http.ResponseWriter, r *http.Request) {
	t := &taking{exchange: Exchange{At: s.config.Now().UTC(), Path: address(r.URL), Headers: chosen(r.Header, slices.Concat(requestHeaders, s.config.SessionHeaders))}}
	var sent bytes.Buffer
	answer := &tee{ResponseWriter: w, gone: r.Context().Done(), status: http.StatusOK}
	r = r.WithContext(context.WithValue(r.Context(), takingKey{}, t))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(r.Body, &sent), r.Body}
	defer func() {
		t.mu.Lock()
		e := t.exchange
		t.mu.Unlock()
		header := w.Header()
		e.RequestID, e.Model, e.Default = header.Get("Request-Id"), header.Get("X-Amq2api-Model"), header.Get("X-Amq2api-Model-Substituted") != ""
		e.Request, e.Response, e.Status = oneLine(sent.Bytes()), answer.body.Bytes(), answer.status
		e.HungUp = r.Context().Err() != nil
		s.keep(running, e)
	}()
	next.ServeHTTP(answer, r)
}

// oneLine writes JSON in one line; what is none stays as it is.
func oneLine(text []byte) []byte {
	var compact bytes.Buffer
	if json.Compact(&compact, text) != nil {
		return text
	}
	return compact.Bytes()
}

func chosen(header http.Header, names []string) map[string]string {
	kept := map[string]string{}
	for _, name := range names {
		if value := header.Get(name); value != "" {
			kept[name] = value
		}
	}
	return kept
}

// tee keeps what a client gets, until it is gone. Everything else of the ResponseWriter is reached through Unwrap.
type tee struct {
	http.ResponseWriter
	gone   <-chan struct{}
	status int
	body   bytes.Buffer
}

func (t *tee) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tee) Write(p []byte) (int, error) {
	n, err := t.ResponseWriter.Write(p)
	select {
	case <-t.gone:
	default:
		t.body.Write(p[:n])
	}
	return n, err
}

// Unwrap is for http.ResponseController.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// Transport keeps what calls to the upstream send and get, if they belong to a request that is kept.
func (s *Shelf) Transport(next http.RoundTripper) http.RoundTripper { return transport{next} }

type transport struct{ next http.RoundTripper }

// CloseIdleConnections is for http.Client, which looks for it.
func (t transport) CloseIdleConnections() {
	if next, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// RoundTrip makes the call.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	taking, _ := r.Context().Value(takingKey{}).(*taking)
	if taking == nil || r.GetBody == nil {
		return t.next.RoundTrip(r)
	}
	sent, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	request, err := io.ReadAll(sent)
	if err != nil {
		return nil, err
	}
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = &keptBody{ReadCloser: response.Body, taking: taking, call: Call{
		Status: response.StatusCode, Headers: chosen(response.Header, answerHeaders), Cut: true, Request: withoutOwner(request),
	}}
	return response, nil
}

var profileARN = regexp.MustCompile(`"profileArn":"[^"]*"`)

// withoutOwner takes out of a call what belongs to the account.
func withoutOwner(request []byte) []byte {
	return profileARN.ReplaceAll(request, []byte(`"profileArn":"arn:aws:codewhisperer:us-east-1:000000000000:profile/CAPTURED"`))
}

// keptBody keeps an answer as it is read.
type keptBody struct {
	io.ReadCloser
	taking *taking
	call   Call
	once   sync.Once
}

func (b *keptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.call.Response = append(b.call.Response, p[:n]...)
	if errors.Is(err, io.EOF) {
		b.call.Cut = false
	}
	return n, err
}

func (b *keptBody) Close() error {
	b.once.Do(func() {
		b.taking.mu.Lock()
		defer b.taking.mu.Unlock()
		b.taking.exchange.Calls = append(b.taking.exchange.Calls, b.call)
	})
	return b.ReadCloser.Close()
}
