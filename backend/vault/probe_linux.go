package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/godbus/dbus/v5"

	"amq2api/backend/fault"
)

const (
	addressVariable = "DBUS_SESSION_BUS_ADDRESS"

	secretService    = "org.freedesktop.secrets"
	servicePath      = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath        = servicePath + "/collection/login"
	serviceInterface = "org.freedesktop.Secret.Service"
)

var errNoBus = errors.New("there is no session bus")

// probe asks D-Bus whether a Secret Service is there and unlocked. It never starts a bus and never lets the keychain ask for a
// password. Source: the Secret Service specification.
func probe(ctx context.Context) error {
	address, err := busAddress()
	if err != nil {
		return absent(err, "There is no D-Bus session, so the keychain cannot be reached. Start AMQ2API from a desktop session, or %s")
	}
	conn, err := connect(ctx, address)
	if err != nil {
		return absent(err, "The D-Bus session does not answer, so the keychain cannot be reached. Start AMQ2API from a desktop session, or %s")
	}
	err = probeService(ctx, conn)
	if closing := conn.Close(); err == nil && closing != nil {
		err = fmt.Errorf("close the session bus: %w", closing)
	}
	return err
}

// busAddress is where the session bus listens. The keychain library looks only at the variable before it starts a bus of its own, so
// a bus that was found otherwise is put there.
func busAddress() (string, error) {
	if address := os.Getenv(addressVariable); address != "" && address != "autolaunch:" {
		return address, nil
	}
	folder := os.Getenv("XDG_RUNTIME_DIR")
	if folder == "" {
		return "", errNoBus
	}
	socket := filepath.Join(folder, "bus")
	if _, err := os.Stat(socket); err != nil {
		return "", fmt.Errorf("%w: %w", errNoBus, err)
	}
	address := "unix:path=" + dbus.EscapeBusAddressValue(socket)
	if err := os.Setenv(addressVariable, address); err != nil {
		return "", fmt.Errorf("set %s: %w", addressVariable, err)
	}
	return address, nil
}

// connect makes a connection of its own to the bus.
func connect(ctx context.Context, address string) (*dbus.Conn, error) {
	conn, err := dbus.Dial(address, dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("dial the session bus: %w", err)
	}
	err = conn.Auth(nil)
	if err == nil {
		err = conn.Hello()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("greet the session bus: %w", err), conn.Close())
	}
	return conn, nil
}

func probeService(ctx context.Context, conn *dbus.Conn) error {
	there, err := hasService(ctx, conn)
	if err != nil || !there {
		return absent(err, "This session has no Secret Service. Install and start GNOME Keyring, KWallet or KeePassXC, or %s")
	}
	collection, err := findCollection(ctx, conn)
	if err != nil {
		return absent(err, "The Secret Service does not say which keyring to use. Restart it, or %s")
	}
	if collection == "/" {
		return absent(nil, "The Secret Service has no default keyring yet. Create one in its passwords app, or %s")
	}
	var locked bool
	keyring := conn.Object(secretService, collection)
	if err := property(ctx, keyring, "org.freedesktop.Secret.Collection", "Locked", &locked); err != nil {
		return absent(err, "The Secret Service does not say whether its keyring is locked. Restart it, or %s")
	}
	if locked {
		return fault.Wrap(fault.Unavailable, ErrLocked, "The keyring is locked. Unlock it in its passwords app, or %s", otherWay).Saying(fault.Said{Code: fault.KeychainLocked})
	}
	return nil
}

// hasService tells whether the service runs, or would be started by the bus.
func hasService(ctx context.Context, conn *dbus.Conn) (bool, error) {
	var owned bool
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, secretService).Store(&owned); err != nil || owned {
		return owned, err
	}
	var names []string
	err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&names)
	return slices.Contains(names, secretService), err
}

// findCollection names the collection that the keychain library will use: "login", or else the default; "/" is none.
func findCollection(ctx context.Context, conn *dbus.Conn) (dbus.ObjectPath, error) {
	service := conn.Object(secretService, servicePath)
	var collections []dbus.ObjectPath
	if err := property(ctx, service, serviceInterface, "Collections", &collections); err != nil {
		return "", err
	}
	if slices.Contains(collections, loginPath) {
		return loginPath, nil
	}
	var collection dbus.ObjectPath
	err := service.CallWithContext(ctx, serviceInterface+".ReadAlias", 0, "default").Store(&collection)
	return collection, err
}

func property(ctx context.Context, object dbus.BusObject, iface, name string, value any) error {
	return object.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, iface, name).Store(value)
}

// absent makes the fault for a keychain that is not there; the sentence has a place for the other way to keep secrets.
func absent(cause error, sentence string) error {
	return fault.Wrap(fault.Unavailable, errors.Join(ErrAbsent, cause), sentence, otherWay).Saying(fault.Said{Code: fault.KeychainAbsent})
}
