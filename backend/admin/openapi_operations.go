package admin

import (
	"encoding/json"
	"maps"

	"amq2api/backend/settings"
)

// operations describe every route of the table that speaks JSON; a test compares the two.
func operations() map[string]operation {
	all := map[string]operation{}
	for _, group := range []map[string]operation{
		sessionOperations(), accountOperations(), keyOperations(), recordOperations(), connectOperations(), backupOperations(), programOperations(),
	} {
		maps.Copy(all, group)
	}
	return all
}

func sessionOperations() map[string]operation {
	return map[string]operation{
		"GET /admin/session":           {"Who the caller is", nil, nil, 200, Session{}},
		"POST /admin/session":          {"Sign a browser in", nil, SignIn{}, 200, Session{}},
		"DELETE /admin/session":        {"Sign out", endQuery{}, nil, 204, nil},
		"POST /admin/session/handover": {"A code that signs one browser in, once", nil, nil, 201, HandoverCode{}},
	}
}

func accountOperations() map[string]operation {
	return map[string]operation{
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
	}
}

func keyOperations() map[string]operation {
	return map[string]operation{
		"GET /admin/api-keys":                  {"The client keys", nil, nil, 200, []Key{}},
		"POST /admin/api-keys":                 {"Create a key; this answer alone has its text", nil, KeyCreate{}, 201, NewKey{}},
		"GET /admin/api-keys/{id}":             {"One key", nil, nil, 200, Key{}},
		"PUT /admin/api-keys/{id}":             {"Change what is named of a key", nil, KeyUpdate{}, 200, Key{}},
		"DELETE /admin/api-keys/{id}":          {"Delete a key", nil, nil, 204, nil},
		"POST /admin/api-keys/{id}/rotate":     {"Give a key a new text; this answer alone has it", nil, RotationStart{}, 200, NewKey{}},
		"DELETE /admin/api-keys/{id}/previous": {"End the text that a rotation replaced, before its grace is over", nil, nil, 200, Key{}},
		"POST /admin/api-keys/{id}/revoke":     {"End a key, and the answers running with it", nil, nil, 200, Key{}},
	}
}

func recordOperations() map[string]operation {
	return map[string]operation{
		"GET /admin/stats/accounts":            {"Numbers about the accounts, and what each served", windowQuery{}, nil, 200, AccountStats{}},
		"GET /admin/stats/accounts/{id}/quota": {"What its quota was, a reading an hour, the oldest first", quotaQuery{}, nil, 200, []QuotaReading{}},
		"GET /admin/stats/api-keys":            {"Numbers about the keys, and what each was used for", windowQuery{}, nil, 200, KeyStats{}},
		"GET /admin/stats/overview":            {"Numbers for a dashboard", nil, nil, 200, Overview{}},
		"GET /admin/stats/usage":               {"What was used, by time or by what requests have in common; also as CSV", usageQuery{}, nil, 200, UsageStats{}},
		"GET /admin/requests/{id}":             {"One request and its attempts", nil, nil, 200, RequestDetail{}},
		"GET /admin/requests":                  {"Requests, the latest first, without their texts; also as CSV", requestsQuery{}, nil, 200, []Request{}},
		"GET /admin/requests/{id}/doctor":      {"Why a request may have failed", nil, nil, 200, RequestDoctor{}},
		"GET /admin/captures":                  {"Conversations kept with every byte", nil, nil, 200, []Capture{}},
		"POST /admin/captures":                 {"Keep the next conversation", nil, CaptureStart{}, 201, Capture{}},
		"POST /admin/captures/stop":            {"End the capture", nil, nil, 200, []Capture{}},
		"DELETE /admin/captures/{name}":        {"Throw a capture away", nil, nil, 204, nil},
		"GET /admin/recording":                 {"Whether the bodies of requests are recorded", nil, nil, 200, Recording{}},
		"POST /admin/recording":                {"Record the bodies of requests for some minutes", nil, RecordingStart{}, 201, Recording{}},
		"POST /admin/recording/stop":           {"End that; what was recorded stays for a day", nil, nil, 200, Recording{}},
		"DELETE /admin/recording":              {"End that and delete what was recorded", nil, nil, 200, Recording{}},
		"GET /admin/requests/{id}/bodies":      {"The recorded bodies of a request", nil, nil, 200, RequestBodies{}},
		"GET /admin/events":                    {"Server-sent events: what changed", nil, nil, 200, Change{}},
		"POST /admin/playground/{dialect}":     {"Ask a model; body and answer are those of the dialect", playQuery{}, json.RawMessage{}, 200, json.RawMessage{}},
	}
}

func connectOperations() map[string]operation {
	return map[string]operation{
		"GET /admin/connect":                {"The tools on this computer whose settings Connect can write", nil, nil, 200, []ConnectTool{}},
		"DELETE /admin/connect":             {"Put back what was in the settings of every tool", undoQuery{}, nil, 200, []ConnectTool{}},
		"POST /admin/connect/{tool}/plan":   {"What would be written, as a diff", nil, ConnectPlanStart{}, 200, ConnectPlan{}},
		"POST /admin/connect/{tool}/verify": {"Send a request with what the tool's files say", nil, nil, 200, ConnectTrial{}},
		"POST /admin/connect/{tool}":        {"Write this program's address and a key into a tool's settings", nil, ConnectStart{}, 200, ConnectTool{}},
		"DELETE /admin/connect/{tool}":      {"Put back what was there", undoQuery{}, nil, 200, ConnectTool{}},
	}
}

func backupOperations() map[string]operation {
	return map[string]operation{
		"GET /admin/backups":                   {"The backups", nil, nil, 200, Backups{}},
		"POST /admin/backups":                  {"Make a backup now", nil, nil, 201, Backup{}},
		"DELETE /admin/backups/{name}":         {"Delete a backup", nil, nil, 204, nil},
		"POST /admin/backups/{name}/restore":   {"Restore a backup at the next start", nil, nil, 202, Restore{}},
		"DELETE /admin/backups/{name}/restore": {"Take that back", nil, nil, 204, nil},
		"DELETE /admin/state/damage":           {"Leave the safe mode with the database as it is", nil, nil, 204, nil},
	}
}

func programOperations() map[string]operation {
	return map[string]operation{
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
		"POST /admin/window/demo":            {"Open a demo in a window of its own", nil, nil, 204, nil},
	}
}
