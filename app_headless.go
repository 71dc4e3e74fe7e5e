//go:build !production && !dev && !bindings

package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
)

// buildSort is what the version says about the build.
const buildSort = "headless"

func canOpenWindow() bool { return false }

func runWindow(context.Context, bool) error {
	return errors.New("this build has no window: use `amq2api serve`, or build the desktop program with `make build`")
}

// windowCommands are none where there is no window.
func windowCommands() []*cobra.Command { return nil }
