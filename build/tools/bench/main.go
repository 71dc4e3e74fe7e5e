//go:build linux

// Command bench measures what AMQ2API costs, as ratios to a proxy that does nothing but copy each event's text from one wire to the other.
//
//	bench BINARY
//
// It starts an upstream, the reference proxy and BINARY as processes of their own, drives both proxies in turn with the same load, and
// reads their CPU time from the kernel. Everything stays on loopback. Ratios from one run can be compared; seconds cannot.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "upstream":
		return serveUpstream(ctx)
	case len(args) == 2 && args[0] == "reference":
		return serveReference(ctx, args[1])
	case len(args) == 1:
		return compare(ctx, args[0])
	}
	return fmt.Errorf("usage: bench BINARY")
}
