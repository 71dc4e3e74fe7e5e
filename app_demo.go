//go:build production || dev || bindings

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"

	"amq2api/backend/fault"
)

// demo opens a second window against a simulated Amazon: the program again, on a port of its own. It stays when this one quits.
func (a *app) demo() error {
	if !a.demoing.CompareAndSwap(false, true) {
		return fault.New(fault.Conflict, "The demo is open already, in a window of its own.")
	}
	child, err := startDemo()
	if err != nil {
		a.demoing.Store(false)
		return fault.Wrap(fault.Internal, err, "The demo could not be started. Run `amq2api demo` in a terminal to see why.")
	}
	go func() {
		_ = child.Wait() // how it ended is its own affair
		a.demoing.Store(false)
	}()
	return nil
}

func startDemo() (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	child := exec.Command(program, "demo")
	child.Env = append(os.Environ(), "PORT="+strconv.Itoa(port))
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	return child, child.Start()
}

// freePort is a port that nobody has at the moment.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
