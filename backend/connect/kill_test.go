package connect

import (
	"strings"
	"testing"
)

// killed is what a test ends the program with.
type killed struct{}

// until runs something that is killed after so many steps; false if it came to its end before.
func (d *desk) until(steps int, run func()) (wasKilled bool) {
	defer func() {
		d.after = nil
		if caught := recover(); caught != nil {
			if _, ours := caught.(killed); !ours {
				panic(caught)
			}
			wasKilled = true
		}
	}()
	d.after = func(string) {
		if steps--; steps < 0 {
			panic(killed{})
		}
	}
	run()
	return false
}

// life is what happened to a tool before the program was killed.
type life struct {
	name      string
	connected bool // once before
	moved     bool // the program has another address since
	changed   bool // the user has changed another part of the file since
	undoing   bool // it is killed while it undoes, else while it connects
}

// change adds something of the user's to a file, in any of the languages.
func (d *desk) change(path string) (undo func(string) string) {
	text := d.read(path)
	added := "# note\n"
	if strings.Contains(path, ".json") {
		added = "// note\n"
	}
	if text = strings.TrimPrefix(text, "\ufeff"); text != d.read(path) {
		added = "\ufeff" + added
	}
	d.write(path, added+text)
	return func(original string) string { return added + strings.TrimPrefix(original, "\ufeff") }
}

func TestAProgramThatIsKilledCanStillUndoAndConnect(t *testing.T) {
	for _, id := range []string{"claude-code", "codex", "continue", "shell"} { // one of each language, and several files
		files := homes[id]
		for _, l := range []life{
			{name: "connecting"}, {name: "connecting again", connected: true, moved: true}, {name: "undoing", connected: true, undoing: true},
			{name: "connecting again a changed file", connected: true, moved: true, changed: true}, {name: "undoing in a changed file", connected: true, changed: true, undoing: true},
		} {
			t.Run(id+", "+l.name, func(t *testing.T) {
				t.Parallel()
				for steps := 0; survives(t, id, files, l, steps); steps++ {
				}
			})
		}
	}
}

// survives lives a life that ends after some steps, undoes, and insists on what the user had. It is false if the life ended by itself.
func survives(t *testing.T, id string, files []homeFile, l life, steps int) (wasKilled bool) {
	t.Helper()
	d := openDesk(t)
	want := map[string]string{}
	for _, f := range files {
		d.write(f.path, f.text)
		want[f.path] = f.text
	}
	if l.connected {
		d.mustConnect(id)
	}
	if l.changed {
		want[files[0].path] = d.change(files[0].path)(files[0].text)
	}
	if l.moved {
		d.address = "http://127.0.0.1:9090"
	}
	wasKilled = d.until(steps, func() {
		if l.undoing {
			d.mustUndo(id)
		} else {
			d.mustConnect(id)
		}
	})
	if v := d.view(id); v.State == Broken || v.State == Locked {
		t.Fatalf("killed after %d steps, it is %+v", steps, v)
	}
	if steps%2 == 0 {
		d.mustConnect(id)
	}
	d.mustUndo(id)
	for path, text := range want {
		if got := d.read(path); got != text {
			t.Fatalf("killed after %d steps, %s is\n%q, want\n%q", steps, path, got, text)
		}
	}
	if len(d.keys.keys) > 1 {
		t.Fatalf("it has %d keys", len(d.keys.keys))
	}
	return wasKilled
}

func TestWhatAKilledProgramWasWritingGoesWithTheNextWrite(t *testing.T) {
	d := openDesk(t)
	d.write(".codex/.config.toml.amq2api-123", "experimental_bearer_token = \"x\"")
	d.mustConnect("codex")
	d.mustUndo("codex")
	if left := d.read(".codex/.config.toml.amq2api-123"); left != "gone" {
		t.Errorf("%q is left", left)
	}
}
