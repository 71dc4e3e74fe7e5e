package backend_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// spoken is a client's API, as far as its bodies and its refusals go.
type spoken struct {
	name, path string
	refusal    func(body []byte) bool // tells whether it is an error in this API's own shape
}

var dialects = []spoken{
	{"anthropic", "/v1/messages", isAnthropicRefusal},
	{"openai", "/v1/chat/completions", isOpenAIRefusal},
	{"responses", "/v1/responses", isOpenAIRefusal},
}

func isAnthropicRefusal(body []byte) bool {
	var refusal struct {
		Type  string `json:"type"`
		Error struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"error"`
		RequestID string `json:"request_id"`
	}
	return exactly(body, &refusal) && refusal.Type == "error" && refusal.Error.Type != "" && refusal.Error.Message != "" && refusal.RequestID != ""
}

func isOpenAIRefusal(body []byte) bool {
	var refusal struct {
		Error struct {
			Message string  `json:"message"`
			Type    string  `json:"type"`
			Param   *string `json:"param"`
			Code    string  `json:"code"`
		} `json:"error"`
	}
	return exactly(body, &refusal) && refusal.Error.Type != "" && refusal.Error.Message != "" && refusal.Error.Code != ""
}

func exactly(body []byte, into any) bool {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into) == nil
}

// TestNoBodyBreaksAnything: recorded requests are changed at random and sent through the whole program to the strict simulator. Each is
// refused with a sentence in its API's own shape, or answered, and then Amazon has had nothing to object to.
func TestNoBodyBreaksAnything(t *testing.T) {
	const seed, batch = 6, 500
	count := 250
	if reliabilityIsFull() {
		count = 10_000
	}
	for _, d := range dialects {
		t.Run(d.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, seed))
			recorded := recordedBodies(t, d)
			served, slowest := 0, time.Duration(0)
			for from := 0; from < count; from += batch {
				t.Run(fmt.Sprint(from), func(t *testing.T) {
					s := openReplayStage(t)
					key := s.keyFor(t)
					for n := range min(batch, count-from) {
						path := d.path
						if d.name == "anthropic" && n%5 == 0 {
							path += "/count_tokens"
						}
						body, how := changed(random, recorded[random.IntN(len(recorded))])
						began := time.Now()
						if s.survives(t, d, path, key, body, how) {
							served++
						}
						slowest = max(slowest, time.Since(began))
					}
				})
			}
			if served < count/10 || served > count*9/10 {
				t.Errorf("%d of %d bodies were served: this proves little", served, count)
			}
			t.Logf("A6 %s | %d bodies | %d served, none refused by Amazon, %d refused with a 4xx in this API's shape, 0 5xx | slowest %s",
				d.name, count, served, count-served, slowest.Round(time.Millisecond))
		})
	}
}

func recordedBodies(t *testing.T, d spoken) [][]byte {
	t.Helper()
	files, err := filepath.Glob("dialect/" + d.name + "/testdata/recorded/*.json")
	check(t, err)
	var bodies [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(t, err)
		var r recording
		check(t, json.Unmarshal(text, &r))
		if path, _, _ := strings.Cut(r.Path, "?"); path == d.path && r.Method == http.MethodPost {
			bodies = append(bodies, r.Body)
		}
	}
	if len(bodies) < 5 {
		t.Fatalf("only %d bodies were recorded", len(bodies))
	}
	return bodies
}

// survives sends a body and tells whether it was served.
func (s *scriptStage) survives(t *testing.T, d spoken, path, key string, body []byte, how string) bool {
	t.Helper()
	before := s.amazon.Counters().Refused
	status, answer := s.do(t, http.MethodPost, path, body, map[string]string{"Authorization": "Bearer " + key, "Content-Type": "application/json"})
	switch {
	case s.amazon.Counters().Refused != before:
		t.Errorf("%s: Amazon refused it (%d %.300s): %.2000s", how, status, answer, body)
	case status == http.StatusOK:
		return true
	case status < 400 || status >= 500 || !d.refusal(answer):
		t.Errorf("%s: %d %.500s: %.2000s", how, status, answer, body)
	}
	return false
}

func TestBodiesBeyondAllMeasureAreBounded(t *testing.T) {
	s := openReplayStage(t)
	key := s.keyFor(t)
	const deep, most = 10_000, 32 << 20
	content := map[string]string{"anthropic": "messages", "openai": "messages", "responses": "input"}
	for _, d := range dialects {
		message := func(text string) []byte {
			return fmt.Appendf(nil, `{"model":"claude-sonnet-4-5","max_tokens":50,%q:[{"role":"user","content":%s}]}`, content[d.name], text)
		}
		padded := func(size int) []byte {
			empty := len(message(`""`))
			return message(`"` + strings.Repeat("a ", (size-empty)/2) + `"`)
		}
		for how, body := range map[string][]byte{
			"deep arrays":         message(strings.Repeat("[", deep) + strings.Repeat("]", deep)),
			"deep objects":        message(strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep)),
			"arrays never closed": message(strings.Repeat("[", 100*deep)),
			"one byte too many":   append(padded(most), "   "...),
		} {
			t.Run(d.name+"/"+how, func(t *testing.T) {
				if s.survives(t, d, d.path, key, body, how) {
					t.Error("it was served")
				}
			})
		}
		t.Run(d.name+"/deep input of a tool", func(t *testing.T) {
			tools := map[string]string{
				"anthropic": `"tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":%s}}}]`,
				"openai":    `"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":%s}}}}]`,
				"responses": `"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":%s}}}]`,
			}
			body := bytes.TrimSuffix(message(`"hi"`), []byte("}"))
			body = fmt.Appendf(body, ","+tools[d.name]+"}", strings.Repeat(`{"items":`, deep)+"{}"+strings.Repeat("}", deep))
			s.survives(t, d, d.path, key, body, "deep schema")
		})
		t.Run(d.name+"/all that is allowed", func(t *testing.T) {
			body := padded(most)
			status, answer := s.do(t, http.MethodPost, d.path, body, map[string]string{"Authorization": "Bearer " + key, "Content-Type": "application/json"})
			if status != http.StatusBadRequest || !d.refusal(answer) || !bytes.Contains(answer, []byte("prompt is too long: ")) {
				t.Errorf("%d bytes: %d %.300s", len(body), status, answer)
			}
		})
	}
}
