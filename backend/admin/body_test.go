package admin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"amq2api/backend/fault"
)

func TestABodyThatIsWrongIsExplained(t *testing.T) {
	o := openOffice(t)
	for _, story := range []struct {
		name, body, field, message string
		status                     int
	}{
		{"nothing", "", "", "The body is empty. Send a JSON object.", 400},
		{"white space", " \n\t", "", "The body is empty. Send a JSON object.", 400},
		{"null", "null", "", "The body must be an object, not null.", 400},
		{"an array", `[{"name":"a"}]`, "", "The body must be an object, not an array.", 400},
		{"a number", "12", "", "The body must be an object, not a number.", 400},
		{"a string", `"name"`, "", "The body must be an object, not a string.", 400},
		{"true", "true", "", "The body must be an object, not true or false.", 400},
		{"cut off", `{"name":"a`, "", "The body is not JSON: unexpected end of JSON input at byte 10.", 400},
		{"something after it", `{"name":"a"} x`, "", "The body is not JSON: invalid character 'x' after top-level value at byte 14.", 400},
		{"two objects", `{"name":"a"}{"name":"b"}`, "", "The body is not JSON: invalid character '{' after top-level value at byte 13.", 400},
		{"a form", "name=a", "", "The body is not JSON: invalid character 'a' in literal null (expecting 'u') at byte 2.", 400},
		{"a number as name", `{"name":1}`, "name", "name must be a string, not a number.", 400},
		{"an object as name", `{"name":{}}`, "name", "name must be a string, not an object.", 400},
		{"a fraction", `{"name":"a","requests_per_minute":1.5}`, "requests_per_minute", "requests_per_minute must be a whole number, not 1.5.", 400},
		{"a string as number", `{"name":"a","requests_per_day":"9"}`, "requests_per_day", "requests_per_day must be a whole number, not a string.", 400},
		{"too large a number", `{"name":"a","requests_per_day":99999999999999999999999999}`, "requests_per_day", "requests_per_day must be a whole number, not 999999999999999999999999.", 400},
		{"text as days", `{"name":"a","expires_days":"x"}`, "expires_days", "expires_days must be a whole number, not a string.", 400},
		{"too deep", `{"x":` + strings.Repeat("[", 20_000), "", "The body is not JSON: invalid character '[' exceeded max depth at byte 10005.", 400},
		{"too large", `{"name":"` + strings.Repeat("a", maxBody), "", "The body is over 1048576 bytes.", 413},
	} {
		t.Run(story.name, func(t *testing.T) {
			answer := o.asOwner("POST", "/admin/api-keys", story.body)
			var failure Failure
			if err := json.Unmarshal(answer.Body.Bytes(), &failure); err != nil {
				t.Fatal(err)
			}
			if answer.Code != story.status || failure.Error.Field != story.field || failure.Error.Message != story.message {
				t.Errorf("answered %d %s", answer.Code, answer.Body)
			}
		})
	}
	if views, err := o.keys.List(t.Context()); err != nil || len(views) != 0 {
		t.Errorf("there are keys: %v, %v", views, err)
	}
	if o.log.Len() != 0 {
		t.Errorf("a client's mistakes went to the log:\n%s", o.log)
	}
}

func TestAClientThatLeavesInItsBodyIsNotOurFault(t *testing.T) {
	o := openOffice(t)
	request := httptest.NewRequest("POST", "/admin/api-keys", io.MultiReader(strings.NewReader(`{"name":"a"`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	request.Header.Set("Authorization", "Bearer "+theToken)
	answer := httptest.NewRecorder()
	o.listener.ServeHTTP(answer, request)
	if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "broke off") || o.log.Len() != 0 {
		t.Errorf("answered %d %s, log %s", answer.Code, answer.Body, o.log)
	}
}

func TestNullInAPartialUpdateIsReadByItsField(t *testing.T) {
	for body, want := range map[string]Days{
		`{}`: {}, `{"expires_days":null}`: {Given: true}, `{"expires_days":0}`: {Given: true}, `{"expires_days":7}`: {Given: true, Count: 7},
		`{"expires_days":7,"expires_days":null}`: {Given: true},
	} {
		var update KeyUpdate
		if f := decode([]byte(body), &update); f != nil || update.ExpiresDays != want {
			t.Errorf("%s is %+v, %v", body, update.ExpiresDays, f)
		}
	}
	var update KeyUpdate
	if f := decode([]byte(`{"expires_days":[]}`), &update); f == nil || f.Param != "expires_days" || f.Message != "expires_days must be a whole number, not an array." {
		t.Errorf("an array of days is %v", f)
	}
}

func TestOurFailuresAreLoggedUnderTheIDTheClientGets(t *testing.T) {
	o := openOffice(t)
	refused := func(err error) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		o.listener.desk.refuse(answer, httptest.NewRequest("GET", "/admin/state", nil), err)
		return answer
	}
	answer := refused(errors.New("the disk at /home/somebody is full"))
	id := answer.Header().Get("Request-Id")
	if answer.Code != http.StatusInternalServerError || id == "" || strings.Contains(answer.Body.String(), "somebody") {
		t.Errorf("answered %d %q %s", answer.Code, id, answer.Body)
	}
	if logged := o.log.String(); !strings.Contains(logged, id) || !strings.Contains(logged, "level=ERROR") || !strings.Contains(logged, "is full") {
		t.Errorf("the log has %s", logged)
	}
	o.log.Reset()
	refused(fault.Wrap(fault.Unavailable, io.ErrUnexpectedEOF, "The keychain does not answer."))
	if logged := o.log.String(); !strings.Contains(logged, "level=WARN") {
		t.Errorf("the log has %s", logged)
	}
}

// FuzzBody insists that whatever is sent is decoded or refused with a sentence, and that a field named as wrong is one of ours or said to be none.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{}`, `null`, `[]`, `{"name":"a","expires_days":null}`, `{"name":1}`, `{"expires_days":{"Given":true}}`, `{"requests_per_day":1e400}`, `{"NAME":"a"}`, "{\"name\":\"\xff\"}",
		`{"name":"\ud800"}`, `{"aliases":[{"name":1}]}`, `{"is_active":"yes"}`, `{"name":"a"} {}`,
	} {
		f.Add([]byte(body))
	}
	fields := map[string]bool{"": true, "name": true, "description": true, "requests_per_minute": true, "requests_per_day": true, "expires_days": true, "is_active": true}
	f.Fuzz(func(t *testing.T, body []byte) {
		var update KeyUpdate
		request := httptest.NewRequest("PUT", "/admin/api-keys/1", strings.NewReader(string(body)))
		refusal := read(request, &update)
		if refusal == nil {
			if !json.Valid(body) {
				t.Errorf("%q was taken", body)
			}
			return
		}
		if refusal.Kind != fault.Invalid && refusal.Kind != fault.TooLarge || refusal.Message == "" || refusal.Err != nil || !fields[refusal.Param] && !strings.Contains(refusal.Message, "cannot be set here") {
			t.Errorf("%q is refused with %+v", body, refusal)
		}
	})
}
