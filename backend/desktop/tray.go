//go:build production || dev || bindings

package desktop

import (
	"sync"
	"time"

	"fyne.io/systray"
)

// Actions are what the tray's entries do. One runs at a time, on a goroutine that is not the tray's.
type Actions struct {
	Start, Stop, PauseShort, PauseLong, CopyClaude, CopyOpenAI, Open, Quit func()
}

// Tray is the icon in the system's tray with its menu.
type Tray struct {
	face    func() Face
	entries entries
	stale   chan struct{} // holds one while there may be something new to show
	closed  chan struct{}
	once    sync.Once

	shown   Face // by paint
	painted bool
}

// calm is the least time between two looks at what is to be shown: a busy proxy changes many times a second.
const calm = 250 * time.Millisecond

type entries struct {
	state, accounts, start, stop, pause, short, long, claude, openAI, open, quit *systray.MenuItem
}

// OpenTray puts the icon up, or as soon as something shows such icons. What it shows is asked of face, on a goroutine of its own. It is nil where
// the system cannot have a tray at all.
func OpenTray(face func() Face, actions Actions) *Tray {
	if !trayPossible() {
		return nil
	}
	t := &Tray{face: face, stale: make(chan struct{}, 1), closed: make(chan struct{})}
	runTray(func() {
		systray.SetTitle("AMQ2API")
		first := face()
		t.build(first)
		t.paint(first)
		go t.listen(actions)
		go t.follow()
	})
	return t
}

// Refresh says that something may have changed. It never blocks.
func (t *Tray) Refresh() {
	if t == nil {
		return
	}
	select {
	case t.stale <- struct{}{}:
	default:
	}
}

func (t *Tray) follow() {
	for {
		select {
		case <-t.stale:
			t.paint(t.face())
		case <-t.closed:
			return
		}
		select {
		case <-time.After(calm):
		case <-t.closed:
			return
		}
	}
}

// Visible reports whether something shows the icon right now, so that a window that hides can be brought back.
func (t *Tray) Visible() bool { return t != nil && trayShown() }

func (t *Tray) build(face Face) {
	e := &t.entries
	e.state, e.accounts = systray.AddMenuItem(face.State, ""), systray.AddMenuItem(face.Accounts, "")
	e.state.Disable()
	e.accounts.Disable()
	systray.AddSeparator()
	e.start, e.stop = systray.AddMenuItem(face.Start, ""), systray.AddMenuItem(face.Stop, "")
	e.pause = systray.AddMenuItem(face.Pause, "")
	e.short, e.long = e.pause.AddSubMenuItem(face.PauseShort, ""), e.pause.AddSubMenuItem(face.PauseLong, "")
	systray.AddSeparator()
	e.claude, e.openAI = systray.AddMenuItem(face.CopyClaude, ""), systray.AddMenuItem(face.CopyOpenAI, "")
	systray.AddSeparator()
	e.open, e.quit = systray.AddMenuItem(face.Open, ""), systray.AddMenuItem(face.Quit, "")
}

// listen runs what was clicked. While an action runs, further clicks are dropped by the library: a proxy that is stopping is not stopped twice.
func (t *Tray) listen(a Actions) {
	e := t.entries
	for {
		var act func()
		select {
		case <-e.start.ClickedCh:
			act = a.Start
		case <-e.stop.ClickedCh:
			act = a.Stop
		case <-e.short.ClickedCh:
			act = a.PauseShort
		case <-e.long.ClickedCh:
			act = a.PauseLong
		case <-e.claude.ClickedCh:
			act = a.CopyClaude
		case <-e.openAI.ClickedCh:
			act = a.CopyOpenAI
		case <-e.open.ClickedCh:
			act = a.Open
		case <-e.quit.ClickedCh:
			act = a.Quit
		case <-t.closed:
			return
		}
		act()
	}
}

// paint brings icon and menu up to date. What is shown already costs nothing.
func (t *Tray) paint(face Face) {
	if t.painted && t.shown == face {
		return
	}
	if !t.painted || t.shown.Look != face.Look {
		setIcon(face.Look)
	}
	if t.shown.State != face.State {
		systray.SetTooltip("AMQ2API: " + face.State)
	}
	t.title(face)
	t.offer(face.CanStop)
	t.shown, t.painted = face, true
}

func (t *Tray) title(face Face) {
	e := t.entries
	for _, entry := range []struct {
		item         *systray.MenuItem
		before, text string
	}{
		{e.state, t.shown.State, face.State}, {e.accounts, t.shown.Accounts, face.Accounts},
		{e.start, t.shown.Start, face.Start}, {e.stop, t.shown.Stop, face.Stop},
		{e.pause, t.shown.Pause, face.Pause}, {e.short, t.shown.PauseShort, face.PauseShort}, {e.long, t.shown.PauseLong, face.PauseLong},
		{e.claude, t.shown.CopyClaude, face.CopyClaude}, {e.openAI, t.shown.CopyOpenAI, face.CopyOpenAI},
		{e.open, t.shown.Open, face.Open}, {e.quit, t.shown.Quit, face.Quit},
	} {
		if entry.before != entry.text {
			entry.item.SetTitle(entry.text)
		}
	}
}

// offer shows only the action that fits the state.
func (t *Tray) offer(canStop bool) {
	if t.painted && t.shown.CanStop == canStop {
		return
	}
	e := t.entries
	if canStop {
		e.start.Hide()
		e.stop.Show()
		e.pause.Show()
		return
	}
	e.stop.Hide()
	e.pause.Hide()
	e.start.Show()
}

// Close takes the icon down. Nothing is clicked after that.
func (t *Tray) Close() {
	if t == nil {
		return
	}
	t.once.Do(func() {
		close(t.closed)
		endTray()
	})
}
