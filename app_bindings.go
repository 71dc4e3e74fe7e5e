//go:build bindings

package main

import "net/http"

// generatingBindings is true in the build that only describes the window to its tools: it must not open the profile or a port.
const generatingBindings = true

func (a *app) middleware(next http.Handler) http.Handler { return next }
