package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// patience is how long anything may take on a machine that is busy.
const patience = 30 * time.Second

// story is what happens, one chapter after another.
type story struct {
	panel            *panel
	tray             item
	port, token      string
	english, chinese words
}

// eventually asks until there is no objection any more.
func eventually(objection func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := objection()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (s *story) closingAsks() error {
	before, err := brightness()
	if err != nil {
		return err
	}
	if err := s.close(); err != nil {
		return err
	}
	err = eventually(func() error {
		now, err := brightness()
		if err == nil && now > before*9/10 {
			err = fmt.Errorf("nothing is dimmed behind a question: %d, then %d", before, now)
		}
		return errors.Join(err, s.isVisible(true))
	})
	s.picture("closing-asks")
	return errors.Join(err, exec.Command("xdotool", "key", "Escape").Run())
}

// brightness is that of the screen, in thousandths.
func brightness() (int, error) {
	said, err := exec.Command("bash", "-c", "import -window root png:- | convert png:- -colorspace gray -format '%[fx:round(mean*1000)]' info:").Output()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(said)))
}

func (s *story) iconComes() error {
	if err := s.panel.appear(); err != nil {
		return err
	}
	if err := s.registered(); err != nil {
		return err
	}
	return eventually(func() error { return s.shows(s.runningLine(), "tray_stop", "tray_start") })
}

// registered waits for the icon.
func (s *story) registered() error {
	select {
	case s.tray = <-s.panel.items:
		return nil
	case <-time.After(patience):
		return errors.New("no icon registered")
	}
}

func (s *story) runningLine() string {
	return strings.ReplaceAll(s.english.text("tray_running"), "{address}", "127.0.0.1:"+s.port)
}

func (s *story) stopAndStart() error {
	before, err := s.painted()
	if err != nil {
		return err
	}
	if err := s.click("tray_stop"); err != nil {
		return err
	}
	if err := eventually(func() error { return s.answers(false) }); err != nil {
		return err
	}
	if err := eventually(func() error { return s.shows(s.english.text("tray_stopped"), "tray_start", "tray_stop") }); err != nil {
		return err
	}
	if err := s.looksOtherThan(before); err != nil {
		return err
	}
	if err := s.startAgain(); err != nil {
		return err
	}
	return eventually(func() error {
		after, err := s.tray.icon()
		if err == nil && !bytes.Equal(before.Pixels, after.Pixels) {
			return errors.New("the icon is not the one of before")
		}
		return err
	})
}

// painted waits for the icon's picture, which comes a moment after the icon.
func (s *story) painted() (icon pixmap, err error) {
	err = eventually(func() (err error) {
		icon, err = s.tray.icon()
		if err == nil && (icon.Width != 64 || icon.Height != 64) {
			return fmt.Errorf("the icon is %d by %d", icon.Width, icon.Height)
		}
		return err
	})
	return icon, err
}

func (s *story) looksOtherThan(before pixmap) error {
	return eventually(func() error {
		now, err := s.tray.icon()
		if err == nil && bytes.Equal(before.Pixels, now.Pixels) {
			return errors.New("the icon is still the same")
		}
		return err
	})
}

func (s *story) startAgain() error {
	if err := s.click("tray_start"); err != nil {
		return err
	}
	if err := eventually(func() error { return s.answers(true) }); err != nil {
		return err
	}
	return eventually(func() error { return s.shows(s.runningLine(), "tray_stop", "tray_start") })
}

func (s *story) portTaken() error {
	if err := s.click("tray_stop"); err != nil {
		return err
	}
	var stranger net.Listener
	err := eventually(func() (err error) {
		stranger, err = net.Listen("tcp", "127.0.0.1:"+s.port)
		return err
	})
	if err != nil {
		return err
	}
	stopped, err := s.tray.icon()
	if err != nil {
		return err
	}
	if err := eventually(func() error { return s.shows(s.english.text("tray_stopped"), "tray_start", "tray_stop") }); err != nil {
		return err
	}
	if err := s.click("tray_start"); err != nil {
		return err
	}
	taken := strings.ReplaceAll(s.english.text("tray_port_taken"), "{port}", s.port)
	if err := eventually(func() error { return s.shows(taken, "tray_start", "tray_stop") }); err != nil {
		return err
	}
	if err := s.looksOtherThan(stopped); err != nil {
		return err
	}
	if err := stranger.Close(); err != nil {
		return err
	}
	return s.startAgain()
}

func (s *story) pause() error {
	if err := s.click("tray_pause_short"); err != nil {
		return err
	}
	if err := eventually(func() error { return s.answers(false) }); err != nil {
		return err
	}
	beginning, _, _ := strings.Cut(s.english.text("tray_paused"), "{time}")
	if err := eventually(func() error { return s.shows(beginning, "tray_start", "tray_pause") }); err != nil {
		return err
	}
	return s.startAgain()
}

func (s *story) language() error {
	if err := s.choose("zh-CN"); err != nil {
		return err
	}
	err := eventually(func() error {
		_, err := s.entry(s.chinese.text("tray_stop"))
		return err
	})
	return errors.Join(err, s.choose("en"), eventually(func() error {
		_, err := s.entry(s.english.text("tray_stop"))
		return err
	}))
}

func (s *story) hideAndShow() error {
	for name, bring := range map[string]func() error{
		"by the tray":       func() error { return s.click("tray_open") },
		"by a second start": func() error { return exec.Command(os.Getenv("BINARY")).Run() },
	} {
		if err := s.close(); err != nil {
			return err
		}
		if err := eventually(func() error { return s.isVisible(false) }); err != nil {
			return err
		}
		if err := s.answers(true); err != nil {
			return err
		}
		if err := bring(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := eventually(func() error { return s.isVisible(true) }); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s *story) panelGoes() error {
	if err := s.panel.vanish(); err != nil {
		return err
	}
	if err := s.closingAsks(); err != nil {
		return err
	}
	if err := s.panel.appear(); err != nil {
		return err
	}
	return s.registered()
}

func (s *story) quit() error {
	if err := s.click("tray_quit"); err != nil {
		return err
	}
	return eventually(func() error { return s.answers(false) })
}

// shows is an objection to the menu, unless its first line begins with state, and of two entries one is visible and the other is not.
func (s *story) shows(state, offered, hidden string) error {
	entries, err := s.tray.entries()
	if err != nil {
		return err
	}
	if len(entries) == 0 || !strings.HasPrefix(entries[0].text, state) || entries[0].enabled {
		return fmt.Errorf("the menu is %v, and should begin with %q", entries, state)
	}
	for _, e := range entries {
		if e.text == s.english.text(offered) && !e.visible || e.text == s.english.text(hidden) && e.visible {
			return fmt.Errorf("%q: visible is %v", e.text, e.visible)
		}
	}
	return nil
}

func (s *story) entry(text string) (entry, error) {
	entries, err := s.tray.entries()
	if err != nil {
		return entry{}, err
	}
	for _, e := range entries {
		if e.text == text {
			return e, nil
		}
	}
	return entry{}, fmt.Errorf("%q is not in the menu %v", text, entries)
}

func (s *story) click(key string) error {
	e, err := s.entry(s.english.text(key))
	if err != nil {
		return err
	}
	return s.tray.click(e.id)
}

// answers is an objection to whether the proxy answers.
func (s *story) answers(should bool) error {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://127.0.0.1:" + s.port + "/health")
	if err == nil {
		_ = response.Body.Close()
	}
	if (err == nil) != should {
		return fmt.Errorf("the proxy answers: %v", err == nil)
	}
	return nil
}

func (s *story) choose(language string) error {
	body := strings.NewReader(fmt.Sprintf(`{"language":%q}`, language))
	request, err := http.NewRequest(http.MethodPut, "http://127.0.0.1:"+s.port+"/admin/settings", body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the language was answered %s", response.Status)
	}
	return nil
}

// close closes the window as its cross does.
func (s *story) close() error {
	return eventually(func() error { return exec.Command("wmctrl", "-F", "-c", "AMQ2API").Run() })
}

// isVisible is an objection to whether a window is seen.
func (s *story) isVisible(should bool) error {
	seen := exec.Command("xdotool", "search", "--onlyvisible", "--name", "^AMQ2API$").Run() == nil
	if seen != should {
		return fmt.Errorf("the window is seen: %v", seen)
	}
	return nil
}

// picture keeps what is on the screen, for people.
func (s *story) picture(name string) {
	_ = exec.Command("import", "-window", "root", filepath.Join(os.Getenv("SHOTS"), name+".png")).Run()
}
