package backend

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/fault"
)

// SelfTest looks at the running program as doctor looks at a profile, and besides at its doors and keys.
func (b *Backend) SelfTest(ctx context.Context) []admin.Check {
	e := &examination{env: b.options.Environment, now: time.Now(), profile: b.profile}
	e.modes()
	e.endpoints()
	if database := e.database(ctx); database != nil {
		_ = database.Close() // it was only read
	}
	e.backups(ctx, b.settings.InForce())
	b.checkVault(ctx, e)
	b.checkListener(ctx, e)
	b.checkKeys(ctx, e)
	return e.checks
}

func (b *Backend) checkVault(ctx context.Context, e *examination) {
	state := b.vault.State(ctx)
	if !state.Ready {
		e.add(Check{Name: "vault", Code: admin.VaultLocked, Values: admin.CheckValues{Reason: state.Message, Said: state.Said.OrNil()}, Verdict: Broken, Message: state.Message, Mend: "Unlock it: accounts wait for it."})
		return
	}
	e.add(inVault(state))
	findings, err := account.Inspect(ctx, b.database.Accounts(), b.vault, e.now)
	if err != nil {
		e.add(Check{Name: "accounts", Code: admin.AccountsUnchecked, Values: admin.CheckValues{Reason: err.Error()}, Verdict: Broken, Message: err.Error(), Mend: "Look again."})
		return
	}
	e.report(findings)
}

// checkListener looks where clients reach us, and knocks at our own gate the way a hostile page would.
func (b *Backend) checkListener(ctx context.Context, e *examination) {
	state := b.proxy.State()
	if !state.Running {
		e.add(Check{Name: "listener", Code: admin.ListenerStopped, Verdict: Notable, Message: "The proxy is stopped.", Mend: "Start it when clients are to connect."})
		return
	}
	if beyond := notLoopback(state.Addresses); beyond != "" {
		e.add(Check{Name: "listener", Code: admin.ListenerBeyond, Values: admin.CheckValues{Subject: beyond}, Verdict: Notable,
			Message: fmt.Sprintf("Others can reach the proxy at %s, and what they send can be read on the way.", beyond),
			Mend:    "If nobody else needs it, let it listen on this computer only."})
	} else {
		e.add(Check{Name: "listener", Code: admin.ListenerLocal, Verdict: Healthy, Message: "Only this computer reaches it."})
	}
	for _, knock := range []struct{ path, host, origin string }{
		{"/v1/models", "rebound.example", ""}, {"/admin/state", "", "http://page.example"}, {"/v1/models", "", "http://page.example"},
	} {
		status, err := b.knock(ctx, knock.path, knock.host, knock.origin)
		if err != nil || status != http.StatusForbidden {
			e.add(Check{Name: "gate", Code: admin.GateOpen, Values: admin.CheckValues{Count: status}, Verdict: Broken, Message: fmt.Sprintf("A request like a hostile page's was answered %d (%v).", status, err),
				Mend: "Another program may sit between clients and AMQ2API. Report it if not."})
			return
		}
	}
	e.add(Check{Name: "gate", Code: admin.GateClosed, Verdict: Healthy, Message: "Web pages are refused."})
}

// notLoopback is the first address that others can reach, or empty.
func notLoopback(addresses []string) string {
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			return address
		}
		if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
			return address
		}
	}
	return ""
}

const knockTimeout = 2 * time.Second

func (b *Backend) knock(ctx context.Context, path, host, origin string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, knockTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.Address()+path, nil)
	if err != nil {
		return 0, err
	}
	request.Host = host
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy: this never leaves the computer
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_ = response.Body.Close()
	return response.StatusCode, nil
}

// checkKeys looks for keys that would cost most if they leaked.
func (b *Backend) checkKeys(ctx context.Context, e *examination) {
	keys, err := b.keys.List(ctx)
	if err != nil {
		e.add(Check{Name: "keys", Code: admin.KeysUnchecked, Values: admin.CheckValues{Reason: fault.Sentence(err)}, Verdict: Broken, Message: fault.Sentence(err), Mend: "Look again."})
		return
	}
	var unlimited []string
	for _, key := range keys {
		if key.Active && key.RequestsPerMinute == 0 && key.RequestsPerDay == 0 && key.ExpiresAt.IsZero() {
			unlimited = append(unlimited, key.Name)
		}
	}
	if len(unlimited) > 0 {
		e.add(Check{Name: "keys", Code: admin.KeysUnlimited, Values: admin.CheckValues{Subject: strings.Join(unlimited, ", ")}, Verdict: Notable, Message: "These keys have no limit and no end: " + strings.Join(unlimited, ", ") + ".",
			Mend: "Give them a limit or an end, in case they leak."})
		return
	}
	e.add(Check{Name: "keys", Code: admin.KeysLimited, Verdict: Healthy, Message: "Each has a limit or an end."})
}
