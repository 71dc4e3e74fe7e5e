package main

import (
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// Names of the StatusNotifierItem specification and of the menu protocol that goes with it.
const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	itemName    = "org.kde.StatusNotifierItem"
	menuName    = "com.canonical.dbusmenu"
)

// panel is a desktop's panel as far as a tray icon can tell.
type panel struct {
	bus   *dbus.Conn
	items chan item
}

// item is an icon that registered.
type item struct {
	object dbus.BusObject
	bus    *dbus.Conn
}

// openPanel connects to the session bus and waits for icons, once it is present.
func openPanel() (*panel, error) {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil, err
	}
	p := &panel{bus: bus, items: make(chan item, 8)}
	if err := bus.Export(registrar{p}, watcherPath, watcherName); err != nil {
		return nil, err
	}
	_, err = prop.Export(bus, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitTrue},
	}})
	return p, err
}

func (p *panel) appear() error {
	reply, err := p.bus.RequestName(watcherName, dbus.NameFlagDoNotQueue)
	if err == nil && reply != dbus.RequestNameReplyPrimaryOwner {
		return errors.New("there is a panel already")
	}
	return err
}

func (p *panel) vanish() error {
	_, err := p.bus.ReleaseName(watcherName)
	return err
}

// registrar is what icons call.
type registrar struct{ panel *panel }

// RegisterStatusNotifierItem takes the path of an object of the sender's.
func (r registrar) RegisterStatusNotifierItem(path string, sender dbus.Sender) *dbus.Error {
	r.panel.items <- item{r.panel.bus.Object(string(sender), dbus.ObjectPath(path)), r.panel.bus}
	return nil
}

// pixmap is an icon in the form that goes over the bus.
type pixmap struct {
	Width, Height int32
	Pixels        []byte // ARGB
}

func (i item) icon() (pixmap, error) {
	value, err := i.object.GetProperty(itemName + ".IconPixmap")
	if err != nil {
		return pixmap{}, err
	}
	var pictures []pixmap
	if err := value.Store(&pictures); err != nil {
		return pixmap{}, err
	}
	if len(pictures) != 1 {
		return pixmap{}, fmt.Errorf("%d icons", len(pictures))
	}
	return pictures[0], nil
}

// entry is a line of the menu.
type entry struct {
	id      int32
	text    string
	visible bool
	enabled bool
}

// layout is a line of the menu with what is below it, as it goes over the bus.
type layout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

func (i item) menu() (dbus.BusObject, error) {
	path, err := i.object.GetProperty(itemName + ".Menu")
	if err != nil {
		return nil, err
	}
	at, ok := path.Value().(dbus.ObjectPath)
	if !ok {
		return nil, fmt.Errorf("the menu is at %v", path)
	}
	return i.bus.Object(i.object.Destination(), at), nil
}

// entries are the lines of the menu with texts, those of submenus included.
func (i item) entries() ([]entry, error) {
	menu, err := i.menu()
	if err != nil {
		return nil, err
	}
	var revision uint32
	var root layout
	if err := menu.Call(menuName+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		return nil, err
	}
	return flat(root)
}

func flat(from layout) (entries []entry, err error) {
	for _, child := range from.Children {
		var line layout
		if err := dbus.Store([]any{child.Value()}, &line); err != nil {
			return nil, err
		}
		if text, has := line.Properties["label"].Value().(string); has {
			entries = append(entries, entry{line.ID, text, isTrue(line, "visible"), isTrue(line, "enabled")})
		}
		below, err := flat(line)
		if err != nil {
			return nil, err
		}
		entries = append(entries, below...)
	}
	return entries, nil
}

// isTrue reads a property that is true when it is absent.
func isTrue(line layout, name string) bool {
	value, said := line.Properties[name].Value().(bool)
	return value || !said
}

func (i item) click(id int32) error {
	menu, err := i.menu()
	if err != nil {
		return err
	}
	return menu.Call(menuName+".Event", 0, id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
}
