package vault

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"amq2api/backend/secret"
)

// mute is a Secret Service that is on the bus and unlocked, and does not answer some questions.
type mute struct {
	questions  chan struct{} // closed when it begins to answer
	properties bool          // it does not say either what it has
	denied     bool          // it answers those questions with a refusal
	waiting    atomic.Int64
}

// serve puts the service on the bus.
func (m *mute) serve(t *testing.T) {
	t.Helper()
	m.questions = make(chan struct{})
	conn := sessionBus(t)
	for _, path := range []dbus.ObjectPath{servicePath, loginPath} {
		if err := conn.Export(muteProperties{m}, path, "org.freedesktop.DBus.Properties"); err != nil {
			t.Fatal(err)
		}
		if err := conn.Export(muteService{m}, path, serviceInterface); err != nil {
			t.Fatal(err)
		}
	}
	if reply, err := conn.RequestName(secretService, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("take the service's name: %v, %v", reply, err)
	}
}

// hold keeps a question until the service begins to answer.
func (m *mute) hold() *dbus.Error {
	if m.denied {
		return dbus.NewError("org.freedesktop.DBus.Error.AccessDenied", []any{"not for you"})
	}
	m.waiting.Add(1)
	defer m.waiting.Add(-1)
	<-m.questions
	return dbus.NewError("org.freedesktop.DBus.Error.Failed", []any{"too late"})
}

type muteProperties struct{ *mute }

// Get answers what the probe asks. Source: the Secret Service specification.
func (m muteProperties) Get(_, name string) (dbus.Variant, *dbus.Error) {
	if m.properties {
		return dbus.MakeVariant(""), m.hold()
	}
	if name == "Collections" {
		return dbus.MakeVariant([]dbus.ObjectPath{loginPath}), nil
	}
	return dbus.MakeVariant(false), nil
}

type muteService struct{ *mute }

// OpenSession is what whoever wants to write asks for first.
func (m muteService) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), "/", m.hold()
}

// Unlock is what comes before reading, also where nothing is locked.
func (m muteService) Unlock([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	return nil, "/", m.hold()
}

// SearchItems is how an item is found.
func (m muteService) SearchItems(map[string]string) ([]dbus.ObjectPath, []dbus.ObjectPath, *dbus.Error) {
	return nil, nil, m.hold()
}

// expectBusy checks that every operation is given up, that the later ones are told at once, and that one question at most is left behind.
func expectBusy(t *testing.T, k *Keychain, m *mute) {
	t.Helper()
	before := runtime.NumGoroutine()
	_, err := k.Get(t.Context(), "a")
	says(t, err, ErrBusy)
	for range 20 {
		if t.Failed() {
			return
		}
		_, err := k.Get(t.Context(), "a")
		says(t, err, ErrBusy)
		says(t, k.Set(t.Context(), "a", secret.New("x")), ErrBusy)
		says(t, k.Delete(t.Context(), "a"), ErrBusy)
		if state := k.State(t.Context()); state.Ready || !strings.Contains(state.Message, "AMQ2API_VAULT=file") {
			t.Errorf("state %+v", state)
		}
	}
	const connection = 8 // goroutines that a question and the bus keep for themselves
	if grown := runtime.NumGoroutine() - before; m.waiting.Load() > 1 || grown > connection {
		t.Errorf("%d questions wait, and there are %d goroutines more", m.waiting.Load(), grown)
	}
}

func TestASecretServiceThatNeverAnswersBlocksOneQuestion(t *testing.T) {
	t.Parallel()
	if !inSession(t, startsNothing, again) {
		return
	}
	m := &mute{}
	m.serve(t)
	k := open(t) // it is there and unlocked, as far as anybody can tell
	expectBusy(t, k, m)
	close(m.questions)
	if state := eventually(t.Context(), k); !state.Ready {
		t.Errorf("once it answers, the state is %+v", state)
	}
}

// eventually is the keychain's state once the question that was left behind has its answer.
func eventually(ctx context.Context, k *Keychain) State {
	k.call <- struct{}{}
	<-k.call
	return k.State(ctx)
}

func TestASecretServiceThatDoesNotEvenSayWhatItHasIsGivenUp(t *testing.T) {
	if !inFull() && os.Getenv(insideVariable) == "" {
		t.Skipf("%s=full runs it: it waits twice", reliabilityVariable)
	}
	t.Parallel()
	if !inSession(t, startsNothing, again) {
		return
	}
	m := &mute{properties: true}
	m.serve(t)
	k, err := OpenKeychain(t.Context(), "amq2api/test")
	if err != nil {
		says(t, err, ErrAbsent)
		return
	}
	if state := k.State(t.Context()); state.Ready || state.Message == "" {
		t.Errorf("a keychain that said nothing is %+v", state)
	}
}

func TestASecretServiceThatRefusesIsSaid(t *testing.T) {
	t.Parallel()
	if !inSession(t, startsNothing, again) {
		return
	}
	m := &mute{denied: true}
	m.serve(t)
	k := open(t)
	_, err := k.Get(t.Context(), "a")
	for _, err := range []error{err, k.Set(t.Context(), "a", secret.New("x")), k.Delete(t.Context(), "a")} {
		says(t, err, err)
		if !strings.Contains(err.Error(), "refused to answer") {
			t.Errorf("error %v", err)
		}
	}
}

// The keyring ends while the program runs, and comes back.
func TestARealKeyringThatVanishesIsAbsentUntilItIsBack(t *testing.T) {
	t.Parallel()
	if !inSession(t, startsNothing, unlocked+again) {
		return
	}
	awaitKeyring(t)
	k := open(t)
	set(t, k, "a", "token")
	endKeyring(t)
	_, err := k.Get(t.Context(), "a")
	says(t, err, ErrAbsent)
	says(t, k.Set(t.Context(), "a", secret.New("x")), ErrAbsent)
	says(t, k.Delete(t.Context(), "a"), ErrAbsent)
	if state := k.State(t.Context()); state.Ready {
		t.Error("the state is still ready")
	}
	again := exec.CommandContext(t.Context(), "gnome-keyring-daemon", "--unlock", "--components=secrets")
	again.Stdin = strings.NewReader("a login password")
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("start the keyring again: %v\n%s", err, out)
	}
	awaitKeyring(t)
	wants(t, k, "a", "token")
}

// awaitKeyring waits until the keyring, which goes to the background before it is ready, is on the bus and unlocked.
func awaitKeyring(t *testing.T) {
	t.Helper()
	var err error
	for range 500 {
		if err = probe(t.Context()); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(err)
}

// endKeyring ends the keyring of this session and waits until the bus has let go of its name.
func endKeyring(t *testing.T) {
	t.Helper()
	conn := sessionBus(t)
	changes := make(chan *dbus.Signal, 16)
	conn.Signal(changes)
	err := conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, secretService))
	if err != nil {
		t.Fatal(err)
	}
	var pid uint32
	if err := conn.BusObject().CallWithContext(t.Context(), "org.freedesktop.DBus.GetConnectionUnixProcessID", 0, secretService).Store(&pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(int(pid), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for change := range changes {
		if len(change.Body) == 3 && change.Body[0] == secretService && change.Body[2] == "" {
			return
		}
	}
}
