package backend

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"
)

// Profile is the folder that holds everything one user's program keeps: the database, the file vault, logs, and a lock that lets one
// process have it at a time.
type Profile struct {
	Dir      string
	Database string
	ID       string // random, names the profile in the keychain
	lock     *flock.Flock
}

// ErrProfileBusy says that another process has the profile.
var ErrProfileBusy = errors.New("AMQ2API is already running with this profile")

// OpenProfile makes the folder if there is none, takes the lock and reads the profile's id. It refuses a folder that other users of the
// machine could write to.
func OpenProfile(database string) (*Profile, error) {
	database, err := filepath.Abs(database)
	if err != nil {
		return nil, fmt.Errorf("resolve %s: %w", database, err)
	}
	p := &Profile{Dir: filepath.Dir(database), Database: database}
	if err := p.prepare(); err != nil {
		return nil, err
	}
	p.lock = flock.New(filepath.Join(p.Dir, lockFile), flock.SetPermissions(0o600))
	held, err := p.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the profile %s: %w", p.Dir, err)
	}
	if !held {
		return nil, fmt.Errorf("%w: %s", ErrProfileBusy, p.Dir)
	}
	if p.ID, err = profileID(p.Dir); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// ReadProfile looks at an existing profile without taking it, for commands that only ask a question.
func ReadProfile(database string) (*Profile, error) {
	database, err := filepath.Abs(database)
	if err != nil {
		return nil, fmt.Errorf("resolve %s: %w", database, err)
	}
	p := &Profile{Dir: filepath.Dir(database), Database: database}
	id, err := os.ReadFile(filepath.Join(p.Dir, idFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no profile in %s yet; start AMQ2API once", p.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	p.ID = strings.TrimSpace(string(id))
	return p, nil
}

// prepare makes the folder. A folder of our own is kept private; one that others may write to is refused; any other is left as it is,
// since the files in it are private themselves.
func (p *Profile) prepare() error {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return fmt.Errorf("make the profile folder: %w", err)
	}
	status, err := os.Stat(p.Dir)
	if err != nil {
		return fmt.Errorf("look at the profile folder: %w", err)
	}
	if runtime.GOOS == "windows" || status.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(p.Dir, idFile)); err == nil {
		return os.Chmod(p.Dir, 0o700)
	}
	if status.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("other users may write to the folder %s; set DATABASE_PATH to a file in a folder of your own", p.Dir)
	}
	return nil
}

// Close gives the profile back.
func (p *Profile) Close() error {
	if err := p.lock.Unlock(); err != nil {
		return fmt.Errorf("unlock the profile: %w", err)
	}
	return nil
}

// Files of a profile.
const (
	idFile   = "profile.id"
	lockFile = "amq2api.lock"
)

// profileID reads the profile's id, or gives it one.
func profileID(dir string) (string, error) {
	path := filepath.Join(dir, idFile)
	known, err := os.ReadFile(path)
	if id := strings.TrimSpace(string(known)); err == nil && id != "" {
		return id, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the profile's id: %w", err)
	}
	id := strings.ToLower(rand.Text()[:12])
	if err := writeFile(path, []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("write the profile's id: %w", err)
	}
	return id, nil
}

// writeFile replaces a private file so that it is whole or not there, whenever the power goes.
func writeFile(path string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	if _, err = temp.Write(content); err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
