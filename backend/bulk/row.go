package bulk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// row judges the entry. Nothing of it is in a row with a problem but its name.
func (e *entry) row(number int) Row {
	draft := e.draft(number)
	row := Row{Number: number, Name: oneLine(draft.Name)}
	err := e.broken
	if err == nil {
		err = draft.Check()
	}
	if err != nil {
		row.Problem = fault.Of(err)
		return row
	}
	row.Draft = draft
	return row
}

// draft is what the entry asks for. What cannot be understood is in e.broken.
func (e *entry) draft(number int) account.Draft {
	method, token := e.kind()
	draft := account.Draft{
		Name: e.name(number), Service: e.service(method), Method: method, StartURL: e.text(memberStartURL), ClientID: e.text(memberClientID),
		ClientExpiresAt: e.clientEnds(), ProfileARN: e.text(memberProfileARN), SignInRegion: e.text(memberSignInRegion),
		Origin: e.text(memberOrigin), Email: e.text(memberEmail), Notes: e.text(memberNotes), Active: e.truth(memberActive), Source: account.SourceImport,
		Secrets: account.Secrets{RefreshToken: secret.New(token), ClientSecret: secret.New(e.text(memberClientSecret))},
	}
	draft.Pace = account.EnvelopeEdit{
		RequestsPerMinute: e.whole(memberPerMinute), MaxConcurrent: e.whole(memberConcurrent), SpacingMS: e.whole(memberSpacing),
		DailyCredits: e.float(memberDaily), ReserveCredits: e.float(memberReserve), Priority: e.whole(memberPriority),
		Weight: e.whole(memberWeight),
	}
	return draft
}

// kind is the method and the text that is the refresh token. An API key may stand under a name of its own.
func (e *entry) kind() (account.Method, string) {
	method, token, key := e.method(), e.text(memberRefreshToken), e.text(memberAPIKey)
	switch {
	case method == anyClient:
		return "", token
	case key == "" || method != "" && method != account.APIKey:
		return method, token
	case token != "" && token != key && e.broken == nil:
		e.broken = invalid("method", "There are both a refresh token and an API key. Say with method which of them is meant.").Saying(fault.Said{Code: fault.RowTwoTokens})
	}
	return account.APIKey, key
}

// service is the service named, else the one whose files name things so: Kiro's. Source: Kiro's token file.
func (e *entry) service(method account.Method) account.Service {
	named := e.text(memberService)
	switch squash(named) {
	case "amazonq", "amazonqdeveloper":
		return account.AmazonQ
	case "kiro":
		return account.Kiro
	case "":
	default:
		return account.Service(named)
	}
	_, fromProvider := methodOfProvider(e.text(memberProvider))
	if method == account.Social || method == account.APIKey || e.has(memberAuthMethod) || fromProvider {
		return account.Kiro
	}
	return ""
}

// method is what the three members that tell it agree on; empty if there is none of them.
func (e *entry) method() account.Method {
	provided, byProvider := methodOfProvider(e.text(memberProvider))
	named := account.Method("")
	for _, m := range []member{memberAuthMethod, memberMethod} {
		if word := e.text(m); word != "" {
			named = methodNamed(word)
		}
	}
	switch {
	case byProvider && (named == "" || named == provided || named == anyClient && provided.HasClient()):
		return provided
	case byProvider && e.broken == nil:
		e.broken = invalid("method", "method and provider contradict each other. Correct one of them.").Saying(fault.Said{Code: fault.RowContradicts})
	}
	return named
}

// anyClient stands for a sign-in of either kind that has a client, which Kiro calls IdC. The draft's other fields tell which.
const anyClient account.Method = "idc"

// methodNamed knows the words for methods. Another word is handed on for the draft's check to refuse.
func methodNamed(word string) account.Method {
	switch squash(word) {
	case "builderid", "awsbuilderid":
		return account.BuilderID
	case "identitycenter", "iamidentitycenter", "enterprise":
		return account.IdentityCenter
	case "idc", "sso", "awssso", "ssooidc", "awsssooidc":
		return anyClient
	case "social", "google", "github":
		return account.Social
	case "apikey", "kiroapikey":
		return account.APIKey
	}
	return account.Method(word)
}

// methodOfProvider is the method that a provider has. Programs name many things so; those that are none of ours tell nothing.
func methodOfProvider(word string) (account.Method, bool) {
	switch squash(word) {
	case "builderid", "awsbuilderid":
		return account.BuilderID, true
	case "enterprise":
		return account.IdentityCenter, true
	case "google", "github":
		return account.Social, true
	}
	return "", false
}

// oneLine cuts a name to what a list can show, for names that are refused.
func oneLine(name string) string {
	const longest = 100 // characters
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, name)
	if utf8.RuneCountInString(name) > longest {
		return string([]rune(name)[:longest])
	}
	return name
}
