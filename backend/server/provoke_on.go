//go:build provoke

package server

import "net/http"

// provoke makes the mistake that a window's web view turns into the end of the program, for the test that it does not.
func provoke(r *http.Request) {
	if r.URL.Path == "/provoke" {
		var nothing *http.Request
		r.Method = nothing.Method
	}
}
