package backend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
	"amq2api/backend/server"
	"amq2api/backend/settings"
)

// proxyPasswordName is the upstream proxy's password in the vault.
const proxyPasswordName = "upstream-proxy-password"

// network is how Amazon is reached: directly or through a proxy, as the settings say.
type network struct {
	settings *settings.Choices
	vault    vaultDoor
	probe    string // an address of Amazon's, for tests of the way there
	idle     func() // closes connections that go the old way

	mu       sync.Mutex
	password secret.String // zero is none
}

// probeAddress is one of Amazon's that answers anyone.
const probeAddress = "https://oidc.us-east-1.amazonaws.com/"

func (b *Backend) openNetwork(ctx context.Context) error {
	b.network = &network{settings: b.settings, vault: b.vault, probe: probeAddress, idle: b.closeIdle}
	if endpoint := b.options.Environment.TokenEndpoint; endpoint != "" {
		b.network.probe = endpoint
	}
	password, err := b.vault.Get(ctx, proxyPasswordName)
	if err != nil && !errors.Is(err, account.ErrNoSecret) {
		return err
	}
	b.network.password = password
	return nil
}

func (b *Backend) closeIdle() {
	b.login.CloseIdle()
	b.upstream.CloseIdle()
}

// route finds the proxy for a call to Amazon.
func (n *network) route(r *http.Request) (*url.URL, error) {
	chosen := n.settings.InForce().UpstreamProxy
	switch chosen {
	case "":
		return http.ProxyFromEnvironment(r)
	case settings.Direct:
		return nil, nil
	default:
		n.mu.Lock()
		defer n.mu.Unlock()
		return proxyURL(chosen, n.password)
	}
}

// proxyURL puts the password into the URL. socks5h is the same as socks5 here: names are always resolved by the proxy.
func proxyURL(address string, password secret.String) (*url.URL, error) {
	proxy, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if proxy.Scheme == "socks5h" {
		proxy.Scheme = "socks5"
	}
	if !password.IsZero() {
		proxy.User = url.UserPassword(proxy.User.Username(), password.Reveal())
	}
	return proxy, nil
}

// silence is how long Amazon may say nothing.
func (n *network) silence() time.Duration {
	return time.Duration(n.settings.InForce().UpstreamSilence) * time.Second
}

// HasPassword tells whether the vault has a password for the proxy.
func (n *network) HasPassword() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.password.IsZero()
}

// SetPassword keeps a password in the vault; an empty one forgets it.
func (n *network) SetPassword(ctx context.Context, password secret.String) error {
	keep := n.vault.Set
	if password.IsZero() {
		keep = func(ctx context.Context, name string, _ secret.String) error { return n.vault.Delete(ctx, name) }
	}
	if err := keep(ctx, proxyPasswordName, password); err != nil {
		return err
	}
	n.mu.Lock()
	n.password = password
	n.mu.Unlock()
	n.idle()
	return nil
}

const probeTimeout = 15 * time.Second

// Try asks one of Amazon's addresses for an answer, whatever it is, through a proxy that need not be the one in the settings. An empty
// password is the one in the vault, but only for the proxy it belongs to.
func (n *network) Try(ctx context.Context, address string, password secret.String) admin.ProxyTrial {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	started := time.Now()
	err := n.try(ctx, address, password)
	trial := admin.ProxyTrial{OK: err == nil, Milliseconds: time.Since(started).Milliseconds(), Message: "Amazon answered."}
	if err != nil {
		said := fault.Said{}
		trial.Message, said = explainTrial(err)
		trial.Said = &said
	}
	return trial
}

func (n *network) try(ctx context.Context, address string, password secret.String) error {
	if password.IsZero() && sameProxy(address, n.settings.InForce().UpstreamProxy) {
		n.mu.Lock()
		password = n.password
		n.mu.Unlock()
	}
	route := func(*http.Request) (*url.URL, error) { return proxyURL(address, password) }
	switch address {
	case "":
		route = http.ProxyFromEnvironment
	case settings.Direct:
		route = nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, n.probe, nil)
	if err != nil {
		return err
	}
	client := http.Client{
		Transport:     &http.Transport{Proxy: route, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusProxyAuthRequired {
		return errors.New(response.Status)
	}
	return nil
}

// explainTrial says where the way to Amazon ended. It quotes no URL, which could have a password in it.
func explainTrial(err error) (string, fault.Said) {
	var op *net.OpError
	var lookup *net.DNSError
	text := err.Error()
	switch {
	case strings.Contains(text, "Proxy Authentication Required"), strings.Contains(text, "username/password authentication failed"):
		return "The proxy refused the user name or the password.", fault.Said{Code: fault.ProxyLogin}
	case errors.As(err, &lookup):
		return "The name " + lookup.Name + " could not be found. Check its spelling, and the network connection.", fault.Said{Code: fault.NameUnknown, Name: lookup.Name}
	case errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		return "The proxy could not be reached, or would not connect to Amazon: " + innermost(op.Err) + ". Check its address and port.", fault.Said{Code: fault.ProxyUnreachable, Text: innermost(op.Err)}
	case errors.Is(err, context.DeadlineExceeded):
		return "There was no answer within 15 seconds.", fault.Said{Code: fault.NoAnswer}
	default:
		return "Amazon could not be reached: " + innermost(err) + ".", fault.Said{Code: fault.Unreachable}
	}
}

// innermost is an error's own words, without those of what wraps it.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// appliedSettings are the settings as people change them: where clients reach us changes at once, or not at all.
type appliedSettings struct{ *Backend }

// Current is the settings in force.
func (s appliedSettings) Current() settings.Settings { return s.settings.Current() }

// Save moves the proxy if it is to listen elsewhere, and then keeps the settings.
func (s appliedSettings) Save(ctx context.Context, changed settings.Settings) error {
	if err := changed.Validate(); err != nil {
		return err
	}
	before := s.settings.Current()
	if err := changed.CheckModels(before, s.models().knows(nil)); err != nil {
		return err
	}
	if port := s.options.Environment.Port; port > 0 && changed.Port != before.Port {
		return &fault.Error{Kind: fault.Conflict, Param: "port", Message: fmt.Sprintf("PORT=%d in the environment decides the port of this run. Start AMQ2API without it to choose a port here.", port)}
	}
	if changed.ListenOn != "" && before.ListenOn == "" {
		if err := s.needKey(ctx); err != nil {
			return err
		}
	}
	ctx = context.WithoutCancel(ctx)
	moves := changed.Port != before.Port || changed.ListenOn != before.ListenOn
	if moves {
		if err := s.move(ctx, changed); err != nil {
			return err
		}
	}
	if err := s.settings.Save(ctx, changed); err != nil {
		if moves {
			err = errors.Join(err, s.move(ctx, before))
		}
		return err
	}
	s.gate.AnswerTo(changed.Hosts)
	return s.network.changed(ctx, before.UpstreamProxy, changed.UpstreamProxy)
}

// changed takes over another proxy. A password is one user's at one proxy: no other gets it.
func (n *network) changed(ctx context.Context, before, now string) error {
	if now == before {
		return nil
	}
	n.idle()
	if before == "" || before == settings.Direct || sameProxy(before, now) || !n.HasPassword() {
		return nil
	}
	return n.SetPassword(ctx, secret.String{})
}

// sameProxy tells whether two addresses are of one user at one proxy, which have one password.
func sameProxy(a, b string) bool {
	one, err := url.Parse(a)
	if err != nil {
		return false
	}
	other, err := url.Parse(b)
	return err == nil && one.Host != "" && one.Host == other.Host && one.User.Username() == other.User.Username()
}

// move has clients reach us elsewhere.
func (b *Backend) move(ctx context.Context, to settings.Settings) error {
	place := server.Place{Port: to.Port, Beyond: to.ListenOn}
	if b.options.Environment.Port != 0 {
		place.Port = b.proxy.State().Port
	}
	if err := b.proxy.Move(ctx, place); err != nil {
		return startFault(err)
	}
	return nil
}

// startFault says in a fault why the proxy cannot listen.
func startFault(err error) error {
	var failed *server.StartError
	if !errors.As(err, &failed) {
		return err
	}
	return fault.Wrap(fault.Unavailable, failed.Err, "%s", failed.Message)
}

// needKey refuses to listen beyond this computer before anyone could be let in: there is no use in it but trouble.
func (s appliedSettings) needKey(ctx context.Context) error {
	keys, err := s.keys.List(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if key.Active {
			return nil
		}
	}
	return &fault.Error{Kind: fault.Invalid, Param: "listen_on", Message: "Create an API key first: without one nobody beyond this computer could use the proxy."}
}
