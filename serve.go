package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"amq2api/backend"
)

// quitGrace is how long running streams may go on after the program was told to stop.
const quitGrace = 30 * time.Second

// options are what every way of running shares.
func options(env backend.Environment, window bool) backend.Options {
	executable, err := os.Executable()
	if err != nil {
		executable = "" // then dangerous work is done inside
	}
	return backend.Options{Environment: env, Version: version, Page: page(), HasWindow: window, Executable: executable}
}

// serve runs the proxy and the admin API until ctx ends.
func serve(ctx context.Context, out io.Writer) error {
	env, err := backend.ReadEnvironment()
	if err != nil {
		return err
	}
	b, err := backend.Open(ctx, options(env, false))
	if err != nil {
		return err
	}
	return serveUntilDone(ctx, b, func() {
		fmt.Fprintf(out, "AMQ2API %s listens on %s\n", version, b.Address())
		fmt.Fprintf(out, "Dashboard: %s/admin/dashboard/ (sign in with the token that `amq2api admin-token` prints)\n", b.Address())
	})
}

// serveDemo is serve with a simulated upstream, an account and a key.
func serveDemo(ctx context.Context, out io.Writer) error {
	b, demo, err := openDemo(ctx, false)
	if err != nil {
		return err
	}
	return serveUntilDone(ctx, b, func() {
		fmt.Fprint(out, demo.Introduction(b.Address(), b.HandoverCode()))
		if os.Getenv("DATABASE_PATH") != "" {
			fmt.Fprint(out, "DATABASE_PATH is not used: a demo has a profile of its own.\n\n")
		}
	})
}

// openDemo opens the program in its demo profile with everything ready to try.
func openDemo(ctx context.Context, window bool) (*backend.Backend, *backend.Demo, error) {
	env, err := backend.ReadEnvironment()
	if err != nil {
		return nil, nil, err
	}
	return backend.OpenDemo(ctx, options(env, window))
}

// serveUntilDone starts the listener, says so, and closes everything when ctx ends.
func serveUntilDone(ctx context.Context, b *backend.Backend, started func()) error {
	err := b.Start(ctx, 0)
	if err == nil {
		started()
		<-ctx.Done()
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), quitGrace)
	defer cancel()
	return errors.Join(err, b.Close(closing))
}

func printAdminToken(ctx context.Context, out io.Writer) error {
	env, err := backend.ReadEnvironment()
	if err != nil {
		return err
	}
	token, err := backend.AdminToken(ctx, env)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, token.Reveal())
	return err
}
