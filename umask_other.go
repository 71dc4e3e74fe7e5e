//go:build !unix

package main

// keepFilesPrivate has nothing to do where a profile inherits its folder's access list.
func keepFilesPrivate() {}
