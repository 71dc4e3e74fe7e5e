package backend

import (
	"net/http"
	"net/url"

	"amq2api/backend/access"
	"amq2api/backend/capture"
	"amq2api/backend/gateway"
)

// playgroundName stands in records in place of a client's.
const playgroundName = "Playground"

// playground sends requests of the dashboard the way of the clients' requests.
type playground struct {
	gateway  *gateway.Gateway
	captures *capture.Shelf
}

// clientPaths are where each dialect's clients send their requests.
func clientPaths() map[string]string {
	return map[string]string{"anthropic": "/v1/messages", "openai": "/v1/chat/completions", "responses": "/v1/responses"}
}

// Play answers as the clients' door would. Nothing of what let the person in goes further than here.
func (p playground) Play(w http.ResponseWriter, r *http.Request, dialect string, key access.Key) {
	asked := r.Clone(r.Context())
	asked.URL = &url.URL{Path: clientPaths()[dialect]}
	asked.RequestURI = asked.URL.Path
	for _, name := range []string{"Authorization", "X-Api-Key", "Cookie", "X-Amq2api"} {
		asked.Header.Del(name)
	}
	asked.Header.Set("User-Agent", playgroundName)
	p.captures.Door(p.gateway.As(key)).ServeHTTP(w, asked)
}
