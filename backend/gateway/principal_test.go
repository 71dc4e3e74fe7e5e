package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"amq2api/backend/access"
)

func TestAPrincipalNeedsNoKeyAndIsCountedOnlyAsOne(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		h := newHouse(t, says("hello"))
		for _, key := range []access.Key{{}, {ID: h.keyID, Name: "laptop"}} {
			asked := h.request(d, "")
			asked.Header.Del("Authorization")
			answer := httptest.NewRecorder()
			h.As(key).ServeHTTP(answer, asked)
			if answer.Code != http.StatusOK {
				t.Fatalf("%q was answered %d %s", key.Name, answer.Code, answer.Body)
			}
		}
		records := h.ledger.all()
		if len(records) != 2 || records[0].KeyID != 0 || records[1].KeyID != h.keyID || records[1].KeyName != "laptop" {
			t.Errorf("on record are %+v", records)
		}
		view, err := h.keys.Get(t.Context(), h.keyID)
		if err != nil || view.CurrentRPM != 1 {
			t.Errorf("the key counts %d requests, %v", view.CurrentRPM, err)
		}
	})
}

// The text of a key means nothing where a principal asks, and a principal means nothing at the clients' own door.
func TestAPrincipalStaysBehindItsOwnDoor(t *testing.T) {
	d := spokenDialects[0]
	h := newHouse(t, says("hello"))
	h.do(h.request(d, ""))
	h.As(access.Key{}).ServeHTTP(httptest.NewRecorder(), h.request(d, ""))
	if records := h.ledger.all(); records[0].KeyID != h.keyID || records[1].KeyID != 0 {
		t.Errorf("on record are %+v", records)
	}
	stranger := h.request(d, "")
	stranger.Header.Del("Authorization")
	mustFail(t, d, h.do(stranger), http.StatusUnauthorized)
}

func TestAPrincipalsScopeHolds(t *testing.T) {
	d := spokenDialects[0]
	h := newHouse(t, says("hello"))
	narrow := access.Key{ID: h.keyID, Scope: access.Scope{AllowedModels: []string{"claude-haiku-4.5"}}}
	answer := httptest.NewRecorder()
	h.As(narrow).ServeHTTP(answer, h.request(d, ""))
	mustFail(t, d, answer, http.StatusForbidden)
}
