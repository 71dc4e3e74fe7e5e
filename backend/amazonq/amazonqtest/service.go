// Package amazonqtest is a stand-in for Amazon: the token service and the streaming service on one loopback address, as strict as the
// real ones are known to be and stricter where they are not known, with a script of answers and faults. Tests drive it, and the demo
// runs on it.
//
// A test adds an identity, queues what shall happen, and reads what was received:
//
//	service := amazonqtest.New(amazonqtest.Options{Seed: 1})
//	url, stop, err := service.Listen()
//	identity := service.AddIdentity(amazonqtest.IdentityOptions{})
//	identity.Queue(amazonqtest.Answer{amazonqtest.Text("I will look."), amazonqtest.Call("ls", `{"path":"."}`)})
//	...
//	last := service.Received(amazonqtest.Generate)[0]
//
// Without a script it answers by itself, as a small model that says it is one. The package knows the protocol from its own reading and
// shares no code with the client, so that a mistake in one shows against the other.
package amazonqtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Options shape a Service. The zero value is good for tests.
type Options struct {
	Seed         int64                                            // of tokens, ids, chunking and jitter
	Now          func() time.Time                                 // nil is time.Now
	Sleep        func(ctx context.Context, d time.Duration) error // waits for every delay; nil uses a timer, which works in a synctest bubble
	Pace         time.Duration                                    // between the words of the small model; 0 is none
	PollInterval time.Duration                                    // of device sign-in; 0 is 5 s
	Keep         int                                              // how many calls Received remembers; 0 is 256

	DeviceLifetime time.Duration                         // how long a person has to approve a sign-in; 0 is 10 minutes
	Person         func(startURL string) IdentityOptions // who approves on the page; nil is a Builder ID, or somebody with one profile for a company's start URL
}

// Service is the simulator. It is an http.Handler and safe for concurrent use.
type Service struct {
	options Options
	routes  *http.ServeMux

	mu         sync.Mutex
	random     *rand.Rand
	identities []*Identity
	clients    map[string]*oidcClient // by client id
	refresh    map[string]*Identity   // by refresh token, current or not
	access     map[string]*Identity   // by access token, expired or not
	devices    map[string]*device     // by device code
	script     script
	received   []*Received
	counters   Counters
	changed    chan struct{} // closed and replaced at every change of what Wait looks at
}

// New makes a Service without identities.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.PollInterval == 0 {
		o.PollInterval = 5 * time.Second
	}
	if o.DeviceLifetime == 0 {
		o.DeviceLifetime = deviceLifetime
	}
	if o.Person == nil {
		o.Person = somebody
	}
	if o.Keep == 0 {
		o.Keep = 256
	}
	s := &Service{
		options: o, routes: http.NewServeMux(), random: source(o.Seed, 0),
		clients: make(map[string]*oidcClient), refresh: make(map[string]*Identity), access: make(map[string]*Identity),
		devices: make(map[string]*device), changed: make(chan struct{}),
	}
	s.route()
	return s
}

// route is everything the Service answers.
func (s *Service) route() {
	s.routes.HandleFunc("POST /{$}", s.rpc)
	s.routes.HandleFunc("POST /generateAssistantResponse", s.rest)
	s.routes.HandleFunc("POST /client/register", oidc(s, RegisterClient, s.registerClient))
	s.routes.HandleFunc("POST /device_authorization", oidc(s, StartDeviceAuthorization, s.startDeviceAuthorization))
	s.routes.HandleFunc("POST /token", oidc(s, CreateToken, s.createToken))
	s.routes.HandleFunc("POST /refreshToken", oidc(s, RefreshToken, s.refreshToken))
	s.routes.HandleFunc("GET /device", s.showDevice)
	s.routes.HandleFunc("POST /device", s.decideDevice)
}

// ServeHTTP answers one call.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.count(nil, func(c *Counters) { c.active++ })
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count(nil, func(c *Counters) { c.active-- })
	}()
	s.routes.ServeHTTP(w, r)
}

// Queue scripts the next answers of the streaming service, whichever identity asks. An identity's own queue comes first.
func (s *Service) Queue(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script.next = append(s.script.next, answers...)
}

// script is what the next calls get.
type script struct {
	next   []Answer
	always Answer
}

// take returns the next answer, nil if the script says nothing.
func (s *script) take() Answer {
	if len(s.next) == 0 {
		return s.always
	}
	answer := s.next[0]
	s.next = s.next[1:]
	return answer
}

// source makes the random numbers of one stream of events. They are for variety, not for secrecy: nothing here guards anything.
func source(seed int64, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed), stream))
}

// sleep waits for d unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// letters draws n letters and digits.
func letters(random *rand.Rand, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(text)
}

// newUUID draws a version 4 UUID.
func newUUID(random *rand.Rand) string {
	high, low := random.Uint64(), random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", high>>32, high>>16&0xffff, high&0xfff, low>>48&0x3fff|0x8000, low&0xffffffffffff)
}
