package desktop_test

import (
	"testing"
	"time"

	"amq2api/backend/desktop"
)

var plainWords = desktop.Labels{
	Running: "on {address}", Stopped: "off", Paused: "paused until {time}", PortTaken: "{port} taken", PortRefused: "{port} refused",
	CannotListen: "{port} failed", NobodyReady: "nobody", NoAccounts: "none", Accounts: "{ready} of {all}", Quota: ", {percent} %",
}

func TestTheTraySaysHowTheProxyStands(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 5, 0, 0, time.Local)
	for name, test := range map[string]struct {
		status          desktop.Status
		look            desktop.Look
		state, accounts string
	}{
		"running":            {desktop.Status{Running: true, Address: "127.0.0.1:1", Ready: 1, All: 2, QuotaUsed: 40}, desktop.Running, "on 127.0.0.1:1", "1 of 2, 40 %"},
		"without an account": {desktop.Status{Running: true, Address: "127.0.0.1:1", QuotaUsed: -1}, desktop.Running, "on 127.0.0.1:1", "none"},
		"nobody is ready":    {desktop.Status{Running: true, All: 2, QuotaUsed: -1}, desktop.Trouble, "nobody", "0 of 2"},
		"stopped":            {desktop.Status{Ready: 1, All: 1, QuotaUsed: -1}, desktop.Stopped, "off", "1 of 1"},
		"paused":             {desktop.Status{PausedUntil: noon, QuotaUsed: -1}, desktop.Stopped, "paused until 12:05", "none"},
		"the port is taken":  {desktop.Status{Port: 80, Failure: "port_in_use"}, desktop.Trouble, "80 taken", "none"},
		"it may not be had":  {desktop.Status{Port: 80, Failure: "port_forbidden"}, desktop.Trouble, "80 refused", "none"},
		"another failure":    {desktop.Status{Port: 80, Failure: "failed"}, desktop.Trouble, "80 failed", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			face := desktop.FaceOf(plainWords, test.status)
			if face.Look != test.look || face.State != test.state || face.Accounts != test.accounts || face.CanStop != test.status.Running {
				t.Errorf("got %d %q %q, stop %v", face.Look, face.State, face.Accounts, face.CanStop)
			}
		})
	}
}
