package amazonqtest

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
)

// oidcClient is a registered client of the token service.
type oidcClient struct {
	id, secret string
	scopes     []string
	expires    time.Time
}

// registration is how long a client lives. Source: the public documentation.
const registration = 90 * 24 * time.Hour

// scopes are what a client may ask for. Source: the official CLI and its successor.
var scopes = []string{
	"codewhisperer:completions", "codewhisperer:analysis", "codewhisperer:conversations", "codewhisperer:taskassist",
	"codewhisperer:transformations",
}

func (s *Service) addClient(scopes []string) *oidcClient {
	client := &oidcClient{
		id: letters(s.random, 22) + "dXMtZWFzdC0x", secret: "eyJraWQiOiJr" + letters(s.random, 200), scopes: scopes,
		expires: s.options.Now().Add(registration),
	}
	s.clients[client.id] = client
	return client
}

// client finds a client that is registered, not expired, and knows its secret.
func (s *Service) client(id, secret string) (*oidcClient, *oauthFailure) {
	client := s.clients[id]
	if client == nil || client.secret != secret || !client.expires.After(s.options.Now()) {
		return nil, &oauthFailure{"invalid_client", "Invalid client provided", "the client is unknown, expired, or its secret is wrong"}
	}
	return client, nil
}

// maxForm caps the bodies of the token service.
const maxForm = 64 << 10

// oidc makes a handler of the token service: JSON in, strictly, and JSON or an error of the table out.
func oidc[Q any](s *Service, operation string, handle func(*exchange, Q)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x := s.begin(w, r, operation)
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
		if err != nil {
			x.fail(&oauthFailure{"invalid_request", "", err.Error()})
			return
		}
		x.note(func(call *Received) { call.Size = len(body) })
		var query Q
		if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
			x.fail(&oauthFailure{"invalid_request", "", "content-type is not application/json"})
			return
		}
		if err := json.UnmarshalRead(bytes.NewReader(body), &query, json.RejectUnknownMembers(true)); err != nil {
			x.fail(&oauthFailure{"invalid_request", "", err.Error()})
			return
		}
		handle(x, query)
	}
}

// succeed answers with 200 and JSON.
func (x *exchange) succeed(answer any) {
	x.reply(http.StatusOK, "application/json", mustMarshal(answer))
}

type registerQuery struct {
	ClientName   string   `json:"clientName"`
	ClientType   string   `json:"clientType"`
	Scopes       []string `json:"scopes"`
	GrantTypes   []string `json:"grantTypes"`
	RedirectURIs []string `json:"redirectUris"`
	IssuerURL    string   `json:"issuerUrl"`
}

type registerAnswer struct {
	ClientID              string `json:"clientId"`
	ClientSecret          string `json:"clientSecret"`
	ClientIDIssuedAt      int64  `json:"clientIdIssuedAt"`
	ClientSecretExpiresAt int64  `json:"clientSecretExpiresAt"`
	AuthorizationEndpoint string `json:"authorizationEndpoint"`
	TokenEndpoint         string `json:"tokenEndpoint"`
}

func (s *Service) registerClient(x *exchange, q registerQuery) {
	switch {
	case q.ClientName == "" || q.ClientType == "":
		x.fail(&oauthFailure{"invalid_request", "", "clientName or clientType is missing"})
		return
	case q.ClientType != "public":
		x.fail(&oauthFailure{"invalid_client_metadata", "", "clientType is not public"})
		return
	}
	for _, scope := range q.Scopes {
		if !slices.Contains(scopes, scope) {
			x.fail(&oauthFailure{"invalid_scope", "", "scope " + scope})
			return
		}
	}
	s.mu.Lock()
	client := s.addClient(q.Scopes)
	s.mu.Unlock()
	x.succeed(registerAnswer{
		ClientID: client.id, ClientSecret: client.secret, ClientIDIssuedAt: s.options.Now().Unix(),
		ClientSecretExpiresAt: client.expires.Unix(), AuthorizationEndpoint: x.base() + "/authorize", TokenEndpoint: x.base() + "/token",
	})
}

// base is the Service's own address, as the client reached it.
func (x *exchange) base() string { return "http://" + x.r.Host }
