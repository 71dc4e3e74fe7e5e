// Focused prints the name of what has the keyboard focus, as a screen reader would say it. A test that types into the real window looks at it
// between two keys. It reads the accessibility bus (AT-SPI 2) of the session it runs in.
package main

import (
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
)

// Source: the interfaces of at-spi2-core (org.a11y.atspi.Accessible, the enumeration StateType).
const (
	registry   = "org.a11y.atspi.Registry"
	root       = "/org/a11y/atspi/accessible/root"
	accessible = "org.a11y.atspi.Accessible"

	stateFocused = 12 // a bit of the first word

	deepest = 60 // levels of the tree
)

// reference is how the bus names an element: whose it is, and where.
type reference struct {
	Owner string
	Path  dbus.ObjectPath
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "focused:", err)
		os.Exit(1)
	}
}

func run() error {
	bus, err := connect()
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }()
	found, ok := focused(bus, reference{registry, root}, deepest)
	if !ok {
		return fmt.Errorf("nothing has the focus")
	}
	name, err := object(bus, found).GetProperty(accessible + ".Name")
	if err != nil {
		return fmt.Errorf("read a name: %w", err)
	}
	fmt.Println(name.Value())
	return nil
}

// connect opens the accessibility bus, which the session bus knows.
func connect() (*dbus.Conn, error) {
	session, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil, fmt.Errorf("reach the session bus: %w", err)
	}
	defer func() { _ = session.Close() }()
	var address string
	if err := session.Object("org.a11y.Bus", "/org/a11y/bus").Call("org.a11y.Bus.GetAddress", 0).Store(&address); err != nil {
		return nil, fmt.Errorf("find the accessibility bus: %w", err)
	}
	return dbus.Connect(address)
}

// focused is the deepest element in the tree under one that has the focus. An element that goes away meanwhile is none.
func focused(bus *dbus.Conn, under reference, levels int) (reference, bool) {
	if levels == 0 {
		return reference{}, false
	}
	for _, child := range children(bus, under) {
		if found, ok := focused(bus, child, levels-1); ok {
			return found, true
		}
		var state []uint32
		if object(bus, child).Call(accessible+".GetState", 0).Store(&state) == nil && len(state) > 0 && state[0]&(1<<stateFocused) != 0 {
			return child, true
		}
	}
	return reference{}, false
}

// children asks for one after the other: where WebKit's page begins, all at once are none.
func children(bus *dbus.Conn, of reference) (all []reference) {
	count, err := object(bus, of).GetProperty(accessible + ".ChildCount")
	if err != nil {
		return nil
	}
	n, _ := count.Value().(int32)
	for i := range n {
		var child reference
		if object(bus, of).Call(accessible+".GetChildAtIndex", 0, i).Store(&child) == nil {
			all = append(all, child)
		}
	}
	return all
}

func object(bus *dbus.Conn, r reference) dbus.BusObject { return bus.Object(r.Owner, r.Path) }
