package desktop

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Labels are the tray's words in the user's language. Names in braces are filled in.
type Labels struct {
	Running      string // {address}
	Stopped      string
	Paused       string // {time}
	PortTaken    string // {port}
	PortRefused  string // {port}
	CannotListen string // {port}
	NobodyReady  string
	NoAccounts   string
	Accounts     string // {ready}, {all}
	Quota        string // {percent}: follows Accounts
	Start        string
	Stop         string
	Pause        string
	PauseShort   string
	PauseLong    string
	CopyClaude   string
	CopyOpenAI   string
	Open         string
	Quit         string
}

// Status is what the tray tells.
type Status struct {
	Running     bool
	Address     string // host and port
	Port        int
	Failure     string    // the proxy's error code: why the last start failed; empty if it did not
	PausedUntil time.Time // zero if it is not paused
	Ready, All  int       // accounts
	QuotaUsed   int       // percent of the quota of the account whose turn it is; -1 is unknown
}

// Look is the icon's state.
type Look int

// The looks.
const (
	Stopped Look = iota
	Running
	Trouble
)

// Face is the tray as it is seen at a moment.
type Face struct {
	Labels
	Look     Look
	State    string // the first line of the menu, and the tooltip
	Accounts string // the second line
	CanStop  bool   // stopping is offered, else starting
}

// FaceOf puts a status into words.
func FaceOf(words Labels, s Status) Face {
	face := Face{Labels: words, CanStop: s.Running, Accounts: accountsLine(words, s)}
	face.Look, face.State = stateLine(words, s)
	return face
}

func stateLine(words Labels, s Status) (Look, string) {
	port := strconv.Itoa(s.Port)
	switch {
	case s.Running && s.All > 0 && s.Ready == 0:
		return Trouble, words.NobodyReady
	case s.Running:
		return Running, fill(words.Running, "address", s.Address)
	case !s.PausedUntil.IsZero():
		return Stopped, fill(words.Paused, "time", s.PausedUntil.Format("15:04"))
	case s.Failure == "port_in_use":
		return Trouble, fill(words.PortTaken, "port", port)
	case s.Failure == "port_forbidden":
		return Trouble, fill(words.PortRefused, "port", port)
	case s.Failure != "":
		return Trouble, fill(words.CannotListen, "port", port)
	}
	return Stopped, words.Stopped
}

func accountsLine(words Labels, s Status) string {
	if s.All == 0 {
		return words.NoAccounts
	}
	line := fill(words.Accounts, "ready", strconv.Itoa(s.Ready), "all", strconv.Itoa(s.All))
	if s.QuotaUsed < 0 {
		return line
	}
	return line + fill(words.Quota, "percent", strconv.Itoa(s.QuotaUsed))
}

// fill puts values into a text: each name is followed by its value.
func fill(text string, namesAndValues ...string) string {
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%s}", namesAndValues[i]), namesAndValues[i+1])
	}
	return text
}
