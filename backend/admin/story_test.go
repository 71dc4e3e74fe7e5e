package admin

import (
	"net/http"
	"strings"
	"testing"
)

// step is one call of the owner and what must, and must not, be in its answer.
type step struct {
	method, path, body string
	status             int
	has                []string
	hasNot             []string
}

func (o *office) play(t *testing.T, steps []step) {
	t.Helper()
	for i, s := range steps {
		answer := o.asOwner(s.method, s.path, s.body)
		text := answer.Body.String()
		if answer.Code != s.status {
			t.Errorf("%d: %s %s %.80s answered %d %s, want %d", i, s.method, s.path, s.body, answer.Code, text, s.status)
		}
		for _, part := range s.has {
			if !strings.Contains(text, part) {
				t.Errorf("%d: %s %s %.80s lacks %s:\n%s", i, s.method, s.path, s.body, part, text)
			}
		}
		for _, part := range append(s.hasNot, theToken, theRefreshToken, theClientSecret) {
			if strings.Contains(text, part) {
				t.Errorf("%d: %s %s %.80s must not have %s:\n%s", i, s.method, s.path, s.body, part, text)
			}
		}
		if kind := answer.Header().Get("Content-Type"); answer.Code != http.StatusNoContent && kind != "application/json" {
			t.Errorf("%d: %s %s is %q", i, s.method, s.path, kind)
		}
	}
	for _, canary := range []string{theToken, theRefreshToken, theClientSecret} {
		if strings.Contains(o.log.String(), canary) {
			t.Errorf("the log has %s", canary)
		}
	}
}

const anAccount = `{"name":"Work","refresh_token":"` + theRefreshToken + `","client_id":"client","client_secret":"` + theClientSecret + `"`

func TestAMisspeltMemberOrParameterIsRefused(t *testing.T) {
	openOffice(t).play(t, []step{
		{"POST", "/admin/accounts", anAccount + `,"requests_per_minutes":30}`, 400, []string{`"field":"requests_per_minutes"`, "cannot be set here"}, nil},
		{"POST", "/admin/accounts", anAccount + `}`, 201, nil, nil},
		{"PUT", "/admin/accounts/1", `{"name":"Job","notse":"x"}`, 400, []string{`"field":"notse"`}, nil},
		{"GET", "/admin/accounts/1", "", 200, []string{`"name":"Work"`}, nil},
		{"PUT", "/admin/settings", `{"theme":"dark","default_modle":"auto"}`, 400, []string{`"field":"default_modle"`}, nil},
		{"PUT", "/admin/settings", `{"aliases":[{"name":"a","modle":"auto"}]}`, 400, []string{`"field":"modle"`}, nil},
		{"GET", "/admin/settings", "", 200, nil, []string{`"theme":"dark"`}},
		{"GET", "/admin/requests?limi=5", "", 400, []string{`"field":"limi"`, "only limit, before, text, from, to, zone, key"}, nil},
		{"GET", "/admin/requests.csv?form=2026-01-01", "", 400, []string{`"field":"form"`}, nil},
		{"GET", "/admin/stats/usage?by=key&models=auto", "", 400, []string{`"field":"models"`}, nil},
		{"GET", "/admin/accounts?status=ready", "", 400, []string{"nor any other"}, nil},
		{"GET", "/admin/stats/usage?by=key&model=auto&compare=previous", "", 200, nil, nil},
		{"GET", "/admin/accounts/next?model=auto&session=s&key=", "", 200, nil, nil},
	})
}

func TestAnAccountFromAddingToRemoving(t *testing.T) {
	openOffice(t).play(t, []step{
		{"GET", "/admin/accounts", "", 200, []string{"[]"}, []string{"null"}},
		{"POST", "/admin/accounts", anAccount + `,"notes":"the company's"}`, 201, []string{
			`"id":1,`, `"name":"Work"`, `"is_active":true`, `"is_healthy":true`, `"status":"ready"`, `"requests_per_minute":10`, `"max_concurrent":4`, `"current_rpm":0`,
			`"notes":"the company's"`, `"last_used":null`, `"last_health_check":null`, `"cooldown_until":null`, `"health_check_error":""`, `"profile_arn":""`, `Z","updated_at":"`,
		}, []string{"refresh_token", "client_secret", "client_id"}},
		{"POST", "/admin/accounts", anAccount + `}`, 409, []string{`"code":"conflict"`, `"said":{"code":"row_token_taken","name":"Work"}`}, nil},
		{"PUT", "/admin/accounts/1", `{}`, 200, []string{`"name":"Work"`, `"notes":"the company's"`}, nil},
		{"PUT", "/admin/accounts/1", `{"name":null,"notes":null}`, 200, []string{`"name":"Work"`, `"notes":"the company's"`}, nil},
		{"PUT", "/admin/accounts/1", `{"name":"Private","name":"Job","requests_per_minute":0}`, 200, []string{`"name":"Job"`, `"requests_per_minute":0`, `"max_concurrent":4`, `"notes":"the company's"`}, nil},
		{"PUT", "/admin/accounts/1", `{"notes":""}`, 200, []string{`"notes":""`, `"name":"Job"`}, nil},
		{"PUT", "/admin/accounts/1", `{"refresh_token":"` + theRefreshToken + `-2","client_secret":"` + theClientSecret + `-2"}`, 200, []string{`"name":"Job"`}, nil},
		{"PUT", "/admin/accounts/1", `{"refresh_token":""}`, 400, []string{`"field":"refresh_token"`}, nil},
		{"PUT", "/admin/accounts/1", `{"is_active":"no"}`, 400, []string{`"field":"is_active"`, "is_active must be true or false, not a string."}, nil},
		{"PUT", "/admin/accounts/1", `{"is_active":false}`, 200, []string{`"is_active":false`, `"status":"disabled"`}, nil},
		{"GET", "/admin/stats/accounts", "", 200, []string{`{"total_accounts":1,"active_accounts":0,"healthy_accounts":0,"total_requests":0,"total_tokens":0,"from":"`}, nil},
		{"PUT", "/admin/accounts/1", `{"is_active":true}`, 200, []string{`"status":"ready"`}, nil},
		{"GET", "/admin/stats/accounts", "", 200, []string{`"total_accounts":1,"active_accounts":1,"healthy_accounts":1`}, nil},
		{"POST", "/admin/accounts/1/check", "", 200, []string{`"is_healthy":false`, `"status":"needs_sign_in"`, `"last_health_check":"2`, `"status_kind":"credential"`, `"status_said":{"code":"`}, nil},
		{"POST", "/admin/accounts/1/clear", "", 200, []string{`"status":"ready"`, `"status_kind":""`, `"status_said":null`, `"health_check_said":null`}, nil},
		{"GET", "/admin/accounts/1", "", 200, []string{`"name":"Job"`}, nil},
		{"DELETE", "/admin/accounts/1", "", 204, nil, nil},
		{"DELETE", "/admin/accounts/1", "", 404, []string{`"code":"not_found"`}, nil},
		{"GET", "/admin/accounts/1", "", 404, []string{`"code":"not_found"`}, nil},
		{"PUT", "/admin/accounts/1", `{}`, 404, nil, nil},
		{"POST", "/admin/accounts/1/check", "", 404, nil, nil},
		{"POST", "/admin/accounts/1/clear", "", 404, nil, nil},
	})
}

func TestWhatIsWrongWithAnAccountIsNamed(t *testing.T) {
	invalid := func(field string) []string { return []string{`"code":"invalid"`, `"field":"` + field + `"`} }
	openOffice(t).play(t, []step{
		{"POST", "/admin/accounts", `{}`, 400, invalid("name"), nil},
		{"POST", "/admin/accounts", `{"name":"Work"}`, 400, []string{`"code":"invalid"`, `"field":`}, nil},
		{"POST", "/admin/accounts", `{"name":"Work","refresh_token":"` + theRefreshToken + `","client_id":"c"}`, 400, invalid("client_secret"), nil},
		{"POST", "/admin/accounts", `{"name":"Work","refresh_token":"has ` + theRefreshToken + `","client_id":"c","client_secret":"s"}`, 400, invalid("refresh_token"), nil},
		{"POST", "/admin/accounts", anAccount + `,"requests_per_minute":-1}`, 400, invalid("requests_per_minute"), nil},
		{"POST", "/admin/accounts", anAccount + `,"requests_per_minute":1000001}`, 400, invalid("requests_per_minute"), nil},
		{"POST", "/admin/accounts", anAccount + `,"profile_arn":"arn:aws:s3:::bucket"}`, 400, invalid("profile_arn"), nil},
		{"POST", "/admin/accounts", anAccount + `,"sign_in_region":"evil.example"}`, 400, invalid("sign_in_region"), nil},
		{"GET", "/admin/accounts", "", 200, []string{"[]"}, nil},
	})
}

func TestAKeyFromMakingToForgetting(t *testing.T) {
	o := openOffice(t)
	o.play(t, []step{
		{"GET", "/admin/api-keys", "", 200, []string{"[]"}, []string{"null"}},
		{"POST", "/admin/api-keys", `{"name":"laptop","expires_days":null}`, 201, []string{
			`"id":1,`, `"key":"amq-`, `"name":"laptop"`, `"is_active":true`, `"requests_per_minute":60`, `"requests_per_day":10000`, `"expires_at":null`, `"key_prefix":"amq-`,
			`"current_rpm":0`, `"current_rpd":0`, `"last_used":null`,
		}, nil},
		{"GET", "/admin/api-keys", "", 200, []string{`"id":1,`}, []string{`"key":`}},
		{"GET", "/admin/api-keys/1", "", 200, []string{`"id":1,`}, []string{`"key":`}},
		{"PUT", "/admin/api-keys/1", `{"expires_days":30,"requests_per_day":0}`, 200, []string{`"expires_at":"2`, `"requests_per_day":0`, `"name":"laptop"`}, []string{`"key":`}},
		{"PUT", "/admin/api-keys/1", `{"name":"desk"}`, 200, []string{`"expires_at":"2`, `"name":"desk"`}, nil},
		{"PUT", "/admin/api-keys/1", `{"expires_days":null}`, 200, []string{`"expires_at":null`, `"name":"desk"`}, nil},
		{"PUT", "/admin/api-keys/1", `{"expires_days":30}`, 200, []string{`"expires_at":"2`}, nil},
		{"PUT", "/admin/api-keys/1", `{"expires_days":0}`, 200, []string{`"expires_at":null`}, nil},
		{"GET", "/admin/stats/api-keys", "", 200, []string{`{"total_keys":1,"active_keys":1,"total_requests":0,"from":"`}, nil},
		{"POST", "/admin/api-keys/1/revoke", "", 200, []string{`"is_active":false`}, []string{`"key":`}},
		{"POST", "/admin/api-keys/1/revoke", "{}", 200, []string{`"is_active":false`}, nil},
		{"GET", "/admin/stats/api-keys", "", 200, []string{`"active_keys":0`}, nil},
		{"PUT", "/admin/api-keys/1", `{"is_active":true}`, 200, []string{`"is_active":true`}, nil},
		{"DELETE", "/admin/api-keys/1", "", 204, nil, nil},
		{"DELETE", "/admin/api-keys/1", "", 404, []string{`"code":"not_found"`}, nil},
		{"PUT", "/admin/api-keys/1", "{}", 404, nil, nil},
		{"POST", "/admin/api-keys/1/revoke", "", 404, nil, nil},
	})
}

func TestWhatIsWrongWithAKeyIsNamed(t *testing.T) {
	invalid := func(field string) []string { return []string{`"code":"invalid"`, `"field":"` + field + `"`} }
	openOffice(t).play(t, []step{
		{"POST", "/admin/api-keys", `{}`, 400, invalid("name"), nil},
		{"POST", "/admin/api-keys", `{"name":" "}`, 400, invalid("name"), nil},
		{"POST", "/admin/api-keys", `{"name":"a","expires_days":0}`, 400, invalid("expires_days"), nil},
		{"POST", "/admin/api-keys", `{"name":"a","expires_days":-1}`, 400, invalid("expires_days"), nil},
		{"POST", "/admin/api-keys", `{"name":"a","expires_days":9000000000}`, 400, invalid("expires_days"), nil},
		{"POST", "/admin/api-keys", `{"name":"a","requests_per_day":-1}`, 400, invalid("requests_per_day"), nil},
		{"POST", "/admin/api-keys", `{"name":"a","requests_per_minute":1000001}`, 400, invalid("requests_per_minute"), nil},
		{"POST", "/admin/api-keys", `{"name":"a","requests_per_minute":"60"}`, 400, invalid("requests_per_minute"), nil},
		{"POST", "/admin/api-keys", `{"name":"a"}`, 201, nil, nil},
		{"PUT", "/admin/api-keys/1", `{"name":""}`, 400, invalid("name"), nil},
		{"PUT", "/admin/api-keys/1", `{"expires_days":-1}`, 400, invalid("expires_days"), nil},
		{"PUT", "/admin/api-keys/1", `{"expires_days":"soon"}`, 400, invalid("expires_days"), nil},
		{"GET", "/admin/api-keys/1", "", 200, []string{`"name":"a"`, `"expires_at":null`}, nil},
	})
}

func TestIDsThatAreNone(t *testing.T) {
	o := openOffice(t)
	o.newKey(t)
	for _, noun := range []string{"accounts", "api-keys"} {
		for _, id := range []string{"0", "-1", "+1", "01", "abc", "9e9", "1.0", "1%20", "0x1", "9223372036854775808", strings.Repeat("9", 5000), "%00", "1'--"} {
			o.play(t, []step{
				{"GET", "/admin/" + noun + "/" + id, "", 404, []string{`"code":"not_found"`}, []string{strings.Repeat("9", 100)}},
				{"PUT", "/admin/" + noun + "/" + id, "{}", 404, []string{`"code":"not_found"`}, nil},
				{"DELETE", "/admin/" + noun + "/" + id, "", 404, []string{`"code":"not_found"`}, nil},
			})
		}
	}
}

func TestTheQuotaOfAnAccountAndTheOldTextOfAKeyHaveRoutes(t *testing.T) {
	openOffice(t).play(t, []step{
		{"POST", "/admin/accounts", anAccount + `}`, 201, []string{`"token_ends":null`}, nil},
		{"GET", "/admin/stats/accounts/1/quota", "", 200, []string{"[]"}, nil},
		{"GET", "/admin/stats/accounts/1/quota?days=35", "", 200, nil, nil},
		{"GET", "/admin/stats/accounts/1/quota?days=36", "", 400, []string{`"field":"days"`}, nil},
		{"GET", "/admin/stats/accounts/2/quota", "", 404, nil, nil},
		{"POST", "/admin/api-keys", `{"name":"Laptop"}`, 201, nil, nil},
		{"POST", "/admin/api-keys/1/rotate", `{"grace_s":3600}`, 200, []string{`"previous_prefix":"amq`}, nil},
		{"DELETE", "/admin/api-keys/1/previous", "", 200, []string{`"previous_prefix":""`, `"previous_until":null`}, nil},
		{"DELETE", "/admin/api-keys/1/previous", "", 200, nil, nil},
		{"DELETE", "/admin/api-keys/7/previous", "", 404, nil, nil},
	})
}
