package gateway

import (
	"net/http"
	"strings"

	"amq2api/backend/fault"
)

// route is one line of the table.
type route struct {
	method  string
	serve   func(*exchange) error
	dialect *Dialect // nil where the client's headers decide
	spends  bool     // a generation: it is recorded
	quiet   bool     // leaves no line in the log
}

// table is every route by its path in canonical form.
func (g *Gateway) table() map[string]route {
	return map[string]route{
		"/":                      {method: http.MethodGet, serve: (*exchange).greet, quiet: true},
		"/health":                {method: http.MethodGet, serve: (*exchange).health, quiet: true},
		"/messages":              {method: http.MethodPost, serve: (*exchange).generate, dialect: &g.config.Anthropic, spends: true},
		"/messages/count_tokens": {method: http.MethodPost, serve: (*exchange).countTokens, dialect: &g.config.Anthropic},
		"/chat/completions":      {method: http.MethodPost, serve: (*exchange).generate, dialect: &g.config.OpenAI, spends: true},
		"/responses":             {method: http.MethodPost, serve: (*exchange).generate, dialect: &g.config.Responses, spends: true},
		"/models":                {method: http.MethodGet, serve: (*exchange).listModels},
	}
}

// modelPath is where single models are. Their ids may contain slashes.
const modelPath = "/models/"

// match finds a request's route. Whatever has none gets one that says so.
func (g *Gateway) match(r *http.Request) route {
	path := canonical(r.URL.Path)
	found, known := g.routes[path]
	switch {
	case known:
	case strings.HasPrefix(path, responsePath) && !strings.Contains(path[len(responsePath):], "/"):
		found = g.storedRoute(r.Method)
	case strings.HasPrefix(path, modelPath):
		found = route{method: http.MethodGet, serve: (*exchange).getModel}
	default:
		found = route{method: r.Method, serve: (*exchange).unknown}
	}
	if r.Method == http.MethodPost && (path == "/" || path == responsePath+"compact" || path == responsePath+"input_tokens") {
		found = route{method: r.Method, serve: (*exchange).unknown} // a base URL without its path, and routes of OpenAI's that are none of ours
	}
	if found.dialect == nil {
		found.dialect = g.guess(path, r.Header)
	}
	if r.Method != found.method && !(r.Method == http.MethodHead && found.method == http.MethodGet) {
		return route{method: found.method, serve: (*exchange).wrongMethod, dialect: found.dialect}
	}
	return found
}

// canonical forgives the ways base URLs are got wrong: /v1 twice or not at all, doubled slashes, a slash at the end.
func canonical(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	for strings.HasPrefix(path, "/v1/") {
		path = strings.TrimPrefix(path, "/v1")
	}
	if path == "/v1" {
		return "/"
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

// guess says which dialect a client expects an answer in. Anthropic's clients send their API's version with every request.
func (g *Gateway) guess(path string, header http.Header) *Dialect {
	if header.Get("Anthropic-Version") != "" || strings.HasPrefix(path, "/messages") {
		return &g.config.Anthropic
	}
	return &g.config.OpenAI
}

// missing names the APIs that clients know from elsewhere, by the first part of their paths.
func missing(path string) (name string, known bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "messages":
		return "message batches", strings.HasPrefix(rest, "batches")
	case "completions", "complete":
		return "the old text completions", true
	case "embeddings", "images", "audio", "moderations", "files", "uploads", "batches", "assistants", "threads", "vector_stores", "fine_tuning", "realtime":
		return strings.ReplaceAll(first, "_", " "), true
	default:
		return "", false
	}
}

func (x *exchange) unknown() error {
	const offered = "It answers POST /v1/messages, POST /v1/messages/count_tokens, POST /v1/chat/completions, POST /v1/responses, GET or DELETE /v1/responses/{id} and GET /v1/models."
	if name, known := missing(canonical(x.r.URL.Path)); known {
		return fault.New(fault.NotFound, "AMQ2API does not have %s. %s", name, offered)
	}
	return fault.New(fault.NotFound, "AMQ2API has no route %s %s. %s", x.r.Method, clip(x.r.URL.Path), offered)
}

func (x *exchange) wrongMethod() error {
	allow := x.route.method
	if allow == http.MethodGet {
		allow = "GET, HEAD"
	}
	if strings.HasPrefix(canonical(x.r.URL.Path), responsePath) {
		allow += ", DELETE"
	}
	x.w.Header().Set("Allow", allow)
	return &refusal{http.StatusMethodNotAllowed, fault.New(fault.Invalid, "%s does not take %s. Use %s.", clip(x.r.URL.Path), x.r.Method, x.route.method)}
}
