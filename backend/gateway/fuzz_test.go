package gateway_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func FuzzAnyPathGetsAnAnswerInADialect(f *testing.F) {
	for _, path := range []string{"/", "", "/v1", "/v1/v1/", "//", "/v1/models/", "/v1/models//", "/v1/messages/../x", "/v1/\x00", "/v1/модели", "v1/models", "/v1/models/" + strings.Repeat("x", 5000)} {
		f.Add("GET", path)
		f.Add("POST", path)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		h := newHouse(t, says("x"))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Method, r.URL = method, &url.URL{Path: path}
		r.Header.Set("X-Api-Key", h.key)
		answer := h.do(r)
		if answer.Code >= 500 || answer.Code >= 400 && !json.Valid(answer.Body.Bytes()) {
			t.Errorf("%q %q answers %d %s", method, path, answer.Code, answer.Body)
		}
	})
}

func FuzzAnyKeyIsRefusedWithASentence(f *testing.F) {
	for _, key := range []string{"", "Bearer", "Bearer ", "bearer x", "Bearer x y", "' OR 1=1 --", "Bearer amq-\x00", "Basic x", strings.Repeat("Bearer ", 1000), "Bearer amq-" + strings.Repeat("é", 100)} {
		f.Add(key, "")
		f.Add("", key)
		f.Add(key, key)
	}
	f.Fuzz(func(t *testing.T, authorization, key string) {
		h := newHouse(t, says("x"))
		r := h.request(spokenDialects[0], "")
		r.Header = http.Header{"Authorization": {authorization}, "X-Api-Key": {key}}
		answer := h.do(r)
		if answer.Code != http.StatusUnauthorized && answer.Code != http.StatusBadRequest || len(h.upper.requests()) != 0 {
			t.Errorf("%q, %q answers %d %s", authorization, key, answer.Code, answer.Body)
		}
	})
}
