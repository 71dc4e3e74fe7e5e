package amazonq_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// served is a client of a simulated Amazon with one identity.
func served(t *testing.T, o amazonqtest.IdentityOptions) (*amazonq.Client, *amazonqtest.Service, *amazonqtest.Identity, account.Credential) {
	t.Helper()
	service := amazonqtest.New(amazonqtest.Options{Seed: 1})
	address, stop, err := service.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	client := newClient(t, amazonq.Config{Endpoint: address})
	t.Cleanup(client.CloseIdle)
	identity := service.AddIdentity(o)
	credential := credential()
	credential.AccessToken, credential.ProfileARN = identity.AccessToken(), o.ProfileARN
	return client, service, identity, credential
}

func TestWhatTheServiceTellsAboutAnAccount(t *testing.T) {
	const arn = "arn:aws:codewhisperer:us-east-1:123456789012:profile/A"
	client, service, _, credential := served(t, amazonqtest.IdentityOptions{
		ProfileARN: arn, Email: "me@example.com", Plan: "KIRO PRO", Limit: 250.5, Models: []string{"claude-sonnet-4", "claude-haiku-4.5"},
	})
	quota, err := client.Quota(t.Context(), credential)
	if err != nil || quota.Email != "me@example.com" || quota.Plan != "KIRO PRO" || *quota.Used != 0 || *quota.Limit != 250.5 || quota.Unit != "agentic request" ||
		!quota.ResetsAt.After(time.Now()) || quota.At.IsZero() || quota.Overage {
		t.Errorf("%+v, %v", quota, err)
	}
	models, err := client.Models(t.Context(), credential)
	if err != nil || len(models) != 2 || models[1] != (account.Model{
		ID: "claude-haiku-4.5", Name: "claude-haiku-4.5", InputTokens: 200_000, OutputTokens: 64_000, Rate: 1, RateUnit: "credit", Images: true,
	}) {
		t.Errorf("%+v, %v", models, err)
	}
	for _, call := range service.Received("") {
		if call.Refusal != "" {
			t.Errorf("%s was refused: %s", call.Path, call.Refusal)
		}
		query := mustQuery(t, call.Path)
		if query.Get("origin") != "CLI" || query.Get("profileArn") != arn || call.Header.Get("Tokentype") != "" {
			t.Errorf("the arguments are not in the query string too: %s", call.Path)
		}
	}
}

func mustQuery(t *testing.T, path string) url.Values {
	t.Helper()
	parsed, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query()
}

func TestAKiroAPIKeySaysThatItIsOne(t *testing.T) {
	client, service, _, credential := served(t, amazonqtest.IdentityOptions{APIKey: true})
	credential.Service, credential.Method = account.Kiro, account.APIKey
	if _, err := client.Quota(t.Context(), credential); err != nil {
		t.Error(err)
	}
	if _, err := describeEvents(client.Send(t.Context(), credential, question())); err != nil {
		t.Error(err)
	}
	credential.Origin = "KIRO_CLI"
	if _, err := describeEvents(client.Send(t.Context(), credential, question())); err != nil {
		t.Error(err)
	}
	sent := service.Received(amazonqtest.Generate)
	for i, origin := range []string{"AI_EDITOR", "KIRO_CLI"} {
		if got := sent[i].Request.Current().Origin; got != origin {
			t.Errorf("the origin is %q, want %q", got, origin)
		}
	}
	credential.Method = account.Social
	if _, err := client.Quota(t.Context(), credential); fault.Of(err).Kind != fault.Credential {
		t.Errorf("a key that does not say so: %v", err)
	}
}

func TestEveryServiceHasItsHost(t *testing.T) {
	for service, want := range map[account.Service]string{
		account.AmazonQ: "https://q.eu-central-1.amazonaws.com/?", account.Kiro: "https://runtime.eu-central-1.kiro.dev/?",
	} {
		for _, endpoint := range []string{"", "https://q.us-east-1.amazonaws.com/"} {
			transport := &caught{}
			credential := credential()
			credential.Service, credential.Region = service, "eu-central-1"
			_, _ = newClient(t, amazonq.Config{HTTP: &http.Client{Transport: transport}, Endpoint: endpoint}).Quota(t.Context(), credential)
			if !strings.HasPrefix(transport.url, want) {
				t.Errorf("%s was asked at %s", service, transport.url)
			}
		}
	}
	transport := &caught{}
	credential := credential()
	credential.Service = account.Kiro
	_, _ = newClient(t, amazonq.Config{HTTP: &http.Client{Transport: transport}, Endpoint: "https://q.us-east-1.amazonaws.com/"}).Quota(t.Context(), credential)
	if !strings.HasPrefix(transport.url, "https://runtime.us-east-1.kiro.dev/") {
		t.Errorf("an endpoint of Amazon Q got a token of Kiro: %s", transport.url)
	}
}

func TestProfilesComeFromBothRegionsAndOneMayFail(t *testing.T) {
	var offered []amazonqtest.Profile
	for i := range 23 { // more than two pages
		offered = append(offered, amazonqtest.Profile{ARN: fmt.Sprintf("arn:aws:codewhisperer:us-east-1:1:profile/P%d", i), Name: fmt.Sprint("profile ", i)})
	}
	client, service, identity, credential := served(t, amazonqtest.IdentityOptions{Profiles: offered})
	profiles, err := client.Profiles(t.Context(), credential)
	if err != nil || len(profiles) != 23 || profiles[22] != (account.Profile{ARN: offered[22].ARN, Name: "profile 22"}) {
		t.Errorf("%d profiles, %v", len(profiles), err)
	}
	if calls := len(service.Received(amazonqtest.ListAvailableProfiles)); calls != 6 {
		t.Errorf("%d calls, want three pages in each of two regions", calls)
	}
	identity.QueueControl(amazonqtest.ListAvailableProfiles, amazonqtest.ServerError)
	if profiles, err := client.Profiles(t.Context(), credential); err != nil || len(profiles) != 23 {
		t.Errorf("with one region failing: %d profiles, %v", len(profiles), err)
	}
	identity.QueueControl(amazonqtest.ListAvailableProfiles, amazonqtest.ServerError, amazonqtest.ServerError)
	if _, err := client.Profiles(t.Context(), credential); fault.Of(err) == nil || fault.Of(err).Kind != fault.Unavailable {
		t.Errorf("with both failing: %v", err)
	}
}

func TestNoProfilesInOneRegionAndAFailureInTheOtherIsAFailure(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1)%2 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(`{"profiles":[]}`))
	}))
	t.Cleanup(server.Close)
	client := newClient(t, amazonq.Config{Endpoint: server.URL})
	t.Cleanup(client.CloseIdle)
	if profiles, err := client.Profiles(t.Context(), credential()); fault.Of(err) == nil || fault.Of(err).Kind != fault.Unavailable {
		t.Errorf("%v, %v", profiles, err)
	}
}

func TestABuilderIDHasNoProfilesAndThatIsNoFault(t *testing.T) {
	client, _, _, credential := served(t, amazonqtest.IdentityOptions{})
	if profiles, err := client.Profiles(t.Context(), credential); err != nil || len(profiles) != 0 {
		t.Errorf("%v, %v", profiles, err)
	}
}

func TestARefusedQuestionIsClassifiedAsARequestIs(t *testing.T) {
	client, _, identity, credential := served(t, amazonqtest.IdentityOptions{})
	for kind, refusal := range map[fault.Kind]amazonqtest.Refusal{
		fault.Suspended: amazonqtest.Suspended, fault.Throttled: amazonqtest.Throttled, fault.Unavailable: amazonqtest.ServiceDown,
		fault.Credential: amazonqtest.TokenExpired, fault.Refused: amazonqtest.NotAuthorized, fault.Invalid: amazonqtest.Malformed,
	} {
		identity.QueueControl(amazonqtest.GetUsageLimits, refusal)
		if _, err := client.Quota(t.Context(), credential); fault.Of(err).Kind != kind {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// answering serves one body to every question.
func answering(t *testing.T, body string) *amazonq.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	t.Cleanup(server.Close)
	client := newClient(t, amazonq.Config{Endpoint: server.URL})
	t.Cleanup(client.CloseIdle)
	return client
}

func TestHowAQuotaIsRead(t *testing.T) {
	for name, story := range map[string]struct{ body, want string }{
		"nothing at all":   {`{}`, `plan "" unit "" used ? limit ? left ? overage false`},
		"nulls everywhere": {`{"limits":null,"usageBreakdownList":null,"usageBreakdown":null,"subscriptionInfo":null,"userInfo":null,"nextDateReset":null}`, `plan "" unit "" used ? limit ? left ? overage false`},
		"the old list": {`{"limits":[{"type":"CODE_COMPLETIONS","currentUsage":1,"totalUsageLimit":2},{"type":"AGENTIC_REQUEST","currentUsage":3,"totalUsageLimit":50}],"nextDateReset":1.7567e9}`,
			`plan "" unit "" used 3 limit 50 left 47 overage false resets 2025-09-01T04:13:20Z`},
		"credits before requests": {`{"usageBreakdownList":[{"resourceType":"AGENTIC_REQUEST","currentUsage":1,"usageLimit":2},{"resourceType":"CREDIT","unit":"CREDIT","currentUsage":7,"currentUsageWithPrecision":7.25,"usageLimit":50,"usageLimitWithPrecision":50.5,"nextDateReset":1767225600.5}],"nextDateReset":1}`,
			`plan "" unit "credit" used 7.25 limit 50.5 left 43.25 overage false resets 2026-01-01T00:00:00Z`},
		"what else is active counts": {`{"usageBreakdown":{"currentUsage":50,"usageLimit":50,"displayName":"Agentic Request","freeTrialInfo":{"freeTrialStatus":"ACTIVE","currentUsage":100,"usageLimit":500},"bonuses":[{"status":"ACTIVE","currentUsage":0,"usageLimit":10},{"status":"EXPIRED","currentUsage":0,"usageLimit":1000}]},"overageConfiguration":{"overageStatus":"ENABLED"},"subscriptionInfo":{"type":"Q_DEVELOPER_STANDALONE_PRO"}}`,
			`plan "Q_DEVELOPER_STANDALONE_PRO" unit "agentic request" used 150 limit 560 left 410 overage true`},
		"an ended trial does not count": {`{"usageBreakdown":{"currentUsage":5,"usageLimit":50,"freeTrialInfo":{"freeTrialStatus":"EXPIRED","currentUsage":100,"usageLimit":500}},"subscriptionInfo":{"subscriptionTitle":"KIRO FREE","type":"x"}}`,
			`plan "KIRO FREE" unit "" used 5 limit 50 left 45 overage false`},
		"odd members spoil nothing": {`{"usageBreakdownList":[17,{"currentUsage":"many","usageLimit":50,"unit":[],"bonuses":{"a":1}}],"subscriptionInfo":"FREE","userInfo":{"email":5},"nextDateReset":"soon"}`,
			`plan "" unit "" used ? limit 50 left ? overage false`},
		"a use beyond the limit leaves nothing": {`{"usageBreakdown":{"currentUsage":60,"usageLimit":50}}`, `plan "" unit "" used 60 limit 50 left 0 overage false`},
		"a negative number is unknown":          {`{"usageBreakdown":{"currentUsage":-1,"usageLimit":50}}`, `plan "" unit "" used ? limit 50 left ? overage false`},
	} {
		quota, err := answering(t, story.body).Quota(t.Context(), credential())
		if got := describeQuota(quota); err != nil || got != story.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", name, got, err, story.want)
		}
	}
}

func describeQuota(q account.Quota) string {
	number := func(n *float64) string {
		if n == nil {
			return "?"
		}
		return fmt.Sprint(*n)
	}
	left := "?"
	if n, known := q.Left(); known {
		left = fmt.Sprint(n)
	}
	text := fmt.Sprintf("plan %q unit %q used %s limit %s left %s overage %t", q.Plan, q.Unit, number(q.Used), number(q.Limit), left, q.Overage)
	if !q.ResetsAt.IsZero() {
		text += " resets " + q.ResetsAt.Truncate(time.Second).Format(time.RFC3339)
	}
	return text
}

func TestAnAnswerThatCannotBeReadIsNoQuota(t *testing.T) {
	for _, body := range []string{"", "[]", "<html>", `{"limits":`, `"text"`, strings.Repeat(" ", 2<<20) + "{}"} {
		if _, err := answering(t, body).Quota(t.Context(), credential()); fault.Of(err) == nil || fault.Of(err).Kind != fault.Unavailable {
			t.Errorf("%.20q: %v", body, err)
		}
	}
}

func TestPagesThatGoInCirclesEnd(t *testing.T) {
	models, err := answering(t, `{"models":[{"modelId":"a"},{"modelId":""},{}],"nextToken":"again"}`).Models(t.Context(), credential())
	if err != nil || !reflect.DeepEqual(models, []account.Model{{ID: "a", Name: "a"}}) {
		t.Errorf("%+v, %v", models, err)
	}
}

func TestTheContextWindowIsWhatTheServiceTold(t *testing.T) {
	var stage string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "ListAvailableModels") {
			_, _ = w.Write([]byte(`{"models":[{"modelId":"claude-sonnet-4.5","tokenLimits":{"maxInputTokens":1000000}}]}`))
			return
		}
		w.Header().Set("Content-Type", streamType)
		body := appendEvent(nil, "assistantResponseEvent", `{"content":"Hi"}`)
		body = appendEvent(body, "contextUsageEvent", `{"contextUsagePercentage":10}`)
		body = appendEvent(body, "meteringEvent", `{"usage":0.25,"unit":"credit"}`)
		_, _ = w.Write(appendEvent(body, "meteringEvent", `{"usage":`+stage+`,"unit":"credit"}`))
	}))
	t.Cleanup(server.Close)
	client := newClient(t, amazonq.Config{Endpoint: server.URL})
	t.Cleanup(client.CloseIdle)
	spent := func() chat.Usage {
		var usage chat.Usage
		for event, err := range client.Send(t.Context(), credential(), question()) {
			if err != nil {
				t.Fatal(err)
			}
			if event.Kind == chat.Spent {
				usage = event.Usage
			}
		}
		return usage
	}
	stage = "0.5"
	if before := spent(); before.Total() != 20_000 || before.Credits != 0.75 {
		t.Errorf("before the service told: %+v", before)
	}
	if _, err := client.Models(t.Context(), credential()); err != nil {
		t.Fatal(err)
	}
	stage = "-3"
	if after := spent(); after.Total() != 100_000 || after.Credits != 0.25 {
		t.Errorf("afterwards: %+v", after)
	}
}

func FuzzAnswersAboutAnAccount(f *testing.F) {
	f.Add(`{"usageBreakdownList":[{"resourceType":"CREDIT","currentUsage":1e400}],"nextDateReset":1.7567e99}`)
	f.Add(`{"models":[{"modelId":"a","tokenLimits":{"maxInputTokens":-1}}],"nextToken":"x"}`)
	f.Add(`{"profiles":[{"arn":"arn"}],"nextToken":{}}`)
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	f.Cleanup(server.Close)
	client, err := amazonq.New(amazonq.Config{Endpoint: server.URL})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(client.CloseIdle)
	f.Fuzz(func(t *testing.T, text string) {
		body = text
		quota, err := client.Quota(t.Context(), credential())
		if left, known := quota.Left(); err == nil && known && !(left >= 0) {
			t.Errorf("%g are left", left)
		}
		models, _ := client.Models(t.Context(), credential())
		for _, model := range models {
			if model.ID == "" || model.InputTokens < 0 {
				t.Errorf("a model %+v", model)
			}
		}
		_, _ = client.Profiles(t.Context(), credential())
	})
}
