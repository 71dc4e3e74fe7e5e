// Package desktop is what makes the program a citizen of a desktop: one window per profile, and the tray.
package desktop

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A second start of the program with the same profile asks the first one to show its window. They talk over a Unix socket in the
// profile, so that it works while the proxy is stopped and asks nothing of the session bus.

const (
	socketFile   = "window.sock"
	showRequest  = "show"
	shownAnswer  = "shown"
	raiseTimeout = 2 * time.Second

	// maxSocketPath is the shortest limit of a socket's path among the systems we run on, in bytes.
	maxSocketPath = 100
)

// Raiser listens for second starts.
type Raiser struct {
	listener net.Listener
}

// Listen answers every second start in the profile folder dir by calling show. The caller holds the profile's lock, so what lies at the
// socket's path is left from a process that is gone.
func Listen(dir string, show func()) (*Raiser, error) {
	path := socketPath(dir)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove a stale socket: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for second starts: %w", err)
	}
	go serve(listener, show)
	return &Raiser{listener}, nil
}

// Close stops listening.
func (r *Raiser) Close() error { return r.listener.Close() }

func serve(listener net.Listener, show func()) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		answer(connection, show)
	}
}

func answer(connection net.Conn, show func()) {
	defer func() { _ = connection.Close() }()
	if connection.SetDeadline(time.Now().Add(raiseTimeout)) != nil {
		return
	}
	line, err := bufio.NewReaderSize(connection, 64).ReadSlice('\n')
	if err != nil || strings.TrimSpace(string(line)) != showRequest {
		return
	}
	show()
	_, _ = fmt.Fprintln(connection, shownAnswer)
}

// How long the process that holds the profile may take to have a window, and how often it is asked.
const (
	windowTimeout = 5 * time.Second
	raiseEvery    = 100 * time.Millisecond
)

// RaiseSoon is Raise for a process that may only be starting: of many starts at once one has the profile, and no window yet.
func RaiseSoon(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, windowTimeout)
	defer cancel()
	for {
		err := Raise(dir)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(raiseEvery):
		case <-ctx.Done():
			return err
		}
	}
}

// Raise asks the process that holds the profile to show its window. It fails if that process has none.
func Raise(dir string) error {
	connection, err := net.DialTimeout("unix", socketPath(dir), raiseTimeout)
	if err != nil {
		return fmt.Errorf("the running AMQ2API has no window: %w", err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(raiseTimeout)); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(connection, showRequest); err != nil {
		return fmt.Errorf("ask for the window: %w", err)
	}
	line, err := bufio.NewReaderSize(connection, 64).ReadSlice('\n')
	if err != nil || strings.TrimSpace(string(line)) != shownAnswer {
		return errors.Join(errors.New("the running AMQ2API did not show its window"), err)
	}
	return nil
}

// socketPath is in the profile, or, where that path is too long for a socket, in the temporary folder under a name made from it.
func socketPath(dir string) string {
	path := filepath.Join(dir, socketFile)
	if len(path) <= maxSocketPath {
		return path
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(os.TempDir(), "amq2api-"+hex.EncodeToString(sum[:8])+".sock")
}
