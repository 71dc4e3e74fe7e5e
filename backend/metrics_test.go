package backend_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestMetricsAreForTheAdministratorOnly(t *testing.T) {
	o := openOffice(t, "http://127.0.0.1:1")
	scrape := func(authorization string) (int, string) {
		request, _ := http.NewRequest("GET", o.Address()+"/metrics", nil)
		if authorization != "" {
			request.Header.Set("Authorization", authorization)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	o.must(201, "POST", "/admin/api-keys", `{"name":"k"}`)
	if status, body := scrape(""); status != 401 || strings.Contains(body, "amq2api_") {
		t.Errorf("a stranger got %d %.200s", status, body)
	}
	if status, _ := o.chat("amq-wrong"); status != 401 {
		t.Errorf("a wrong key got %d", status)
	}
	o.healthy("evil.example")
	status, body := scrape("Bearer " + adminToken)
	if status != 200 {
		t.Fatalf("the administrator got %d %s", status, body)
	}
	for _, line := range []string{
		`amq2api_requests_total{dialect="openai",fault="unauthenticated",status="401"} 1`, `amq2api_gate_refused_total{reason="host"} 1`,
		"amq2api_requests_in_flight 0", "go_goroutines",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("there is no %s", line)
		}
	}
}
