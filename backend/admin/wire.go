package admin

import (
	"time"

	"amq2api/backend/fault"
)

// The types of the admin API, as they go over the wire. Times are RFC 3339; null means never or unknown; a limit of 0 is no cap.

// State answers GET /admin/state: the shell of the page.
type State struct {
	Capturing bool       `json:"capturing"` // a conversation is being kept with everything said in it
	Recording Recording  `json:"recording"`
	Version   string     `json:"version"`
	Demo      bool       `json:"demo"`
	Proxy     ProxyState `json:"proxy"`
	StartedAt time.Time  `json:"started_at"`
	Vault     VaultState `json:"vault"`
	Data      DataState  `json:"data"`
}

// ProxyState is the listener's state. A headless process cannot be stopped through the API.
type ProxyState struct {
	Running    bool        `json:"running"`
	CanStop    bool        `json:"can_stop"`
	Port       int         `json:"port"`
	Addresses  []string    `json:"addresses"` // base URLs, e.g. http://127.0.0.1:8080
	InFlight   int         `json:"in_flight"` // generation requests being answered
	Error      *ProxyError `json:"error"`     // why the last start failed; null if it did not
	RunningFor int64       `json:"running_for_s"`
}

// ProxyError says why the listener could not start.
type ProxyError struct {
	Code     string `json:"code"` // port_in_use, port_forbidden, failed
	Message  string `json:"message"`
	Port     int    `json:"port"`
	SelfHeld bool   `json:"self_held"` // the port is held by another AMQ2API
	FreePort int    `json:"free_port"` // a port that is free right now; 0 if none was found
}

// ProxyStart is the body of POST /admin/proxy/start; port 0 keeps the setting.
type ProxyStart struct {
	Port int `json:"port"`
}

// VaultState says where secrets are kept and whether they can be reached.
type VaultState struct {
	Kind    string      `json:"kind"` // keychain, file, memory
	Ready   bool        `json:"ready"`
	Message string      `json:"message"`
	Said    *fault.Said `json:"said"` // what the message says; null if ready
}

// Change is one event of GET /admin/events: something of this noun changed, fetch it again.
type Change struct {
	Noun string `json:"noun"` // accounts, logins, api-keys, requests, proxy, settings, backups, recording, connect
}

// Failure is the body of every error answer.
type Failure struct {
	Error FailureBody `json:"error"`
}

// FailureBody says what is wrong in a form programs and people can use.
type FailureBody struct {
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Field   string      `json:"field,omitempty"`
	Said    *fault.Said `json:"said,omitempty"` // what the message says
}

// SignIn is the body of POST /admin/session: the admin token, or a one-time code.
type SignIn struct {
	Token string `json:"token"`
	Code  string `json:"code"`
}

// Session answers GET and POST /admin/session.
type Session struct {
	SignedIn bool `json:"signed_in"`
	Window   bool `json:"window"` // the page is inside the app's own window
}

// HandoverCode answers POST /admin/session/handover: a code that signs one browser in, once, within a minute.
type HandoverCode struct {
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expires_at"`
}

// UpstreamProxy answers GET /admin/upstream-proxy.
type UpstreamProxy struct {
	URL         string `json:"url"` // as in the settings
	HasPassword bool   `json:"has_password"`
}

// ProxyPassword is the body of PUT /admin/upstream-proxy/password; an empty one is forgotten.
type ProxyPassword struct {
	Password string `json:"password"`
}

// UpstreamProxyTest is the body of POST /admin/upstream-proxy/test; what is left out is as in the settings.
type UpstreamProxyTest struct {
	URL      string `json:"url"`
	Password string `json:"password"`
}

// ProxyTrial says whether Amazon answered, and if not, how far the call got.
type ProxyTrial struct {
	OK           bool        `json:"ok"`
	Milliseconds int64       `json:"ms"`
	Message      string      `json:"message"`
	Said         *fault.Said `json:"said"` // what the message says; null if it answered
}

// Verdict is how a check came out.
type Verdict string

const (
	Healthy Verdict = "ok"
	Notable Verdict = "note" // nothing to do in a hurry
	Broken  Verdict = "fail"
)

// Check is one line of GET /admin/selftest, and of what `amq2api doctor` prints.
type Check struct {
	Name    string      `json:"name"`
	Code    CheckCode   `json:"code"`
	Verdict Verdict     `json:"verdict"`
	Account string      `json:"account,omitempty"`
	Message string      `json:"message"`
	Mend    string      `json:"mend,omitempty"` // what to do; empty if nothing
	Values  CheckValues `json:"values"`
}
