//go:build !provoke

package server

import "net/http"

// provoke does nothing in any program that is given to anyone.
func provoke(*http.Request) {}
