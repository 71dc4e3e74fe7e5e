package admin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// undescribed are the routes that do not speak JSON.
var undescribed = []string{
	"GET /admin/openapi.json", "GET /metrics", "GET /admin/captures/{name}", "GET /admin/backups/{name}", "GET /admin/requests.csv", "GET /admin/stats/usage.csv",
	"GET /admin/dashboard", "GET /admin/dashboard/",
}

func TestEveryRouteIsDescribed(t *testing.T) {
	known, o := operations(), openOffice(t)
	for _, route := range o.listener.desk.table() {
		_, described := known[route.pattern]
		if described == slices.Contains(undescribed, route.pattern) {
			t.Errorf("%s is described: %v", route.pattern, described)
		}
		delete(known, route.pattern)
	}
	for pattern := range known {
		t.Errorf("%s is described, but there is no such route", pattern)
	}
}

// schema is as much of a JSON schema as the test reads.
type schema struct {
	Ref        string             `json:"$ref"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
}

type media struct {
	Content map[string]struct{ Schema schema }
}

type document struct {
	OpenAPI string
	Info    struct{ Title, Version string }
	Paths   map[string]map[string]struct {
		Summary     string
		Parameters  []struct{ Name, In string }
		RequestBody media
		Responses   map[string]media
		Security    []map[string][]string
	}
	Components struct{ Schemas map[string]*schema }
}

func TestTheDescriptionSaysWhatTheRoutesTakeAndAnswer(t *testing.T) {
	o := openOffice(t)
	answer := o.asOwner("GET", "/admin/openapi.json", "")
	var d document
	if err := json.Unmarshal(answer.Body.Bytes(), &d); answer.Code != http.StatusOK || err != nil {
		t.Fatalf("%d, %v", answer.Code, err)
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1") || d.Info.Title != "AMQ2API" || d.Info.Version != "test" {
		t.Errorf("it begins with %+v", d.Info)
	}
	create := d.Paths["/admin/accounts"]["post"]
	body := strings.TrimPrefix(create.RequestBody.Content["application/json"].Schema.Ref, "#/components/schemas/")
	if body != "AccountCreate" || d.Components.Schemas[body] == nil || d.Components.Schemas[body].Properties["refresh_token"] == nil {
		t.Errorf("POST /admin/accounts takes %q", body)
	}
	if ref := create.Responses["201"].Content["application/json"].Schema.Ref; !strings.HasSuffix(ref, "/Account") {
		t.Errorf("it answers %q", ref)
	}
	if ref := create.Responses["default"].Content["application/json"].Schema.Ref; !strings.HasSuffix(ref, "/Failure") || len(create.Security) == 0 {
		t.Errorf("its failures are %q, its security %v", ref, create.Security)
	}
	list := d.Paths["/admin/accounts"]["get"].Responses["200"].Content["application/json"].Schema
	if list.Items == nil || !strings.HasSuffix(list.Items.Ref, "/Account") {
		t.Errorf("GET /admin/accounts answers %+v", list)
	}
	one := d.Paths["/admin/accounts/{id}"]["get"]
	if len(one.Parameters) != 1 || one.Parameters[0].In != "path" || one.Summary == "" {
		t.Errorf("GET /admin/accounts/{id} is %+v", one)
	}
	if len(d.Paths["/admin/session"]["post"].Security) != 0 {
		t.Error("signing in wants a token")
	}
}
