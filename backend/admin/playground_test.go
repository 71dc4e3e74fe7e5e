package admin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"amq2api/backend/access"
)

// stubPlayground says what it was asked for, and as whom.
type stubPlayground struct{}

func (stubPlayground) Play(w http.ResponseWriter, _ *http.Request, dialect string, key access.Key) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"dialect":"` + dialect + `","as":"` + key.Name + `"}`))
}

func TestThePlaygroundSpeaksTheClientsDialects(t *testing.T) {
	o := openOffice(t)
	o.newKey(t)
	var steps []step
	for _, dialect := range access.Dialects() {
		steps = append(steps,
			step{"POST", "/admin/playground/" + dialect, "{}", 200, []string{`"dialect":"` + dialect + `","as":""`}, nil},
			step{"POST", "/admin/playground/" + dialect + "?key=1", "{}", 200, []string{`"as":"laptop"`}, nil})
	}
	o.play(t, append(steps,
		step{"POST", "/admin/playground/gemini", "{}", 404, []string{`does not speak \"gemini\". It speaks anthropic, openai, responses.`}, nil},
		step{"POST", "/admin/playground/openai?key=7", "{}", 404, []string{`"code":"not_found"`}, nil},
		step{"POST", "/admin/playground/openai?key=laptop", "{}", 404, []string{`There is no API key \"laptop\"`}, nil},
		step{"GET", "/admin/playground/openai", "", 405, nil, nil},
		step{"POST", "/admin/api-keys/1/revoke", "", 200, nil, nil},
		step{"POST", "/admin/playground/openai?key=1", "{}", 409, []string{"was revoked or has expired. Choose another one."}, nil},
	))
}

func TestThePlaygroundIsClosedToStrangers(t *testing.T) {
	o := openOffice(t)
	for name, header := range map[string][2]string{
		"nobody": {}, "a client": {"X-Api-Key", o.newKey(t)}, "a page without the header": {"Cookie", signIn(t, o.listener)},
	} {
		asked := httptest.NewRequest("POST", "/admin/playground/openai", strings.NewReader("{}"))
		asked.Header.Set(header[0], header[1])
		answer := httptest.NewRecorder()
		o.listener.ServeHTTP(answer, asked)
		if answer.Code != http.StatusUnauthorized && answer.Code != http.StatusForbidden {
			t.Errorf("%s was answered %d %s", name, answer.Code, answer.Body)
		}
	}
}
