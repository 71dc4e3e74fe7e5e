//go:build unix

package main

import "syscall"

// keepFilesPrivate makes every file the program creates its user's alone, the ones SQLite makes beside the database included.
func keepFilesPrivate() { syscall.Umask(0o077) }
