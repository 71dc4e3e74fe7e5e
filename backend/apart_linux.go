//go:build linux && !race

package backend

import (
	"runtime/debug"
	"syscall"
)

// boundMemory has the process end rather than take more.
func boundMemory(bytes uint64) {
	debug.SetMemoryLimit(int64(bytes / 2))
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes}) // without it only time bounds the work
}
