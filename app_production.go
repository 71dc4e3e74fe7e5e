//go:build production && !bindings

package main

import (
	"net/http"
	"strings"
)

const generatingBindings = false

// pagePolicy is what the window's page may load: itself.
const pagePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

// middleware answers the admin API in process: the window needs no port, no session and no token. Only requests of the window's own
// page come this way.
func (a *app) middleware(next http.Handler) http.Handler {
	admin := a.backend.WindowAdmin()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/admin/") {
			admin.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", pagePolicy)
		next.ServeHTTP(w, r)
	})
}
