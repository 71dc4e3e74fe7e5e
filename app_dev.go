//go:build dev && !bindings

package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

const generatingBindings = false

// middleware sends the admin API of a development window through the listener, so that it passes the gate and a session like any
// browser's.
func (a *app) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		listener, err := url.Parse(a.backend.Address())
		if err != nil || !strings.HasPrefix(r.URL.Path, "/admin/") {
			next.ServeHTTP(w, r)
			return
		}
		proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(listener)
			p.Out.Header.Del("Origin")
			p.Out.Header.Del("Referer")
		}}
		proxy.ServeHTTP(w, r)
	})
}
