//go:build !unix

package connect

import (
	"io/fs"
	"os"
)

// keepLooks has nothing to do where a folder says who may read its files.
func keepLooks(*os.File, fs.FileInfo) error { return nil }
