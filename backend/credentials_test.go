package backend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"amq2api/backend/amazonq/amazonqtest"
)

// clientRoutes are the routes under /v1 that ask for a key.
var clientRoutes = []string{
	"POST /v1/messages", "POST /v1/messages/count_tokens", "POST /v1/chat/completions", "POST /v1/responses", "POST /v1/v1/messages", "POST /messages",
	"GET /v1/models", "GET /v1/models/claude-sonnet-4.5", "GET /v1/responses/resp_1", "DELETE /v1/responses/resp_1", "HEAD /v1/models",
}

func ownerHeaders() map[string]string {
	return map[string]string{"Authorization": "Bearer " + adminToken, "Content-Type": "application/json"}
}

func (s *scriptStage) status(t *testing.T, route string, headers map[string]string) int {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	all := map[string]string{"Content-Type": "application/json"}
	for name, value := range headers {
		all[name] = value
	}
	status, _ := s.do(t, method, path, []byte("{}"), all)
	return status
}

// madeKey makes another key.
func (s *scriptStage) madeKey(t *testing.T, name string) (id int64, text string) {
	t.Helper()
	var made struct {
		ID  int64  `json:"id"`
		Key string `json:"key"`
	}
	s.mustAdmin(t, "/admin/api-keys", map[string]any{"name": name, "requests_per_minute": 0}, &made)
	return made.ID, made.Key
}

// TestNoOtherCredentialOpensAClientsRoute tries every route under /v1 with every credential there is, in every header: A15 for clients.
// That of the owner's routes stands in the package admin.
func TestNoOtherCredentialOpensAClientsRoute(t *testing.T) {
	s := openReplayStage(t)
	good := s.keyFor(t)
	off, switchedOff := s.madeKey(t, "switched off")
	s.do(t, http.MethodPut, fmt.Sprintf("/admin/api-keys/%d", off), []byte(`{"is_active":false}`), ownerHeaders())
	gone, deleted := s.madeKey(t, "deleted")
	s.do(t, http.MethodDelete, fmt.Sprintf("/admin/api-keys/%d", gone), nil, ownerHeaders())
	tried := 0
	for name, key := range map[string]string{
		"none": "", "made up": "amq-0123456789abcdef", "cut": good[:len(good)-1], "longer": good + "a", "other case": strings.ToUpper(good),
		"switched off": switchedOff, "deleted": deleted, "the owner's": adminToken, "of another program": "sk-ant-api03-x",
	} {
		for _, headers := range []map[string]string{
			{"Authorization": "Bearer " + key}, {"X-Api-Key": key}, {"Authorization": "Bearer " + key, "X-Api-Key": key},
			{"Authorization": key}, {"Cookie": "amq2api_session=" + key}, {"Proxy-Authorization": "Bearer " + good}, {"X-Goog-Api-Key": good}, {"Api-Key": good},
		} {
			for _, route := range clientRoutes {
				tried++
				if status := s.status(t, route, headers); status != http.StatusUnauthorized {
					t.Errorf("%s with a key that is %s, in %d headers: %d", route, name, len(headers), status)
				}
			}
		}
	}
	for _, headers := range []map[string]string{{"Authorization": "Bearer " + good, "X-Api-Key": deleted}, {"Authorization": "Bearer " + deleted, "X-Api-Key": good}} {
		for _, route := range clientRoutes {
			tried++
			if status := s.status(t, route, headers); status != http.StatusBadRequest {
				t.Errorf("%s with two keys: %d", route, status)
			}
		}
	}
	for _, route := range clientRoutes {
		tried++
		if status := s.status(t, route, map[string]string{"X-Api-Key": good}); status == http.StatusUnauthorized || status >= 500 {
			t.Errorf("%s with a good key: %d", route, status)
		}
	}
	t.Logf("A15 clients | %d combinations of route, credential and header: 0 wrong", tried)
}

// TestARevokedKeyIsOfNoUseFromThenOn takes keys away from clients in the middle of their streams: A16.
func TestARevokedKeyIsOfNoUseFromThenOn(t *testing.T) {
	rounds := 8
	if reliabilityIsFull() {
		rounds = 100
	}
	s := openReplayStage(t)
	s.keyFor(t)
	slowest := time.Duration(0)
	for round := range rounds {
		id, key := s.madeKey(t, fmt.Sprint("round ", round))
		revoke := func() { s.do(t, http.MethodDelete, fmt.Sprintf("/admin/api-keys/%d", id), nil, ownerHeaders()) }
		if round%2 == 0 {
			revoke = func() {
				s.do(t, http.MethodPut, fmt.Sprintf("/admin/api-keys/%d", id), []byte(`{"is_active":false}`), ownerHeaders())
			}
		}
		slowest = max(slowest, s.revokeUnderLoad(t, key, revoke))
	}
	t.Logf("A16 | %d keys revoked under load: 0 requests accepted after the answer, the last stream ended %v after it", rounds, slowest.Round(time.Millisecond))
}

// revokeUnderLoad returns how long after the revocation the last stream ended.
func (s *scriptStage) revokeUnderLoad(t *testing.T, key string, revoke func()) time.Duration {
	t.Helper()
	const streams = 3
	for range streams {
		s.people["replay"].Queue(amazonqtest.Answer{amazonqtest.Text("one"), amazonqtest.Hold(nil)})
	}
	var running sync.WaitGroup
	begun := make(chan struct{}, streams)
	for range streams {
		running.Go(func() { s.listen(t, key, begun) })
	}
	for range streams {
		<-begun
	}
	revoke()
	revoked := time.Now()
	for _, route := range clientRoutes {
		if status := s.status(t, route, map[string]string{"X-Api-Key": key}); status != http.StatusUnauthorized {
			t.Errorf("%s answers %d after the revocation", route, status)
		}
	}
	running.Wait()
	return time.Since(revoked)
}

// listen reads a stream to its end, which must not look like a good one.
func (s *scriptStage) listen(t *testing.T, key string, begun chan<- struct{}) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/v1/chat/completions",
		strings.NewReader(`{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]}`))
	if err != nil {
		t.Error(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	begun <- struct{}{}
	if err != nil {
		t.Error(err)
		return
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || err != nil || !strings.Contains(string(text), "revoked") || strings.Contains(string(text), "[DONE]") {
		t.Errorf("the stream ended with %d %q, %v", response.StatusCode, text, err)
	}
}

// TestHostileKeysChangeNothing shows keys that were made to break what reads them: A30. That a lookup takes as long for a key that is almost
// right is so by its making, by digest, and is not measured.
func TestHostileKeysChangeNothing(t *testing.T) {
	trials := 500
	if reliabilityIsFull() {
		trials = 5000
	}
	s := openReplayStage(t)
	good := s.keyFor(t)
	before := s.possessions(t)
	random := rand.New(rand.NewPCG(30, 30))
	for trial := range trials {
		key := hostileKey(random, good)
		header := []string{"Authorization", "X-Api-Key"}[trial%2]
		value := strings.Repeat("Bearer ", 1-trial%2) + key
		if status := s.show(t, clientRoutes[trial%len(clientRoutes)], header, value); status != http.StatusUnauthorized && status != http.StatusBadRequest && status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: %.60q was answered with %d", header, value, status)
		}
	}
	if after := s.possessions(t); after != before {
		t.Errorf("accounts and keys were\n%s\nand are\n%s", before, after)
	}
	t.Logf("A30 | %d hostile keys: 0 accepted, 0 answers of 500, accounts and keys unchanged", trials)
}

// hostileKey is a key that is no key: what tricks databases, logs, terminals and parsers, and our own key changed a little.
func hostileKey(random *rand.Rand, good string) string {
	pieces := []string{
		"'; DROP TABLE api_keys; --", "' OR '1'='1", `" OR ""="`, "%", "_%", "amq-%", "${jndi:ldap://x}", "{{7*7}}", "../../etc/passwd", "\\x00", "\t",
		"\u202e", "日本語", "Ａｍｑ", strings.Repeat("a", 1<<random.IntN(15)), "null", "undefined", "0", "-1", "1e999", "<script>", "`id`", "$(id)", "|id", "\x1b[2J", "amq-", good[:random.IntN(len(good))],
	}
	if random.IntN(4) == 0 {
		changed := []byte(good)
		changed[random.IntN(len(changed))] ^= byte(1 << random.IntN(5))
		return string(changed)
	}
	key := ""
	for range 1 + random.IntN(3) {
		key += pieces[random.IntN(len(pieces))]
	}
	return key
}

// show sends a header as it is, unless no client could send it.
func (s *scriptStage) show(t *testing.T, route, header, value string) int {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.address+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header[header] = []string{strings.NewReplacer("\x1b", "\\e", "\x7f", "\\d").Replace(value)}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if strings.Contains(err.Error(), "invalid header field value") {
			return http.StatusBadRequest
		}
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// possessions are the accounts and keys, without what time moves.
func (s *scriptStage) possessions(t *testing.T) string {
	t.Helper()
	type possession struct {
		ID                int64  `json:"id"`
		Name              string `json:"name"`
		IsActive          bool   `json:"is_active"`
		KeyPrefix         string `json:"key_prefix"`
		TotalRequests     int64  `json:"total_requests"`
		RequestsPerMinute int    `json:"requests_per_minute"`
	}
	var all [2][]possession
	for i, path := range []string{"/admin/accounts", "/admin/api-keys"} {
		_, answer := s.do(t, http.MethodGet, path, nil, ownerHeaders())
		if err := json.Unmarshal(answer, &all[i]); err != nil || len(all[i]) == 0 {
			t.Fatalf("%s answered %s, %v", path, answer, err)
		}
	}
	return fmt.Sprintf("%+v", all)
}
