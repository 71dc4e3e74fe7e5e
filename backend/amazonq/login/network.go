package login

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"

	"amq2api/backend/fault"
)

// How long the steps before a call may take, and how long a connection is kept for the next account.
const (
	connectTimeout   = 5 * time.Second
	handshakeTimeout = 5 * time.Second
	keepIdle         = 30 * time.Second
)

// withoutRedirects returns a client that follows no redirect, because every call carries a refresh token; nil stands for one made here.
func withoutRedirects(client *http.Client, route Route) *http.Client {
	if route == nil {
		route = http.ProxyFromEnvironment
	}
	if client == nil {
		client = &http.Client{Transport: &http.Transport{
			Proxy:               route,
			DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
			TLSHandshakeTimeout: handshakeTimeout,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:   true,
			IdleConnTimeout:     keepIdle,
		}}
	}
	careful := *client
	careful.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &careful
}

// wsaNetUnreachable is what Windows says for ENETUNREACH, which package syscall does not translate.
const wsaNetUnreachable = syscall.Errno(10051)

// unreachable explains why there was no answer. Sent tells whether the request may have arrived.
func (c *Client) unreachable(err error, sent bool) *setback {
	if sent {
		return lostAnswer(err)
	}
	var untrusted *tls.CertificateVerificationError
	var lookup *net.DNSError
	switch {
	case errors.As(err, &untrusted):
		return &setback{fault.Wrap(fault.Unavailable, err, "The certificate of Amazon's sign-in service could not be verified. Check the computer's clock, and any proxy or security software that opens encrypted connections.").Saying(fault.Said{Code: fault.Certificate}), never}
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, wsaNetUnreachable), errors.As(err, &lookup) && !c.online():
		return &setback{fault.Wrap(fault.Offline, err, "This computer has no network connection. Connect it, then try again.").Saying(fault.Said{Code: fault.NetworkAway}), again}
	default:
		return &setback{fault.Wrap(fault.Unavailable, err, "Amazon's sign-in service could not be reached. Check the network connection, then try again.").Saying(fault.Said{Code: fault.Unreachable}), again}
	}
}

// hasAddress reports whether any interface has an address that leads out of this computer. Not knowing counts as yes.
func hasAddress() bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
			return true
		}
	}
	return false
}
