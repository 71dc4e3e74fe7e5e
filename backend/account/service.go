package account

import "time"

// Service names the upstream service an account belongs to. What follows from it is in the upstream client.
type Service string

// The services. They speak one protocol from different hosts, and have quotas of their own.
const (
	AmazonQ Service = "amazonq"
	Kiro    Service = "kiro" // the successor
)

// Method is how somebody signed in to an account. It says how its access tokens are come by.
type Method string

// The methods.
const (
	BuilderID      Method = "builder_id"      // an AWS Builder ID
	IdentityCenter Method = "identity_center" // a company's IAM Identity Center
	Social         Method = "social"          // Kiro only: Google or GitHub
	APIKey         Method = "api_key"         // Kiro only: a key that is the access token, and is never renewed
)

// BuilderIDStartURL is where every Builder ID signs in; it lives in DefaultRegion. Source: the official CLI.
const BuilderIDStartURL = "https://view.awsapps.com/start"

// HasClient reports whether renewals name a registered client, which has an id and a secret.
func (m Method) HasClient() bool { return m == BuilderID || m == IdentityCenter }

// Renews reports whether access tokens come from a refresh token.
func (m Method) Renews() bool { return m != APIKey }

// methodOf is the method an account must have whose owner did not say: only a company's has a profile or a start URL of its own.
func methodOf(profileARN, startURL string) Method {
	if profileARN != "" || startURL != "" && startURL != BuilderIDStartURL {
		return IdentityCenter
	}
	return BuilderID
}

// fits reports whether a service has a method.
func (s Service) fits(m Method) bool {
	switch s {
	case AmazonQ:
		return m.HasClient()
	case Kiro:
		return m.HasClient() || m == Social || m == APIKey
	default:
		return false
	}
}

// Successor is the service that a service's users are sent to when it ends, and when that is; false if it does not end. Source: the
// provider's announcement.
func (s Service) Successor() (next Service, ends time.Time, known bool) {
	if s == AmazonQ {
		return Kiro, time.Date(2027, time.April, 30, 0, 0, 0, 0, time.UTC), true
	}
	return "", time.Time{}, false
}
