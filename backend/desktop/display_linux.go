package desktop

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// knockTimeout bounds how long a display may take to accept a connection.
const knockTimeout = 2 * time.Second

// HasDisplay reports whether something answers where the environment says that the display is. The window's toolkit ends the whole program where
// nothing does, and a variable alone is often left over from a session that is gone.
func HasDisplay(env func(string) string) bool {
	return wantsWayland(env) && answers(waylandSocket(env)) || answersX(env("DISPLAY"))
}

// wantsWayland tells whether the toolkit may use Wayland: the window library asks for X11 where the session does not say what it is.
func wantsWayland(env func(string) string) bool {
	if backends := env("GDK_BACKEND"); backends != "" {
		return strings.Contains(backends, "wayland") || strings.Contains(backends, "*")
	}
	kind := env("XDG_SESSION_TYPE")
	return env("WAYLAND_DISPLAY") != "" && kind != "" && kind != "unspecified" && kind != "x11"
}

func waylandSocket(env func(string) string) string {
	name := env("WAYLAND_DISPLAY")
	if name == "" {
		name = "wayland-0"
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(env("XDG_RUNTIME_DIR"), name)
}

// answersX knocks at the socket of a display such as ":0", "unix:0", "host:10.0" or "/path/to/socket:0". Source: X(7), display names.
func answersX(display string) bool {
	if display == "" {
		return false
	}
	if filepath.IsAbs(display) {
		return answers(display)
	}
	colon := strings.LastIndexByte(display, ':')
	if colon < 0 {
		return false
	}
	host := strings.TrimSuffix(display[:colon], ":")
	name, _, _ := strings.Cut(display[colon+1:], ".")
	number, err := strconv.Atoi(name)
	if err != nil || number < 0 {
		return false
	}
	if host == "" || host == "unix" || strings.HasSuffix(host, "/unix") {
		const folder = "/tmp/.X11-unix/X"
		return answers("@"+folder+name) || answers(folder+name)
	}
	const firstPort = 6000
	return knock("tcp", net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(firstPort+number)))
}

func answers(socket string) bool { return knock("unix", socket) }

func knock(network, address string) bool {
	connection, err := net.DialTimeout(network, address, knockTimeout)
	return err == nil && connection.Close() == nil
}

// CareForWebKit chooses WebKit's way of drawing that also works with NVIDIA's driver, where the usual one leaves windows blank. A choice of the
// user's stays.
func CareForWebKit() {
	const choice = "WEBKIT_DISABLE_DMABUF_RENDERER"
	if _, chosen := os.LookupEnv(choice); chosen {
		return
	}
	if _, err := os.Stat("/sys/module/nvidia"); err == nil {
		_ = os.Setenv(choice, "1") // the name is a constant
	}
}
