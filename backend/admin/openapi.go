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
		Key     int64  `query:"key" description:"The id of the key it would come with"`
	}
	playQuery struct {
		Key int64 `query:"key" description:"The id of the API key whose scope and limits hold; none if left out"`
	}
	endQuery struct {
		All bool `query:"all" description:"End every session, not only this one"`
	}
)

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
	case strings.Contains(path, "{dialect}"):
		return struct {
			Dialect string `path:"dialect" enum:"anthropic,openai,responses"`
		}{}
	case strings.Contains(path, "{tool}"):
		return struct {
			Tool string `path:"tool"`
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
