package vault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// insideVariable tells the test binary that it runs again inside a D-Bus session made for it.
const insideVariable = "AMQ2API_TEST_INSIDE_SESSION"

// session is the configuration of a bus of our own, which listens where a desktop's does; %s are its folder and what it can start.
const session = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>%s
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`

const (
	startsServices = "<standard_session_servicedirs/>"
	startsNothing  = ""

	unlocked = `printf 'a login password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && `
	again    = `exec "$0" -test.run="$1" -test.v`
)

// inSession runs the test again inside a bus of its own, in a home of its own, and passes its outcome on. It returns true inside.
func inSession(t *testing.T, services, script string) bool {
	t.Helper()
	if os.Getenv(insideVariable) == t.Name() {
		return true
	}
	for program, pack := range map[string]string{"dbus-run-session": "dbus-daemon", "gnome-keyring-daemon": "gnome-keyring"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("this test needs %s: install the package %s", program, pack)
		}
	}
	home, err := os.MkdirTemp("", "home") // not t.TempDir: a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	config := filepath.Join(home, "session.conf")
	write(t, config, fmt.Appendf(nil, session, home, services))

	cmd := exec.CommandContext(t.Context(), "dbus-run-session", "--config-file="+config, "--", "sh", "-c", script, os.Args[0], "^"+t.Name()+"$")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, insideVariable + "=" + t.Name()}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("inside the session: %v\n%s", err, out)
	}
	return false
}

func open(t *testing.T) *Keychain {
	t.Helper()
	k, err := OpenKeychain(t.Context(), "amq2api/test")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestARealKeyringKeepsItems(t *testing.T) {
	if !inSession(t, startsServices, unlocked+again) {
		return
	}
	k := open(t)
	lacks(t, k, "nothing")
	keeps(t, k, "first", textOf(5000), strings.Repeat("漢字", 1500), textOf(9000), "short again")
	set(t, k, "stays", textOf(3000))
	wants(t, open(t), "stays", textOf(3000))
	if other, err := OpenKeychain(t.Context(), "amq2api/other"); err != nil {
		t.Error(err)
	} else {
		lacks(t, other, "stays")
	}
}

func TestALockedRealKeyringFailsAtOnceAndWorksOnceUnlocked(t *testing.T) {
	if !inSession(t, startsServices, unlocked+again) {
		return
	}
	k := open(t)
	set(t, k, "a", "token")
	lock(t)
	if state := k.State(t.Context()); state.Ready || !strings.Contains(state.Message, "AMQ2API_VAULT_PASSPHRASE_FILE") {
		t.Errorf("state %+v, want locked with a sentence that says what to do", state)
	}
	_, err := k.Get(t.Context(), "a")
	says(t, err, ErrLocked)
	says(t, k.Set(t.Context(), "b", secret.New("x")), ErrLocked)
	if _, err := OpenKeychain(t.Context(), "amq2api/test"); err != nil {
		t.Errorf("a locked keyring must open, to wait for its unlocking: %v", err)
	}

	unlock(t)
	wants(t, k, "a", "token")
	lacks(t, k, "b")
}

// lock locks the keyring behind the vault's back, as a screen lock may.
func lock(t *testing.T) {
	t.Helper()
	service := sessionBus(t).Object(secretService, servicePath)
	if err := service.Call(serviceInterface+".Lock", 0, []dbus.ObjectPath{loginPath}).Err; err != nil {
		t.Fatal(err)
	}
}

// unlock gives GNOME Keyring the password without a window, through the interface that its own tests use.
func unlock(t *testing.T) {
	t.Helper()
	service := sessionBus(t).Object(secretService, servicePath)
	var ignored dbus.Variant
	password := struct {
		Session           dbus.ObjectPath
		Parameters, Value []byte
		Type              string
	}{Value: []byte("a login password"), Type: "text/plain"}
	if err := service.Call(serviceInterface+".OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&ignored, &password.Session); err != nil {
		t.Fatal(err)
	}
	const method = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword"
	if err := service.Call(method, 0, loginPath, password).Err; err != nil {
		t.Fatal(err)
	}
}

func sessionBus(t *testing.T) *dbus.Conn {
	t.Helper()
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestASessionFoundByItsSocketAloneIsUsed(t *testing.T) {
	if !inSession(t, startsServices, unlocked+"unset DBUS_SESSION_BUS_ADDRESS && "+again) {
		return
	}
	keeps(t, open(t), "first")
}

func TestAKeyringThatWasNeverSetUpIsAbsent(t *testing.T) {
	if !inSession(t, startsServices, again) {
		return
	}
	_, err := OpenKeychain(t.Context(), "amq2api/test")
	says(t, err, ErrAbsent)
	if message := fault.Of(err).Message; !strings.Contains(message, "no default keyring") {
		t.Errorf("the sentence is %q", message)
	}
}

func TestASessionWithoutSecretServiceIsAbsent(t *testing.T) {
	if !inSession(t, startsNothing, again) {
		return
	}
	_, err := OpenKeychain(t.Context(), "amq2api/test")
	says(t, err, ErrAbsent)
	if message := fault.Of(err).Message; !strings.Contains(message, "no Secret Service") {
		t.Errorf("the sentence is %q", message)
	}
}

func TestNoBusIsAbsentAndNoneIsStarted(t *testing.T) {
	for name, address := range map[string]string{
		"unset": "", "to be launched": "autolaunch:", "gone": "unix:path=/nonexistent/bus", "garbage": "garbage",
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			launched := filepath.Join(home, "launched")
			script := "#!/bin/sh\ntouch " + launched + "\n"
			if err := os.WriteFile(filepath.Join(home, "dbus-launch"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", home)
			t.Setenv("XDG_RUNTIME_DIR", home)
			t.Setenv(addressVariable, address)
			k, err := OpenKeychain(t.Context(), "amq2api/test")
			says(t, err, ErrAbsent)
			if k != nil || !strings.Contains(fault.Of(err).Message, "AMQ2API_VAULT=file") {
				t.Errorf("%v, %q", k, fault.Of(err).Message)
			}
			if _, err := os.Stat(launched); !errors.Is(err, os.ErrNotExist) {
				t.Error("a bus was started")
			}
		})
	}
}

func TestAServiceNeedsAName(t *testing.T) {
	if _, err := OpenKeychain(t.Context(), ""); err == nil {
		t.Error("a keychain without a service name opens")
	}
}

func TestABusThatNeverAnswersIsGivenUp(t *testing.T) {
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	listener, err := net.Listen("unix", filepath.Join(home, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	ctx, giveUp := context.WithCancel(t.Context())
	go func() {
		if conn, err := listener.Accept(); err == nil {
			defer func() { _ = conn.Close() }()
			giveUp()
			<-t.Context().Done()
		}
	}()
	t.Setenv(addressVariable, "unix:path="+filepath.Join(home, "bus"))
	says(t, probe(ctx), ErrAbsent)
}
