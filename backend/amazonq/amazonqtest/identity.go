package amazonqtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"amq2api/backend/secret"
)

// Rotation says what a renewal does to the refresh token.
type Rotation uint8

// The rotations.
const (
	RotatesWithGrace Rotation = iota // a new one each time; the old one works until the new one was used
	RotatesAtOnce                    // a new one each time; the old one is dead from then on
	NeverRotates                     // answers carry no refresh token
)

// IdentityOptions shape an Identity. The zero value is a Builder ID.
type IdentityOptions struct {
	Name       string        // for messages; made up if empty
	ProfileARN string        // of an Identity Center account, which must then send it; empty is a Builder ID, which must not
	Rotation   Rotation      // of its refresh token
	Lifetime   time.Duration // of an access token; 0 is an hour
	Models     []string      // what it may use; nil is every model
	Profiles   []Profile     // what a person of an Identity Center is offered, and must send one of
	Email      string        // what GetUsageLimits tells if it is asked to; empty is nothing
	Plan       string        // the subscription's title; empty is SIMULATED
	Limit      float64       // of requests a month, as GetUsageLimits tells it; 0 is 1000
	Social     bool          // signed in with Google or GitHub: renewed without a client
	APIKey     bool          // a key that is its own access token and never ends
}

// Profile is one that an Identity Center offers.
type Profile struct{ ARN, Name string }

// Identity is a person with an account. It is made by AddIdentity or by an approved device sign-in.
type Identity struct {
	Name         string
	ProfileARN   string
	ClientID     string
	ClientSecret secret.String

	service  *Service
	options  IdentityOptions
	number   uint64
	refresh  []string // every refresh token there was; the last is the newest
	used     int      // the newest of them that was used
	bearer   string   // the newest access token
	expires  map[string]time.Time
	script   script
	renewals []Renewal
	refusals map[string][]Refusal // of questions about the account, by operation
	calls    uint64               // of Generate, accepted ones
	counters Counters
}

// AddIdentity makes a signed-in identity with a client of its own.
func (s *Service) AddIdentity(o IdentityOptions) *Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addIdentity(o, s.addClient(nil))
}

func (s *Service) addIdentity(o IdentityOptions, client *oidcClient) *Identity {
	if o.Lifetime == 0 {
		o.Lifetime = time.Hour
	}
	if o.Name == "" {
		o.Name = fmt.Sprintf("identity %d", len(s.identities)+1)
	}
	i := &Identity{
		Name: o.Name, ProfileARN: o.ProfileARN, ClientID: client.id, ClientSecret: secret.New(client.secret),
		service: s, options: o, number: uint64(len(s.identities) + 1), expires: make(map[string]time.Time),
	}
	s.identities = append(s.identities, i)
	i.mintRefresh()
	if o.APIKey {
		i.mintKey()
	}
	return i
}

// keyLifetime is as good as for ever.
const keyLifetime = 100 * 365 * 24 * time.Hour

// mintKey makes the API key.
func (i *Identity) mintKey() {
	i.bearer = "ksk_" + letters(i.service.random, 60)
	i.expires[i.bearer] = i.service.options.Now().Add(keyLifetime)
	i.service.access[i.bearer] = i
}

// unfitKind says why a call's headers do not fit the kind of token, empty if they do.
func (i *Identity) unfitKind(header http.Header) string {
	if kind := header.Get("Tokentype"); (kind == "API_KEY") != i.options.APIKey {
		return fmt.Sprintf("tokentype: %q", kind)
	}
	return ""
}

// QueueControl scripts refusals of the next questions of an operation about the account.
func (i *Identity) QueueControl(operation string, refusals ...Refusal) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	if i.refusals == nil {
		i.refusals = make(map[string][]Refusal)
	}
	i.refusals[operation] = append(i.refusals[operation], refusals...)
}

// nextControl takes the next refusal that is scripted for a question.
func (x *exchange) nextControl(operation string) (Refusal, bool) {
	x.service.mu.Lock()
	defer x.service.mu.Unlock()
	queue := x.identity.refusals[operation]
	if len(queue) == 0 {
		return Refusal{}, false
	}
	x.identity.refusals[operation] = queue[1:]
	return queue[0], true
}

// RefreshToken is the newest refresh token.
func (i *Identity) RefreshToken() secret.String {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	return secret.New(i.refresh[len(i.refresh)-1])
}

// AccessToken is the newest access token if it is still valid, else a new one. It is for tests that need no renewal.
func (i *Identity) AccessToken() secret.String {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	if !i.expires[i.bearer].After(i.service.options.Now()) {
		i.mintAccess()
	}
	return secret.New(i.bearer)
}

// Expire ends the life of every access token. They can be renewed.
func (i *Identity) Expire() {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	clear(i.expires)
}

// Revoke ends the life of every token of the identity: only a new sign-in would help.
func (i *Identity) Revoke() {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	clear(i.expires)
	for _, token := range i.refresh {
		delete(i.service.refresh, token)
	}
}

// Queue scripts the identity's next answers of the streaming service.
func (i *Identity) Queue(answers ...Answer) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	i.script.next = append(i.script.next, answers...)
}

// Always scripts what the identity gets when nothing is queued; nil is the small model again.
func (i *Identity) Always(answer Answer) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	i.script.always = answer
}

// QueueRenewals scripts the identity's next renewals.
func (i *Identity) QueueRenewals(renewals ...Renewal) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	i.renewals = append(i.renewals, renewals...)
}

// Counters returns what the identity did.
func (i *Identity) Counters() Counters {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	return i.counters
}

// mintRefresh makes the next refresh token.
func (i *Identity) mintRefresh() string {
	token := "aorAAAAAG" + letters(i.service.random, 120)
	i.refresh = append(i.refresh, token)
	i.service.refresh[token] = i
	return token
}

// mintAccess makes the next access token and forgets those that have expired.
func (i *Identity) mintAccess() string {
	now := i.service.options.Now()
	for token, expiry := range i.expires {
		if !expiry.After(now) {
			delete(i.expires, token)
			delete(i.service.access, token)
		}
	}
	i.bearer = "aoaAAAAAG" + letters(i.service.random, 120)
	i.expires[i.bearer] = now.Add(i.options.Lifetime)
	i.service.access[i.bearer] = i
	return i.bearer
}

// redeem accepts or refuses a refresh token of the identity by its rotation, and counts.
func (i *Identity) redeem(token string) bool {
	generation, newest := slices.Index(i.refresh, token), len(i.refresh)-1
	switch {
	case generation < i.used, generation < newest && i.options.Rotation == RotatesAtOnce:
		i.service.count(i, func(c *Counters) { c.Reuses++ })
		return false
	case generation < newest:
		i.service.count(i, func(c *Counters) { c.Repeats++ })
	}
	i.used = generation
	return true
}

// nextRenewal takes the next renewal of the script; the zero one if it says nothing.
func (i *Identity) nextRenewal() Renewal {
	if len(i.renewals) == 0 {
		return Renewal{}
	}
	renewal := i.renewals[0]
	i.renewals = i.renewals[1:]
	return renewal
}

// valid tells whether an access token is good now.
func (i *Identity) valid(token string) bool {
	return i.expires[token].After(i.service.options.Now())
}

// knows tells whether the identity may use a model; none is the service's choice.
func (i *Identity) knows(model string) bool {
	if model == "" {
		return true
	}
	models := i.options.Models
	if models == nil {
		models = catalogue
	}
	return slices.Contains(models, model)
}
