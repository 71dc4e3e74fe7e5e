package desktop_test

import (
	"net"
	"path/filepath"
	"testing"

	"amq2api/backend/desktop"
)

func TestADisplayCountsOnlyWhileSomethingAnswersThere(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "wayland-7")
	listener, err := net.Listen("unix", there)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	for name, test := range map[string]struct {
		env map[string]string
		has bool
	}{
		"none":                       {nil, false},
		"an X display that is gone":  {map[string]string{"DISPLAY": ":65123"}, false},
		"an X display over there":    {map[string]string{"DISPLAY": "127.0.0.1:59000.0"}, false},
		"not a display":              {map[string]string{"DISPLAY": "nonsense"}, false},
		"not a number":               {map[string]string{"DISPLAY": ":x"}, false},
		"an X display by its socket": {map[string]string{"DISPLAY": there}, true},
		"Wayland":                    {map[string]string{"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": dir, "XDG_SESSION_TYPE": "wayland"}, true},
		"Wayland by a whole path":    {map[string]string{"WAYLAND_DISPLAY": there, "XDG_SESSION_TYPE": "wayland"}, true},
		"Wayland that is gone":       {map[string]string{"WAYLAND_DISPLAY": "wayland-8", "XDG_RUNTIME_DIR": dir, "XDG_SESSION_TYPE": "wayland"}, false},
		"Wayland, but X11 is asked":  {map[string]string{"WAYLAND_DISPLAY": there, "GDK_BACKEND": "x11"}, false},
		"Wayland in no session":      {map[string]string{"WAYLAND_DISPLAY": there}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if has := desktop.HasDisplay(func(name string) string { return test.env[name] }); has != test.has {
				t.Errorf("has a display: %v", has)
			}
		})
	}
}
