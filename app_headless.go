//go:build !production && !dev && !bindings

package main

import (
	"context"
	"errors"
)

func canOpenWindow() bool { return false }

func runWindow(context.Context, bool) error {
	return errors.New("this build has no window: use `amq2api serve`, or build the desktop program with `make build`")
}
