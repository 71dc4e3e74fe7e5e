package bulk

import (
	"strings"
	"unicode"
)

// member is what a column or a JSON member says of an account, whatever the writer calls it.
type member string

// The members of the admin API, by their names there.
const (
	memberName         member = "name"
	memberService      member = "service"
	memberMethod       member = "method"
	memberRefreshToken member = "refresh_token"
	memberClientID     member = "client_id"
	memberClientSecret member = "client_secret"
	memberClientEnds   member = "client_secret_expires_at"
	memberProfileARN   member = "profile_arn"
	memberStartURL     member = "start_url"
	memberSignInRegion member = "sign_in_region"
	memberOrigin       member = "origin"
	memberEmail        member = "email"
	memberNotes        member = "notes"
	memberPerMinute    member = "requests_per_minute"
	memberConcurrent   member = "max_concurrent"
	memberSpacing      member = "spacing_ms"
	memberDaily        member = "daily_credits"
	memberReserve      member = "reserve_credits"
	memberPriority     member = "priority"
	memberWeight       member = "weight"
	memberActive       member = "is_active"
)

// The members that only other programs write. Source: Kiro's token file, the AWS CLI's cache of sign-ins.
const (
	memberAuthMethod  member = "auth_method"
	memberProvider    member = "provider"
	memberAPIKey      member = "api_key"
	memberAccessToken member = "access_token"
	memberExpiresAt   member = "expires_at"
)

// param is the member of the admin API that a problem with m is about.
func (m member) param() string {
	switch m {
	case memberAuthMethod, memberProvider:
		return string(memberMethod)
	case memberAPIKey:
		return string(memberRefreshToken)
	case memberExpiresAt:
		return string(memberClientEnds)
	default:
		return string(m)
	}
}

// aptness says how surely a spelling means its member. Of two spellings in one row the apter one counts.
type aptness uint8

const (
	unknown aptness = iota
	vague
	foreign // another program's word for exactly this
	exact
)

// spelled finds the member that a name means, in any case and with any separators.
func spelled(name string) (member, aptness) {
	plain := squash(name)
	if plain == "" {
		return "", unknown
	}
	for _, s := range [...]struct {
		plain string
		m     member
		apt   aptness
	}{
		{"name", memberName, exact}, {"label", memberName, vague}, {"nickname", memberName, vague}, {"email", memberEmail, exact},
		{"service", memberService, exact}, {"method", memberMethod, exact}, {"authmethod", memberAuthMethod, exact},
		{"provider", memberProvider, exact}, {"idp", memberProvider, foreign}, {"refreshtoken", memberRefreshToken, exact},
		{"kiroapikey", memberAPIKey, exact}, {"apikey", memberAPIKey, foreign}, {"accesstoken", memberAccessToken, exact},
		{"clientid", memberClientID, exact}, {"clientsecret", memberClientSecret, exact}, {"clientsecretexpiresat", memberClientEnds, exact},
		{"clientexpiresat", memberClientEnds, foreign}, {"registrationexpiresat", memberClientEnds, foreign},
		{"expiresat", memberExpiresAt, exact}, {"profilearn", memberProfileARN, exact}, {"origin", memberOrigin, exact},
		{"starturl", memberStartURL, exact}, {"ssostarturl", memberStartURL, foreign}, {"signinregion", memberSignInRegion, exact},
		{"idcregion", memberSignInRegion, foreign}, {"ssoregion", memberSignInRegion, foreign}, {"oidcregion", memberSignInRegion, foreign},
		{"authregion", memberSignInRegion, foreign},
		{"region", memberSignInRegion, vague}, // the API's in files that have a surer name for this one
		{"notes", memberNotes, exact}, {"requestsperminute", memberPerMinute, exact}, {"maxconcurrent", memberConcurrent, exact},
		{"spacingms", memberSpacing, exact}, {"dailycredits", memberDaily, exact}, {"reservecredits", memberReserve, exact},
		{"priority", memberPriority, exact}, {"weight", memberWeight, exact}, {"isactive", memberActive, exact},
		{"active", memberActive, foreign}, {"enabled", memberActive, foreign},
	} {
		if s.plain == plain {
			return s.m, s.apt
		}
	}
	return "", unknown
}

// squash takes a name to the letters and digits in it, in lower case.
func squash(name string) string {
	const longest = 64
	if len(name) > longest {
		return ""
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, name)
}
