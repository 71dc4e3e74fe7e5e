package amazonq

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// How long the steps before a call may take, and how connections are kept.
const (
	connectTimeout   = 5 * time.Second
	handshakeTimeout = 5 * time.Second
	keepIdle         = 90 * time.Second
	idlePerHost      = 512
	sessionCacheSize = 64
	pingAfter        = 15 * time.Second
	pingTimeout      = 10 * time.Second
)

// withoutRedirects returns a client that follows no redirect, because every call carries an access token; nil stands for the tuned one.
func withoutRedirects(client *http.Client, route Route) *http.Client {
	if client == nil {
		client = &http.Client{Transport: newTransport(route)}
	}
	careful := *client
	careful.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &careful
}

// tapped puts a tap before a client's transport.
func tapped(client *http.Client, tap func(http.RoundTripper) http.RoundTripper) *http.Client {
	if tap == nil {
		return client
	}
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	client.Transport = tap(client.Transport)
	return client
}

// newTransport is tuned for many long streams to few hosts: idle connections are kept, events are never held back by decompression, and
// pings find a dead connection before its streams' patience ends. There is no overall timeout, which would cut streams.
func newTransport(route Route) *http.Transport {
	if route == nil {
		route = http.ProxyFromEnvironment
	}
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: pingAfter}
	return &http.Transport{
		Proxy:               route,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: handshakeTimeout,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(sessionCacheSize)},
		ForceAttemptHTTP2:   true,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		DisableCompression:  true,
		MaxIdleConnsPerHost: idlePerHost,
		IdleConnTimeout:     keepIdle,
	}
}
