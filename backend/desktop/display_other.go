//go:build !linux

package desktop

// HasDisplay is true where a desktop is part of the system.
func HasDisplay(func(string) string) bool { return true }

// CareForWebKit has nothing to care for.
func CareForWebKit() {}
