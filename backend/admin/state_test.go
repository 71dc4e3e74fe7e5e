package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

func TestSettingsKeepWhatIsNotSent(t *testing.T) {
	o := openOffice(t)
	o.play(t, []step{
		{"GET", "/admin/settings", "", 200, []string{`"port":8080`, `{"name":"gpt-4","model":"claude-sonnet-4"}`}, nil},
		{"PUT", "/admin/settings", `{"theme":"dark"}`, 200, []string{`"theme":"dark"`, `"port":8080`, `{"name":"gpt-4","model":"claude-sonnet-4"}`, `"start_proxy":true`}, nil},
		{"PUT", "/admin/settings", `{}`, 200, []string{`"theme":"dark"`}, nil},
		{"PUT", "/admin/settings", `{"aliases":null,"theme":null}`, 200, []string{`"theme":"dark"`, `{"name":"gpt-4",`}, nil},
		{"PUT", "/admin/settings", `{"aliases":[{"name":"fast","model":"claude-haiku-4.5"}]}`, 200, []string{`"aliases":[{"name":"fast","model":"claude-haiku-4.5"}]`, `"theme":"dark"`}, nil},
		{"PUT", "/admin/settings", `{"port":9090}`, 200, []string{`"port":9090`, `"name":"fast"`}, nil},
		{"PUT", "/admin/settings", `{"aliases":[]}`, 200, []string{`"aliases":[]`}, nil},
		{"GET", "/admin/settings", "", 200, []string{`"aliases":[]`, `"port":9090`}, nil},
	})
}

func TestAnAliasKeepsNothingOfTheOneInItsPlace(t *testing.T) {
	o := openOffice(t)
	invalid := []string{`"code":"invalid"`, `"field":"aliases"`}
	o.play(t, []step{
		{"PUT", "/admin/settings", `{"aliases":[{"name":"mine"}]}`, 400, append(invalid, "The alias mine has no model."), nil},
		{"PUT", "/admin/settings", `{"aliases":[{"model":"claude-haiku-4.5"}]}`, 400, append(invalid, "Alias 1 has no name."), nil},
		{"PUT", "/admin/settings", `{"aliases":[{"name":7}]}`, 400, []string{`"field":"aliases.name"`}, nil},
		{"PUT", "/admin/settings", `{"aliases":{"gpt-4":"x"}}`, 400, append(invalid, "aliases must be an array, not an object."), nil},
		{"PUT", "/admin/settings", `{"port":0}`, 400, []string{`"field":"port"`}, nil},
		{"PUT", "/admin/settings", `{"port":"80"}`, 400, []string{`"field":"port"`}, nil},
		{"PUT", "/admin/settings", `{"language":"xx","theme":"dark"}`, 400, []string{`"field":"language"`}, nil},
		{"PUT", "/admin/settings", ``, 400, nil, nil},
		{"PUT", "/admin/settings", `null`, 400, nil, nil},
		{"PUT", "/admin/settings", `[]`, 400, nil, nil},
		{"GET", "/admin/settings", "", 200, []string{`{"name":"gpt-4","model":"claude-sonnet-4"}`, `"theme":""`, `"port":8080`}, nil},
	})
}

func TestTwoPagesThatSaveAtOnceLoseNothing(t *testing.T) {
	o := openOffice(t)
	done := make(chan int)
	for _, body := range []string{`{"theme":"dark"}`, `{"language":"en"}`, `{"port":9090}`, `{"log_level":"debug"}`} {
		go func() { done <- o.asOwner("PUT", "/admin/settings", body).Code }()
	}
	for range 4 {
		if status := <-done; status != http.StatusOK {
			t.Errorf("a page was answered %d", status)
		}
	}
	o.play(t, []step{{"GET", "/admin/settings", "", 200, []string{`"theme":"dark"`, `"language":"en"`, `"port":9090`, `"log_level":"debug"`}, nil}})
}

func TestStartingAndStoppingTheProxy(t *testing.T) {
	o := openOffice(t)
	o.play(t, []step{
		{"POST", "/admin/proxy/start", "", 200, []string{`"running":false`, `"error":null`}, nil},
		{"POST", "/admin/proxy/start", `{"port":9000}`, 200, nil, nil},
		{"POST", "/admin/proxy/start", `{"port":65536}`, 400, []string{`"field":"port"`}, nil},
		{"POST", "/admin/proxy/start", `{"port":-1}`, 400, []string{`"field":"port"`}, nil},
		{"POST", "/admin/proxy/start", `{"port":"9000"}`, 400, []string{`"field":"port"`}, nil},
		{"POST", "/admin/proxy/start", `[]`, 400, nil, nil},
		{"POST", "/admin/proxy/stop", "", 403, []string{`"code":"forbidden"`}, nil},
		{"POST", "/admin/window/show", "", 404, []string{`"code":"not_found"`}, nil},
		{"POST", "/admin/window/demo", "", 404, []string{`"code":"not_found"`, "amq2api demo"}, nil},
	})
	if got := fmt.Sprint(o.proxy.started); got != "[0 9000]" {
		t.Errorf("it was started on %s", got)
	}
	o.proxy.state = ProxyState{CanStop: true, Running: true, Addresses: []string{}}
	o.play(t, []step{{"POST", "/admin/proxy/stop", "", 200, []string{`"running":false`, `"addresses":[]`}, nil}})

	o.proxy.startErr = fault.Wrap(fault.Unavailable, errors.New("bind"), "Port 9000 is taken.")
	o.proxy.state.Error = &ProxyError{Code: "port_in_use", Message: "Port 9000 is taken.", Port: 9000, FreePort: 9001}
	o.play(t, []step{{"POST", "/admin/proxy/start", `{"port":9000}`, 200, []string{`"code":"port_in_use"`, `"free_port":9001`}, nil}})
	o.proxy.startErr, o.proxy.state.Error = fault.New(fault.Invalid, "The proxy runs on port 8080 already."), nil
	o.play(t, []step{{"POST", "/admin/proxy/start", `{"port":9000}`, 400, []string{"runs on port 8080"}, nil}})
}

// shown counts how often the window was raised, and how often a demo was opened.
type shown struct{ times, demos int }

func (s *shown) Show() { s.times++ }

func (s *shown) Demo() error {
	if s.demos++; s.demos > 1 {
		return fault.New(fault.Conflict, "The demo is open already.")
	}
	return nil
}

func TestABrowserRaisesTheWindow(t *testing.T) {
	o := openOffice(t)
	var window shown
	o.config.Window = &window
	if answer := call(New(o.config), "POST", "/admin/window/show", "", "Authorization", "Bearer "+theToken); answer.Code != http.StatusNoContent || window.times != 1 {
		t.Errorf("answered %d, shown %d times", answer.Code, window.times)
	}
}

func TestADemoOpensOnceBesideTheWindow(t *testing.T) {
	o := openOffice(t)
	o.config.Window = new(shown)
	door := New(o.config)
	for _, want := range []int{http.StatusNoContent, http.StatusConflict} {
		if answer := call(door, "POST", "/admin/window/demo", "", "Authorization", "Bearer "+theToken); answer.Code != want {
			t.Errorf("answered %d, not %d: %s", answer.Code, want, answer.Body)
		}
	}
}

func TestTheListOfRequests(t *testing.T) {
	o := openOffice(t)
	at := time.Date(2026, 3, 10, 23, 30, 0, 0, time.FixedZone("Shanghai", 8*60*60))
	var records []*usage.Record
	for i := range 60 {
		records = append(records, &usage.Record{ID: fmt.Sprintf("req_%02d", i), At: at, Dialect: "anthropic", Status: 200, Usage: chat.Usage{Input: 1, Output: 2}})
	}
	o.play(t, []step{
		{"GET", "/admin/requests", "", 200, []string{"[]"}, []string{"null"}},
		{"GET", "/admin/stats/overview", "", 200, []string{`"traffic":[`, `"first_event_p50_ms":null`}, nil},
	})
	if err := o.usage.InsertBatch(t.Context(), records, usage.Gap{}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		"": 50, "?limit=1": 1, "?limit=500": 60, "?limit=7&before=req_05": 5, "?before=req_00": 0, "?before=unknown": 0, "?before=%27%20OR%201=1--": 0, "?limit=": 50,
	} {
		answer := o.asOwner("GET", "/admin/requests"+query, "")
		var listed []Request
		if err := json.Unmarshal(answer.Body.Bytes(), &listed); err != nil || listed == nil || len(listed) != want {
			t.Errorf("%s answered %d with %d requests, want %d: %v", query, answer.Code, len(listed), want, err)
		}
	}
	o.play(t, []step{{"GET", "/admin/requests?limit=1", "", 200, []string{`"id":"req_59"`, `"at":"2026-03-10T15:30:00Z"`}, nil}})
	for _, limit := range []string{"0", "-1", "501", "abc", "9e9", "1.5", "99999999999999999999", "%20"} {
		o.play(t, []step{{"GET", "/admin/requests?limit=" + limit, "", 400, []string{`"field":"limit"`}, nil}})
	}
}

func TestTimesAreUTC(t *testing.T) {
	o := openOffice(t)
	o.newKey(t)
	for _, path := range []string{"/admin/state", "/admin/api-keys/1"} {
		var times struct {
			StartedAt string `json:"started_at"`
			CreatedAt string `json:"created_at"`
		}
		if err := json.Unmarshal(o.asOwner("GET", path, "").Body.Bytes(), &times); err != nil {
			t.Fatal(err)
		}
		text := times.StartedAt + times.CreatedAt
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil || !strings.HasSuffix(text, "Z") {
			t.Errorf("%s has the time %q", path, text)
		}
	}
}
