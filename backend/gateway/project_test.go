package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

var responsesAPI = dialect{"responses", "/v1/responses", `{"model":"claude-sonnet-4-5","input":"hi"`}

// restrict changes what the house's key may do.
func (h *house) restrict(edit access.Edit) {
	h.t.Helper()
	if _, err := h.keys.Update(context.Background(), h.keyID, edit); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) view() access.View {
	h.t.Helper()
	view, err := h.keys.Get(context.Background(), h.keyID)
	if err != nil {
		h.t.Fatal(err)
	}
	return view
}

// asking is the dialect with another model; an empty one is left out.
func (d dialect) asking(model string) dialect {
	with := ""
	if model != "" {
		with = `"model":"` + model + `",`
	}
	d.body = strings.Replace(d.body, `"model":"claude-sonnet-4-5",`, with, 1)
	return d
}

func TestAKeyGetsOnlyTheModelsItMayUse(t *testing.T) {
	for _, d := range append(slices.Clone(spokenDialects), responsesAPI) {
		t.Run(d.name, func(t *testing.T) {
			h := newHouse(t, says("x"))
			h.restrict(access.Edit{Terms: access.Terms{AllowedModels: &[]string{"claude-haiku-*"}}})
			for model, want := range map[string]int{
				"claude-haiku-4.5": 200, "claude-haiku-4-5-20251001": 200, "claude-sonnet-4-5": 403, "gpt-4o": 403, "claude-haiku-99": 403, "mistral": 404,
			} {
				answer := h.do(h.request(d.asking(model), ""))
				if answer.Code != want {
					t.Errorf("%s is %d %s", model, answer.Code, answer.Body)
				}
				if want == 403 && (!strings.Contains(answer.Body.String(), "It may use: claude-haiku-*.") || answer.Header().Get("X-Should-Retry") != "false") {
					t.Errorf("%s is refused with %s", model, answer.Body)
				}
			}
			if view := h.view(); view.CurrentRPM != 2 {
				t.Errorf("%d requests were counted", view.CurrentRPM)
			}
		})
	}
}

func TestTheListOfModelsIsThatOfTheKey(t *testing.T) {
	h := newHouse(t, says(""))
	h.restrict(access.Edit{Terms: access.Terms{AllowedModels: &[]string{"gpt-4", "claude-haiku-*"}}})
	body := h.get("/v1/models", "X-Api-Key", h.key).Body.String()
	if !strings.Contains(body, "claude-sonnet-4\"") || !strings.Contains(body, "claude-haiku-4.5") || strings.Contains(body, "claude-sonnet-4.5") {
		t.Errorf("the list is %s", body)
	}
	if answer := h.get("/v1/models/claude-sonnet-4.5", "X-Api-Key", h.key); answer.Code != 403 {
		t.Errorf("a model that is not in it is %d", answer.Code)
	}
	h.restrict(access.Edit{Terms: access.Terms{AllowedModels: &[]string{"auto"}}})
	if body := h.get("/v1/models", "X-Api-Key", h.key).Body.String(); !strings.Contains(body, `"data":[]`) {
		t.Errorf("an empty list is %s", body)
	}
}

func TestTheKeysDefaultModelStandsIn(t *testing.T) {
	for _, d := range append(slices.Clone(spokenDialects), responsesAPI) {
		t.Run(d.name, func(t *testing.T) {
			h := newHouse(t, says("x"))
			h.restrict(access.Edit{Terms: access.Terms{DefaultModel: new("claude-haiku-4-5"), AllowedModels: &[]string{"claude-sonnet-4"}}})
			for _, asked := range []string{"claude-opus-99", "gpt-99", ""} {
				answer := h.do(h.request(d.asking(asked), ""))
				if answer.Code != 200 {
					t.Fatalf("%q is %d %s", asked, answer.Code, answer.Body)
				}
				header := answer.Header()
				named, substituted := header.Get("X-Amq2api-Model"), header.Get("X-Amq2api-Model-Substituted") == "true"
				sent := h.upper.requests()
				if last := sent[len(sent)-1]; last.Upstream != "claude-haiku-4.5" || named != last.Upstream || substituted != (asked != "") {
					t.Errorf("%q was sent to %s, headers %q, %t", asked, last.Upstream, named, substituted)
				}
			}
			h.restrict(access.Edit{Terms: access.Terms{DefaultModel: new("claude-opus-99"), AllowedModels: &[]string{}}})
			if h.do(h.request(d.asking("gpt-99"), "")).Header().Get("X-Amq2api-Model") != "claude-sonnet-4.5" {
				t.Error("a default that nobody has must leave the general one")
			}
			h.restrict(access.Edit{Terms: access.Terms{DefaultModel: new("")}})
			if answer := h.do(h.request(d.asking(""), "")); answer.Code != 400 {
				t.Errorf("without a default a missing model is %d", answer.Code)
			}
		})
	}
}

func TestAKeySpeaksOnlyTheDialectsItMay(t *testing.T) {
	h := newHouse(t, says("x"))
	h.restrict(access.Edit{Terms: access.Terms{AllowedDialects: &[]string{"openai"}}})
	count := dialect{"anthropic", "/v1/messages/count_tokens", spokenDialects[0].body}
	for _, d := range []dialect{spokenDialects[0], count, responsesAPI} {
		if sentence := mustFail(t, d, h.do(h.request(d, "")), 403); !strings.Contains(sentence, "It may use: openai.") {
			t.Errorf("%s: %s", d.path, sentence)
		}
	}
	if answer := h.get("/v1/responses/resp_1", "X-Api-Key", h.key); answer.Code != 403 {
		t.Errorf("a kept answer is %d", answer.Code)
	}
	if answer := h.do(h.request(spokenDialects[1], "")); answer.Code != 200 {
		t.Errorf("the one it may use is %d", answer.Code)
	}
	if len(h.upper.requests()) != 1 {
		t.Error("a refused request was sent")
	}
}

func TestThePinnedAccountsGoWithTheRequest(t *testing.T) {
	h := newHouse(t, says("x"))
	h.do(h.request(spokenDialects[0], ""))
	h.restrict(access.Edit{Terms: access.Terms{Accounts: &[]int64{7, 3}}})
	h.do(h.request(spokenDialects[0], ""))
	if sent := h.upper.requests(); len(sent[0].Accounts) != 0 || !slices.Equal(sent[1].Accounts, []int64{7, 3}) {
		t.Errorf("sent with %v and %v", sent[0].Accounts, sent[1].Accounts)
	}
}

func TestTheAnswerSaysWhichLimitWasReached(t *testing.T) {
	one := 1
	for limit, test := range map[string]struct {
		edit access.Edit
		wait string
	}{
		"rpm":            {access.Edit{RequestsPerMinute: &one}, "61"}, // a nanosecond more than a minute, rounded up
		"rpd":            {access.Edit{RequestsPerDay: &one, Terms: access.Terms{TimeZone: new("UTC")}}, "86400"},
		"tokens_per_day": {access.Edit{Terms: access.Terms{TokensPerDay: new(int64(1020)), TimeZone: new("UTC")}}, "86400"},
		"budget":         {access.Edit{Terms: access.Terms{BudgetTokens: new(int64(1020)), TimeZone: new("UTC")}}, "2678400"},
	} {
		t.Run(limit, func(t *testing.T) {
			inBothDialects(t, func(t *testing.T, d dialect) {
				synctest.Test(t, func(t *testing.T) { // which begins at midnight, on the first of January
					h := newHouse(t, says("x"))
					h.restrict(test.edit)
					if answer := h.do(h.request(d, "")); answer.Code != 200 {
						t.Fatalf("the first is %d %s", answer.Code, answer.Body)
					}
					answer := h.do(h.request(d, streaming))
					mustFail(t, d, answer, 429)
					header := answer.Header()
					if header.Get("X-Amq2api-Limit") != limit || header.Get("Retry-After") != test.wait || header.Get("X-Should-Retry") != "true" {
						t.Errorf("the headers are %v", header)
					}
					time.Sleep(h.wait(header))
					if answer := h.do(h.request(d, "")); answer.Code != 200 {
						t.Errorf("after the wait it is %d %s", answer.Code, answer.Body)
					}
				})
			})
		})
	}
}

func (h *house) wait(header http.Header) time.Duration {
	wait, err := time.ParseDuration(header.Get("Retry-After") + "s")
	if err != nil {
		h.t.Fatal(err)
	}
	return wait
}

func TestARequestOverTheConcurrencyIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, after(time.Minute, says("x")))
		h.restrict(access.Edit{Terms: access.Terms{MaxConcurrent: new(1)}})
		first := make(chan *httptest.ResponseRecorder)
		go func() { first <- h.do(h.request(spokenDialects[0], "")) }()
		synctest.Wait()
		began := time.Now()
		answer := h.do(h.request(spokenDialects[0], ""))
		mustFail(t, spokenDialects[0], answer, 429)
		if answer.Header().Get("X-Amq2api-Limit") != "concurrent" || time.Since(began) != 0 {
			t.Errorf("limit %q after %v", answer.Header().Get("X-Amq2api-Limit"), time.Since(began))
		}
		if answer := <-first; answer.Code != 200 || h.view().InFlight != 0 {
			t.Errorf("the first is %d", answer.Code)
		}
	})
}

// Whatever becomes of a request, its place and its estimate come back, and what it cost counts.
func TestTokensAreSettledOnEveryPath(t *testing.T) {
	panics := func(context.Context, *chat.Request, *usage.Record) chat.Stream { panic("lost") }
	for name, test := range map[string]struct {
		answer answer
		status int
		tokens int64
		leave  bool
	}{
		"a good answer":                  {says("x"), 200, 19, false},
		"a fault before the first event": {fails(fault.New(fault.Unavailable, "down")), 502, 0, false},
		"a fault in the middle":          {breaks("Hel", then(errors.New("cut"))), 200, 11, false},
		"a panic":                        {panics, 500, 0, false},
		"a client that leaves":           {breaks("Hel", hangs), 200, 11, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, test.answer)
				h.restrict(access.Edit{Terms: access.Terms{TokensPerDay: new(int64(5000)), MaxConcurrent: new(1)}})
				for n := range int64(3) {
					ctx, leave := context.WithCancel(t.Context())
					r := h.request(spokenDialects[0], streaming).WithContext(ctx)
					screen := newScreen()
					done := make(chan struct{})
					go func() {
						defer close(done)
						h.ServeHTTP(screen, r)
					}()
					synctest.Wait()
					if test.leave {
						if view := h.view(); view.InFlight != 1 {
							t.Errorf("%d in flight meanwhile", view.InFlight)
						}
						leave()
					}
					<-done
					leave()
					if code, text := screen.shows(); code != test.status {
						t.Fatalf("the answer is %d %s", code, text)
					}
					if view := h.view(); view.InFlight != 0 || view.TokensToday != (n+1)*test.tokens {
						t.Fatalf("after %d requests %d are in flight and %d tokens counted", n+1, view.InFlight, view.TokensToday)
					}
				}
			})
		})
	}
}

func TestTheRecordHasTheClientsAddress(t *testing.T) {
	for remote, want := range map[string]string{"127.0.0.1:5000": "127.0.0.1", "[::1]:80": "::1", "pipe": "", "": ""} {
		h := newHouse(t, says("x"))
		r := h.request(spokenDialects[0], "")
		r.RemoteAddr = remote
		h.do(r)
		if got := h.ledger.only(t).Address; got != want {
			t.Errorf("%q is %q", remote, got)
		}
	}
}

func TestARotatedKeyWorksForItsGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, says("x"))
		if _, _, err := h.keys.Rotate(t.Context(), h.keyID, time.Hour); err != nil {
			t.Fatal(err)
		}
		codes := []int{h.do(h.request(spokenDialects[0], "")).Code}
		time.Sleep(time.Hour)
		answer := h.do(h.request(spokenDialects[0], ""))
		codes = append(codes, answer.Code)
		if fmt.Sprint(codes) != "[200 401]" || !strings.Contains(answer.Body.String(), "was replaced") {
			t.Errorf("%v, then %s", codes, answer.Body)
		}
	})
}
