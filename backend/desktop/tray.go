//go:build production || dev || bindings

package desktop

import (
	_ "embed"

	"fyne.io/systray"
)

// Labels are the tray's words in the user's language.
type Labels struct {
	Running    string // the state line
	Stopped    string // the state line
	Start      string
	Stop       string
	CopyClaude string
	CopyOpenAI string
	Open       string
	Quit       string
}

// Actions are what the tray's entries do. Each is called from the tray's own goroutine.
type Actions struct {
	Start, Stop, CopyClaude, CopyOpenAI, Open, Quit func()
}

// Tray is the icon in the system's tray with its menu.
type Tray struct {
	actions Actions
	entries entries
	ready   chan struct{}
	closed  chan struct{}
}

type entries struct {
	state, start, stop, claude, openAI, open, quit *systray.MenuItem
}

//go:embed tray.png
var trayIcon []byte

// OpenTray puts the icon up, and returns nil where the system has no tray to put it in: the window must then not hide itself.
func OpenTray(labels Labels, actions Actions) *Tray {
	if !trayAvailable() {
		return nil
	}
	t := &Tray{actions: actions, ready: make(chan struct{}), closed: make(chan struct{})}
	runTray(func() {
		systray.SetIcon(platformIcon())
		systray.SetTooltip("AMQ2API")
		t.build(labels)
		close(t.ready)
		go t.listen()
	})
	return t
}

func (t *Tray) build(labels Labels) {
	t.entries.state = systray.AddMenuItem(labels.Stopped, "")
	t.entries.state.Disable()
	t.entries.start = systray.AddMenuItem(labels.Start, "")
	t.entries.stop = systray.AddMenuItem(labels.Stop, "")
	systray.AddSeparator()
	t.entries.claude = systray.AddMenuItem(labels.CopyClaude, "")
	t.entries.openAI = systray.AddMenuItem(labels.CopyOpenAI, "")
	systray.AddSeparator()
	t.entries.open = systray.AddMenuItem(labels.Open, "")
	t.entries.quit = systray.AddMenuItem(labels.Quit, "")
}

func (t *Tray) listen() {
	e, a := t.entries, t.actions
	for {
		select {
		case <-e.start.ClickedCh:
			a.Start()
		case <-e.stop.ClickedCh:
			a.Stop()
		case <-e.claude.ClickedCh:
			a.CopyClaude()
		case <-e.openAI.ClickedCh:
			a.CopyOpenAI()
		case <-e.open.ClickedCh:
			a.Open()
		case <-e.quit.ClickedCh:
			a.Quit()
		case <-t.closed:
			return
		}
	}
}

// Show brings the menu up to date: only the action that fits the state is offered.
func (t *Tray) Show(labels Labels, running bool) {
	<-t.ready
	e := t.entries
	for item, text := range map[*systray.MenuItem]string{
		e.start: labels.Start, e.stop: labels.Stop, e.claude: labels.CopyClaude, e.openAI: labels.CopyOpenAI, e.open: labels.Open, e.quit: labels.Quit,
	} {
		item.SetTitle(text)
	}
	if running {
		e.state.SetTitle(labels.Running)
		e.start.Hide()
		e.stop.Show()
		return
	}
	e.state.SetTitle(labels.Stopped)
	e.stop.Hide()
	e.start.Show()
}

// Close takes the icon down.
func (t *Tray) Close() {
	close(t.closed)
	endTray()
}
