package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"amq2api/backend"
)

// exitNoKeychain tells whoever started the program that another vault would help.
const exitNoKeychain = 3

// exitUnreadable tells a file that cannot be read from one that was, and differs.
const exitUnreadable = 2

func exitCode(err error) int {
	if errors.Is(err, backend.ErrNoCapture) || errors.Is(err, backend.ErrNoBackup) {
		return exitUnreadable
	}
	if errors.Is(err, backend.ErrNoKeychain) {
		return exitNoKeychain
	}
	return 1
}

// said is an error that the user has been told already.
type said struct{ error }

func (s said) Unwrap() error { return s.error }

// endings are the signals that end the program in good order. A hang-up is one unless it was switched off, as nohup does.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
