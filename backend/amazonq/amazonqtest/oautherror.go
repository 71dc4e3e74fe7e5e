package amazonqtest

import "net/http"

// oauthError is a row of the token service's table of errors.
type oauthError struct {
	exception string
	status    int
}

// oauthErrors has the errors by their OAuth code. Source: the public API model; the codes of the rarer ones are the RFC's.
var oauthErrors = map[string]oauthError{
	"authorization_pending":   {"AuthorizationPendingException", http.StatusBadRequest},
	"slow_down":               {"SlowDownException", http.StatusBadRequest},
	"expired_token":           {"ExpiredTokenException", http.StatusBadRequest},
	"access_denied":           {"AccessDeniedException", http.StatusBadRequest},
	"invalid_grant":           {"InvalidGrantException", http.StatusBadRequest},
	"invalid_client":          {"InvalidClientException", http.StatusUnauthorized},
	"unauthorized_client":     {"UnauthorizedClientException", http.StatusBadRequest},
	"unsupported_grant_type":  {"UnsupportedGrantTypeException", http.StatusBadRequest},
	"invalid_scope":           {"InvalidScopeException", http.StatusBadRequest},
	"invalid_request":         {"InvalidRequestException", http.StatusBadRequest},
	"invalid_client_metadata": {"InvalidClientMetadataException", http.StatusBadRequest},
	"server_error":            {"InternalServerException", http.StatusInternalServerError},
}

// oauthFailure is an error of the token service on its way out. Why is for the test.
type oauthFailure struct {
	code, description, why string
}

// fail answers with an error of the table.
func (x *exchange) fail(f *oauthFailure) {
	row := oauthErrors[f.code]
	x.w.Header().Set("X-Amzn-Errortype", row.exception)
	x.note(func(call *Received) { call.Refusal = f.code + ": " + f.why })
	x.reply(row.status, "application/json", mustMarshal(struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitzero"`
	}{f.code, f.description}))
}
