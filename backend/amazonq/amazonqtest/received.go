package amazonqtest

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// The operations, as Received names them.
const (
	Generate                 = "GenerateAssistantResponse"
	ListAvailableModels      = "ListAvailableModels"
	GetUsageLimits           = "GetUsageLimits"
	ListAvailableProfiles    = "ListAvailableProfiles"
	RefreshToken             = "RefreshToken"
	CreateToken              = "CreateToken"
	RegisterClient           = "RegisterClient"
	StartDeviceAuthorization = "StartDeviceAuthorization"
)

// Received is one call as the Service saw it. No token or client secret is in it.
type Received struct {
	At        time.Time
	Operation string
	Method    string
	Path      string           // with the query
	Header    http.Header      // without authorization and cookies
	Size      int              // of the body, in bytes
	Identity  *Identity        // whose token it was; nil if nobody's
	Request   *GenerateRequest // the body of Generate; nil if its shape is wrong
	Status    int              // of the answer; 0 if there was none (yet)
	Refusal   string           // why the Service refused it by its own rules; empty if it did not. The client is not told
	Cancelled bool             // the client left before the end of the answer
}

// Received lists the last calls of an operation, the oldest first; all operations if it is empty.
func (s *Service) Received(operation string) []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Received
	for _, call := range s.received {
		if operation == "" || call.Operation == operation {
			calls = append(calls, *call)
		}
	}
	return calls
}

// Counters count since the start.
type Counters struct {
	Calls       int // of the streaming service, refused ones included
	Questions   int // about an account, refused ones included
	Refused     int // of these, the ones that broke a rule
	Streams     int // being answered now
	PeakStreams int
	Cancelled   int // answers whose client left before the end
	Renewals    int // tokens handed out for a refresh token
	Repeats     int // a refresh token used again before its successor was used, and accepted
	Reuses      int // a refresh token used again after its successor was used, and refused

	active int // calls of any kind that are being handled now
}

// Counters returns the counters of the whole Service.
func (s *Service) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counters
}

// Wait returns once the counters are as wanted, or with ctx's error. It looks whenever a counter changes and whenever a call arrives, so
// wanted may look at Received instead.
func (s *Service) Wait(ctx context.Context, wanted func(Counters) bool) error {
	for {
		s.mu.Lock()
		counters, changed := s.counters, s.changed
		s.mu.Unlock()
		if wanted(counters) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// count changes the counters of the Service and, if there is one, of the identity. The caller holds the mutex.
func (s *Service) count(identity *Identity, change func(*Counters)) {
	change(&s.counters)
	if identity != nil {
		change(&identity.counters)
	}
	s.signal()
}

// signal wakes everyone in Wait. The caller holds the mutex.
func (s *Service) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// note records a call. The oldest one makes room.
func (s *Service) note(r *http.Request, operation string) *Received {
	header := r.Header.Clone()
	header.Del("Authorization")
	header.Del("Cookie")
	call := &Received{At: s.options.Now(), Operation: operation, Method: r.Method, Path: r.URL.RequestURI(), Header: header}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.received) >= s.options.Keep {
		s.received = slices.Delete(s.received, 0, 1)
	}
	s.received = append(s.received, call)
	s.signal()
	return call
}
