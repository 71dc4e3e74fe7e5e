package main

import (
	"errors"

	"amq2api/backend"
	"amq2api/backend/fault"
)

// exitNoKeychain tells whoever started the program that another vault would help.
const exitNoKeychain = 3

func exitCode(err error) int {
	if errors.Is(err, backend.ErrNoKeychain) {
		return exitNoKeychain
	}
	return 1
}

// sentence is what a person needs to know of an error: the message of the fault in it, if there is one.
func sentence(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return err.Error()
}
