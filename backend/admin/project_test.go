package admin

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/usage"
)

func TestAKeyAsAProject(t *testing.T) {
	o := openOffice(t)
	o.play(t, []step{
		{"POST", "/admin/accounts", anAccount + `}`, 201, nil, nil},
		{"POST", "/admin/api-keys", `{"name":"plain"}`, 201, []string{
			`"max_concurrent":0`, `"tokens_per_day":0`, `"budget_tokens":0`, `"budget_cost":0`, `"time_zone":""`, `"colour":""`, `"note":""`, `"default_model":""`,
			`"allowed_models":[]`, `"allowed_dialects":[]`, `"accounts":[]`, `"last_client":""`, `"last_address":""`, `"in_flight":0`, `"tokens_today":0`,
			`"tokens_month":0`, `"cost_month":0`, `"budget_used":0`, `"budget_warning":false`, `"day_ends_at":"2`, `"month_ends_at":"2`, `"previous_until":null`,
		}, nil},
		{"POST", "/admin/api-keys", `{"name":"work","colour":"teal","note":"the company's","default_model":"auto","allowed_models":["claude-*","auto"],` +
			`"allowed_dialects":["anthropic"],"accounts":[1],"max_concurrent":2,"tokens_per_day":3000000,"budget_tokens":40000000,"time_zone":"Asia/Tokyo","expires_at":"2099-12-31"}`, 201, []string{
			`"colour":"teal"`, `"note":"the company's"`, `"allowed_models":["claude-*","auto"]`, `"accounts":[1]`, `"tokens_per_day":3000000`, `"expires_at":"2099-12-31T15:00:00Z"`,
			`"requests_per_day":10000`,
		}, nil},
		{"PUT", "/admin/api-keys/2", `{"colour":"blue"}`, 200, []string{`"colour":"blue"`, `"accounts":[1]`, `"max_concurrent":2`, `"time_zone":"Asia/Tokyo"`, `"expires_at":"2099-`}, nil},
		{"PUT", "/admin/api-keys/2", `{"expires_at":null}`, 200, []string{`"expires_at":null`}, nil},
		{"PUT", "/admin/api-keys/2", `{"expires_at":"2099-12-31T18:00:00+01:00","allowed_models":[],"tokens_per_day":0,"requests_per_minute":7,"name":"job","description":"d","note":""}`, 200, []string{
			`"expires_at":"2099-12-31T17:00:00Z"`, `"allowed_models":[]`, `"tokens_per_day":0`, `"requests_per_minute":7`, `"name":"job"`, `"note":""`, `"budget_tokens":40000000`,
		}, nil},
		{"DELETE", "/admin/accounts/1", "", 204, nil, nil},
		{"PUT", "/admin/api-keys/2", `{"accounts":[1]}`, 200, []string{`"accounts":[1]`}, nil},
		{"PUT", "/admin/api-keys/1", `{"accounts":[1]}`, 400, []string{`"field":"accounts"`, "no account with that id"}, nil},
		{"GET", "/admin/accounts/next?key=2&model=claude-sonnet-4.5", "", 200, []string{`"refusal":"No Amazon Q account yet.`}, nil},
	})
}

func TestWhatIsWrongWithAProjectIsNamed(t *testing.T) {
	o := openOffice(t)
	o.newKey(t)
	for field, values := range map[string][]string{
		"colour": {`"mauve"`, `5`}, "note": {`"` + strings.Repeat("x", 4001) + `"`}, "default_model": {`"two words"`, `"claude-sonet-4.5"`, `"nobody's"`}, "allowed_models": {`["a b"]`, `"auto"`, `[5]`},
		"allowed_dialects": {`["gemini"]`}, "accounts": {`[0]`, `[99]`, `["1"]`}, "max_concurrent": {`-1`, `1.5`}, "tokens_per_day": {`-1`, `"5"`},
		"budget_tokens": {`-1`}, "budget_cost": {`-1`, `5`, `"5"`}, "time_zone": {`"Mars"`, `true`}, "expires_at": {`"soon"`, `"2001-01-01"`, `5`},
		"colors": {`"red"`}, "allowed_modles": {`["auto"]`}, "total_requests": {`0`}, "key": {`"amq-x"`},
	} {
		for _, value := range values {
			o.play(t, []step{
				{"PUT", "/admin/api-keys/1", `{"name":"changed","` + field + `":` + value + `}`, 400, []string{`"code":"invalid"`, `"field":"` + field + `"`}, nil},
				{"POST", "/admin/api-keys", `{"name":"another","` + field + `":` + value + `}`, 400, []string{`"code":"invalid"`, `"field":"` + field + `"`}, nil},
			})
		}
	}
	o.play(t, []step{
		{"PUT", "/admin/api-keys/1", `{"expires_at":"2099-12-31","expires_days":5}`, 400, []string{`"field":"expires_at"`}, nil},
		{"GET", "/admin/api-keys", "", 200, []string{`"name":"laptop"`}, []string{"changed", "another"}},
		{"GET", "/admin/accounts/next?key=7", "", 404, nil, nil},
		{"GET", "/admin/accounts/next?key=x", "", 404, nil, nil},
	})
}

func TestARotationShowsTheNewTextOnceAndEndsTheOldOneLater(t *testing.T) {
	o := openOffice(t)
	old := o.newKey(t)
	o.play(t, []step{
		{"POST", "/admin/api-keys/1/rotate", `{"grace_s":604801}`, 400, []string{`"field":"grace_s"`}, nil},
		{"POST", "/admin/api-keys/1/rotate", `{"grace_s":-9000000000000000000}`, 400, []string{`"field":"grace_s"`}, nil},
		{"POST", "/admin/api-keys/1/rotate", `{"grace_s":9000000000000000000}`, 400, []string{`"field":"grace_s"`}, nil},
		{"POST", "/admin/api-keys/1/rotate", `{"grace_s":"1"}`, 400, []string{`"field":"grace_s"`}, nil},
		{"POST", "/admin/api-keys/7/rotate", `{"grace_s":1}`, 404, nil, nil},
	})
	answer := o.asOwner("POST", "/admin/api-keys/1/rotate", `{"grace_s":604800}`)
	var rotated NewKey
	if err := json.Unmarshal(answer.Body.Bytes(), &rotated); err != nil || answer.Code != 200 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if !regexp.MustCompile(`^amq-[0-9A-Za-z]{36}$`).MatchString(rotated.Text) || rotated.Text == old || rotated.PreviousPrefix != old[:8] || rotated.PreviousUntil == nil {
		t.Errorf("rotated to %+v", rotated)
	}
	o.play(t, []step{
		{"GET", "/admin/api-keys/1", "", 200, []string{`"previous_prefix":"` + old[:8]}, []string{rotated.Text, `"key":`}},
		{"POST", "/admin/api-keys/1/rotate", "", 200, []string{`"key":"amq-`, `"previous_prefix":""`, `"previous_until":null`}, nil}, // without grace
	})
	if strings.Contains(o.log.String(), rotated.Text) {
		t.Error("the log has the key")
	}
}

func TestWhoUsedAKeyLastIsShown(t *testing.T) {
	o := openOffice(t)
	o.newKey(t)
	record := &usage.Record{ID: "a", KeyID: 1, Client: "claude-cli", Address: "127.0.0.1", At: time.Now()}
	if err := o.usage.InsertBatch(t.Context(), []*usage.Record{record}, usage.Gap{}); err != nil {
		t.Fatal(err)
	}
	o.play(t, []step{{"GET", "/admin/api-keys/1", "", 200, []string{`"last_client":"claude-cli"`, `"last_address":"127.0.0.1"`, `"last_used":"2`}, nil}})
}

func TestTheListsOnTheWireAreThoseOfTheKeys(t *testing.T) {
	o := openOffice(t)
	o.newKey(t)
	for _, colour := range access.Colours() {
		o.play(t, []step{{"PUT", "/admin/api-keys/1", `{"colour":"` + colour + `"}`, 200, []string{`"colour":"` + colour + `"`}, nil}})
	}
	for _, name := range access.Dialects() {
		o.play(t, []step{{"PUT", "/admin/api-keys/1", `{"allowed_dialects":["` + name + `"]}`, 200, []string{`"allowed_dialects":["` + name + `"]`}, nil}})
	}
}
