package backend_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend"
	"amq2api/backend/secret"
	"amq2api/backend/vault"
)

// TestTheWindowsDoorIsNotOnTheListener asks the same program for the same routes in process, as the window does, and over its port.
func TestTheWindowsDoorIsNotOnTheListener(t *testing.T) {
	b, err := backend.Open(t.Context(), backend.Options{
		Version: "test", Vault: new(vault.Memory), HasWindow: true,
		Environment: backend.Environment{DatabasePath: filepath.Join(t.TempDir(), "amq2api.db"), Port: backend.AnyPort, AdminToken: secret.New(adminToken)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(testContext); err != nil {
			t.Error(err)
		}
	}()
	if err := b.Start(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/admin/accounts", "/admin/api-keys", "/admin/settings", "/admin/state", "/admin/requests", "/admin/stats/overview"} {
		inside := httptest.NewRecorder()
		b.WindowAdmin().ServeHTTP(inside, httptest.NewRequest("GET", path, nil))
		outside, err := http.Get(b.Address() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = outside.Body.Close()
		if inside.Code != http.StatusOK || outside.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s answers the window %d and a stranger %d", path, inside.Code, outside.StatusCode)
		}
	}

	// A code that the window hands over opens a session on the listener.
	handed := httptest.NewRecorder()
	b.WindowAdmin().ServeHTTP(handed, httptest.NewRequest("POST", "/admin/session/handover", nil))
	var code struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(handed.Body.Bytes(), &code); err != nil {
		t.Fatal(err)
	}
	entered, err := http.Post(b.Address()+"/admin/session", "application/json", strings.NewReader(`{"code":"`+code.Code+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = entered.Body.Close()
	if entered.StatusCode != http.StatusOK || len(entered.Cookies()) != 1 {
		t.Fatalf("the code answered %d", entered.StatusCode)
	}
	if got := b.HandoverCode(); got == "" || got == code.Code {
		t.Errorf("the next code is %q", got)
	}
}
