//go:build unix

package connect

import (
	"io/fs"
	"os"
	"syscall"
)

// keepLooks gives a file the mode and owner of the one it replaces. An owner that cannot be kept is an error: the tool might lose its file.
func keepLooks(temp *os.File, was fs.FileInfo) error {
	owner, ok := was.Sys().(*syscall.Stat_t)
	if ok && (int(owner.Uid) != os.Geteuid() || int(owner.Gid) != os.Getegid()) {
		if err := temp.Chown(int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	return temp.Chmod(was.Mode().Perm())
}
