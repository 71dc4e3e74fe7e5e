// Panel plays the desktop's panel for the real program in a session of its own: it shows up when the window is open already, reads the tray's menu,
// clicks in it, and looks at what became of the proxy and the window. It is started by build/scripts/window-session.sh, with PORT, TOKEN, BINARY and
// SHOTS in the environment, and ends the program by the tray's Quit.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "panel:", err)
		os.Exit(1)
	}
}

func run() error {
	p, err := openPanel()
	if err != nil {
		return err
	}
	s := &story{panel: p, port: os.Getenv("PORT"), token: os.Getenv("TOKEN")}
	if s.english, err = readWords("en"); err != nil {
		return err
	}
	if s.chinese, err = readWords("zh-CN"); err != nil {
		return err
	}
	for _, chapter := range []struct {
		name string
		tell func() error
	}{
		{"without a panel, closing the window asks", s.closingAsks},
		{"a panel that comes later gets the icon", s.iconComes},
		{"stop and start", s.stopAndStart},
		{"a port that is taken is trouble", s.portTaken},
		{"a pause", s.pause},
		{"the language", s.language},
		{"the window hides and comes back", s.hideAndShow},
		{"a panel that goes takes the hiding along", s.panelGoes},
		{"quit", s.quit},
	} {
		began := time.Now()
		if err := chapter.tell(); err != nil {
			s.picture("panel-failed")
			return fmt.Errorf("%s: %w", chapter.name, err)
		}
		fmt.Printf("panel: %s (%.1fs)\n", chapter.name, time.Since(began).Seconds())
	}
	return nil
}

// words are the page's and the tray's texts.
type words map[string]json.RawMessage

func readWords(language string) (words, error) {
	text, err := os.ReadFile("frontend/messages/" + language + ".json")
	if err != nil {
		return nil, err
	}
	var w words
	return w, json.Unmarshal(text, &w)
}

func (w words) text(key string) string {
	var text string
	if json.Unmarshal(w[key], &text) != nil {
		panic("there is no plain text " + key)
	}
	return text
}
