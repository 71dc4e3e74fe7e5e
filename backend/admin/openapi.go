package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"

	"amq2api/backend/settings"
)

// operation is what the description of the API says about a route besides what the table knows.
type operation struct {
	summary string
	query   any // a struct with query tags; nil is none
	body    any // what the route reads; nil is nothing
	status  int // of success
	answer  any // what it answers; nil is nothing
}

// Parameters in queries.
type (
	nextQuery struct {
		Model   string `query:"model" description:"A model as clients name it; the default model if left out"`
		Session string `query:"session" description:"A client's session"`
	}
	endQuery struct {
		All bool `query:"all" description:"End every session, not only this one"`
	}
)

// operations describe every route of the table that speaks JSON; a test compares the two.
func operations() map[string]operation {
	return map[string]operation{
		"GET /admin/session":           {"Who the caller is", nil, nil, 200, Session{}},
		"POST /admin/session":          {"Sign a browser in", nil, SignIn{}, 200, Session{}},
		"DELETE /admin/session":        {"Sign out", endQuery{}, nil, 204, nil},
		"POST /admin/session/handover": {"A code that signs one browser in, once", nil, nil, 201, HandoverCode{}},

		"GET /admin/accounts":                        {"The accounts", nil, nil, 200, []Account{}},
		"POST /admin/accounts":                       {"Add an account by its tokens", nil, AccountCreate{}, 201, Account{}},
		"GET /admin/accounts/{id}":                   {"One account", nil, nil, 200, Account{}},
		"PUT /admin/accounts/{id}":                   {"Change what is named of an account", nil, AccountUpdate{}, 200, Account{}},
		"DELETE /admin/accounts/{id}":                {"Remove an account and its secrets", nil, nil, 204, nil},
		"POST /admin/accounts/{id}/check":            {"Renew the token and read the quota now", nil, nil, 200, Account{}},
		"POST /admin/accounts/{id}/clear":            {"End a cool-down", nil, nil, 200, Account{}},
		"GET /admin/accounts/next":                   {"Who would serve a request, and why each other would not", nextQuery{}, nil, 200, Next{}},
		"POST /admin/accounts/resume":                {"End a pause of the pool", nil, nil, 200, Next{}},
		"GET /admin/accounts/login":                  {"The browser sign-ins under way", nil, nil, 200, []Login{}},
		"POST /admin/accounts/login":                 {"Start a browser sign-in", nil, LoginStart{}, 201, Login{}},
		"GET /admin/accounts/login/{login}":          {"Follow a sign-in", nil, nil, 200, Login{}},
		"DELETE /admin/accounts/login/{login}":       {"Cancel a sign-in", nil, nil, 200, Login{}},
		"POST /admin/accounts/login/{login}/profile": {"Choose one of several company profiles", nil, LoginUpdate{}, 200, Login{}},
		"GET /admin/accounts/import":                 {"What other tools are signed in to", nil, nil, 200, []Find{}},
		"POST /admin/accounts/import":                {"Take some of it", nil, ImportStart{}, 200, []BulkRow{}},
		"POST /admin/accounts/bulk":                  {"Many accounts from text", nil, BulkStart{}, 200, []BulkRow{}},
		"POST /admin/accounts/export":                {"Accounts sealed for another machine", nil, ExportStart{}, 200, Export{}},

		"GET /admin/api-keys":              {"The client keys", nil, nil, 200, []Key{}},
		"POST /admin/api-keys":             {"Create a key; this answer alone has its text", nil, KeyCreate{}, 201, NewKey{}},
		"GET /admin/api-keys/{id}":         {"One key", nil, nil, 200, Key{}},
		"PUT /admin/api-keys/{id}":         {"Change what is named of a key", nil, KeyUpdate{}, 200, Key{}},
		"DELETE /admin/api-keys/{id}":      {"Delete a key", nil, nil, 204, nil},
		"POST /admin/api-keys/{id}/rotate": {"Give a key a new text; this answer alone has it", nil, RotationStart{}, 200, NewKey{}},
		"POST /admin/api-keys/{id}/revoke": {"End a key, and the answers running with it", nil, nil, 200, Key{}},

		"GET /admin/stats/accounts":       {"Numbers about the accounts, and what each served", windowQuery{}, nil, 200, AccountStats{}},
		"GET /admin/stats/api-keys":       {"Numbers about the keys, and what each was used for", windowQuery{}, nil, 200, KeyStats{}},
		"GET /admin/stats/overview":       {"Numbers for a dashboard", nil, nil, 200, Overview{}},
		"GET /admin/stats/usage":          {"What was used, by time or by what requests have in common; also as CSV", usageQuery{}, nil, 200, UsageStats{}},
		"GET /admin/requests/{id}":        {"One request and its attempts", nil, nil, 200, RequestDetail{}},
		"GET /admin/requests":             {"Requests, the latest first, without their texts; also as CSV", requestsQuery{}, nil, 200, []Request{}},
		"GET /admin/requests/{id}/doctor": {"Why a request may have failed", nil, nil, 200, RequestDoctor{}},
		"GET /admin/captures":             {"Conversations kept with every byte", nil, nil, 200, []Capture{}},
		"POST /admin/captures":            {"Keep the next conversation", nil, CaptureStart{}, 201, Capture{}},
		"POST /admin/captures/stop":       {"End the capture", nil, nil, 200, []Capture{}},
		"DELETE /admin/captures/{name}":   {"Throw a capture away", nil, nil, 204, nil},
		"GET /admin/events":               {"Server-sent events: what changed", nil, nil, 200, Change{}},

		"GET /admin/backups":                   {"The backups", nil, nil, 200, Backups{}},
		"POST /admin/backups":                  {"Make a backup now", nil, nil, 201, Backup{}},
		"DELETE /admin/backups/{name}":         {"Delete a backup", nil, nil, 204, nil},
		"POST /admin/backups/{name}/restore":   {"Restore a backup at the next start", nil, nil, 202, Restore{}},
		"DELETE /admin/backups/{name}/restore": {"Take that back", nil, nil, 204, nil},
		"DELETE /admin/state/damage":           {"Leave the safe mode with the database as it is", nil, nil, 204, nil},

		"GET /admin/state":                   {"The program's state", nil, nil, 200, State{}},
		"GET /admin/selftest":                {"Is everything as it should be", nil, nil, 200, []Check{}},
		"GET /admin/settings":                {"The settings", nil, nil, 200, settings.Settings{}},
		"PUT /admin/settings":                {"Change what is named of the settings", nil, settings.Settings{}, 200, settings.Settings{}},
		"GET /admin/upstream-proxy":          {"The proxy on the way to Amazon", nil, nil, 200, UpstreamProxy{}},
		"PUT /admin/upstream-proxy/password": {"Keep its password in the vault", nil, ProxyPassword{}, 200, UpstreamProxy{}},
		"POST /admin/upstream-proxy/test":    {"Try a proxy", nil, UpstreamProxyTest{}, 200, ProxyTrial{}},
		"POST /admin/proxy/start":            {"Start the listener; only where there is a window", nil, ProxyStart{}, 200, ProxyState{}},
		"POST /admin/proxy/stop":             {"Stop the listener; only where there is a window", nil, nil, 200, ProxyState{}},
		"POST /admin/window/show":            {"Bring the window to the front", nil, nil, 204, nil},
	}
}

const description = "The admin API of AMQ2API, on the port that clients use. Every route wants the admin token as a bearer token, or a browser's session " +
	"with the header X-AMQ2API: 1; client keys never work here. A PUT changes only what it names. Times are RFC 3339, a limit of 0 means no cap."

// describe makes the OpenAPI description of the routes in the table.
func describe(version string, table []route) ([]byte, error) {
	reflector := openapi31.NewReflector()
	reflector.DefaultOptions = append(reflector.DefaultOptions, jsonschema.InterceptDefName(func(t reflect.Type, _ string) string { return t.Name() }))
	reflector.Spec.Info.WithTitle("AMQ2API").WithVersion(version).WithDescription(description)
	reflector.Spec.SetHTTPBearerTokenSecurity("admin", "", "The admin token")
	known := operations()
	for _, route := range table {
		operation, ok := known[route.pattern]
		if !ok {
			continue
		}
		if err := operation.add(reflector, route); err != nil {
			return nil, fmt.Errorf("describe %s: %w", route.pattern, err)
		}
	}
	return json.MarshalIndent(reflector.Spec, "", "  ")
}

func (o operation) add(reflector *openapi31.Reflector, route route) error {
	method, path, _ := strings.Cut(route.pattern, " ")
	op, err := reflector.NewOperationContext(method, path)
	if err != nil {
		return err
	}
	op.SetSummary(o.summary)
	if route.policy == secured {
		op.AddSecurity("admin")
	}
	for _, part := range []any{pathParameters(path), o.query, o.body} {
		if part != nil {
			op.AddReqStructure(part)
		}
	}
	op.AddRespStructure(o.answer, openapi.WithHTTPStatus(o.status))
	op.AddRespStructure(Failure{}, func(unit *openapi.ContentUnit) { unit.IsDefault = true })
	return reflector.AddOperation(op)
}

// pathParameters are the ids in a path.
func pathParameters(path string) any {
	switch {
	case strings.Contains(path, "{id}"):
		return struct {
			ID string `path:"id"`
		}{}
	case strings.Contains(path, "{login}"):
		return struct {
			Login string `path:"login"`
		}{}
	case strings.Contains(path, "{name}"):
		return struct {
			Name string `path:"name"`
		}{}
	default:
		return nil
	}
}

// errUndescribed is a mistake of ours: the description could not be made.
var errUndescribed = errors.New("the admin API could not be described")

func (d *desk) openAPI(w http.ResponseWriter, r *http.Request) {
	text, err := describe(d.Version, d.table())
	if err != nil {
		d.refuse(w, r, errors.Join(errUndescribed, err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text)
}
