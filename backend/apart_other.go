//go:build !linux || race

package backend

import "runtime/debug"

// boundMemory can only ask here: work that takes more is ended by its time.
func boundMemory(bytes uint64) { debug.SetMemoryLimit(int64(bytes / 2)) }
