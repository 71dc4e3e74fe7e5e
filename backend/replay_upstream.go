package backend

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/capture"
	"amq2api/backend/fault"
	"amq2api/backend/relay"
	"amq2api/backend/secret"
)

// standIn is the accounts and the upstream of a replay: it has an account for every attempt as long as there are calls in the capture, and
// answers them with the capture's bytes, in order.
type standIn struct {
	mu       sync.Mutex
	calls    []capture.Call // of the exchange under way
	received [][]byte
	leases   int64
	refused  bool        // an account was wanted when there were no calls left
	served   func() bool // told when the last call is answered; tells whether a cut answer is left open
}

// begin takes the calls of the next exchange.
func (s *standIn) begin(calls []capture.Call, served func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.received, s.refused, s.served = calls, nil, false, served
}

func (s *standIn) lease(context.Context, account.Want) (relay.Lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.received) >= len(s.calls) {
		s.refused = true
		return nil, fault.New(fault.Unavailable, "The capture has no further call to the upstream.")
	}
	s.leases++
	return replayLease{s.leases}, nil
}

func (s *standIn) listen(ctx context.Context) (address string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	call, last, known := s.take(body.Bytes())
	if !known {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	for name, value := range call.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(call.Status)
	_, _ = w.Write(call.Response)
	if !call.Cut {
		return
	}
	_ = http.NewResponseController(w).Flush()
	if last != nil && last() {
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

// take notes a call and finds its answer, and for the last one whom to tell.
func (s *standIn) take(body []byte) (call capture.Call, last func() bool, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = append(s.received, body)
	if at := len(s.received) - 1; at < len(s.calls) {
		if at == len(s.calls)-1 {
			last = s.served
		}
		return s.calls[at], last, true
	}
	return capture.Call{}, nil, false
}

// unanswerable tells whether an exchange ended because no account was left to make even a first call, of which a capture knows nothing.
func (s *standIn) unanswerable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused && len(s.calls) == 0
}

// differences compares what was sent with the capture.
func (s *standIn) differences() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	if len(s.received) != len(s.calls) {
		found = append(found, fmt.Sprintf("%d calls were made upstream, %d in the capture", len(s.received), len(s.calls)))
	}
	for i := range min(len(s.received), len(s.calls)) {
		for _, difference := range compareJSON(s.calls[i].Request, s.received[i]) {
			found = append(found, fmt.Sprintf("call %d: %s", i+1, difference))
		}
	}
	return found
}

type replayLease struct{ id int64 }

func (l replayLease) Account() account.Account {
	return account.Account{ID: l.id, Name: fmt.Sprintf("replay %d", l.id)}
}
func (replayLease) Choice() account.Choice      { return account.Choice{} }
func (replayLease) Answered()                   {}
func (replayLease) Spend(float64)               {}
func (replayLease) Renew(context.Context) error { return nil }
func (replayLease) Done(error)                  {}

func (l replayLease) Credential(context.Context) (account.Credential, error) {
	return account.Credential{AccountID: l.id, Service: account.AmazonQ, Region: "us-east-1", AccessToken: secret.New("replay")}, nil
}
