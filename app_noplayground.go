//go:build dev || bindings

package main

// openPlayground does nothing where the page asks the listener: a development window goes through the gate like any browser.
func (a *app) openPlayground() {}
