package donor

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"amq2api/backend/fault"
)

const (
	maxDatabase = 64 << 20 // bytes
	maxJSON     = 1 << 20  // bytes
)

var (
	errNotRegular = errors.New("it is not a regular file")
	errTooLarge   = errors.New("it is too large")
	errDamaged    = errors.New("it is damaged")
	errLocked     = errors.New("another program has locked it")
)

// stat looks at a file, or at what a link leads to, and refuses what is not a regular file of at most limit bytes: reading anything
// else could take forever.
func stat(path string, limit int64) (fs.FileInfo, error) {
	found, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !found.Mode().IsRegular():
		return nil, errNotRegular
	case found.Size() > limit:
		return nil, errTooLarge
	default:
		return found, nil
	}
}

// readJSON reads a small file.
func readJSON(path string) ([]byte, fs.FileInfo, error) {
	found, err := stat(path, maxJSON)
	if err != nil {
		return nil, nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	body, err := io.ReadAll(io.LimitReader(file, maxJSON+1))
	if err == nil && len(body) > maxJSON {
		err = errTooLarge // it grew
	}
	return body, found, err
}

// absent reports whether an error says that there is no such file, nor the folder it would be in.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// unread says why a tool's file could not be read.
func unread(tool string, err error) *fault.Error {
	switch {
	case errors.Is(err, errNotRegular):
		return fault.Wrap(fault.Invalid, err, "Where the %s keeps its sign-in there is something that is not a file. %s", tool, wayOut(tool)).Saying(fault.Said{Code: fault.FindDamaged, Name: tool})
	case errors.Is(err, errTooLarge):
		return fault.Wrap(fault.Invalid, err, "The file in which the %s keeps its sign-in is too large to be one. %s", tool, wayOut(tool)).Saying(fault.Said{Code: fault.FindDamaged, Name: tool})
	case errors.Is(err, errDamaged):
		return fault.Wrap(fault.Invalid, err, "The file in which the %s keeps its sign-in is damaged. %s", tool, wayOut(tool)).Saying(fault.Said{Code: fault.FindDamaged, Name: tool})
	case errors.Is(err, errLocked):
		return fault.Wrap(fault.Unavailable, err, "The %s is using its database right now. Close it and search again, or sign in from AMQ2API.", tool).Saying(fault.Said{Code: fault.FindBusy, Name: tool})
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(fault.Unavailable, err, "AMQ2API may not read where the %s keeps its sign-in. Run both as the same user, or sign in from AMQ2API.", tool).Saying(fault.Said{Code: fault.FindForbidden, Name: tool})
	default:
		return fault.Wrap(fault.Unavailable, err, "Where the %s keeps its sign-in could not be read. Close the %s and search again, or sign in from AMQ2API.", tool, tool).Saying(fault.Said{Code: fault.FindUnreadable, Name: tool})
	}
}

// wayOut is what to do when a tool's sign-in is of no use.
func wayOut(tool string) string {
	return "Sign in again with the " + tool + ", or sign in from AMQ2API."
}
