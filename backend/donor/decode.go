package donor

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"amq2api/backend/secret"
)

// storedToken is a token in a CLI's database. Source: the official CLI; the last two as observed in Kiro's.
type storedToken struct {
	AccessToken  secret.String `json:"access_token"`
	RefreshToken secret.String `json:"refresh_token"`
	ExpiresAt    moment        `json:"expires_at"`
	Region       string        `json:"region"`
	StartURL     string        `json:"start_url"`
	ProfileARN   string        `json:"profile_arn"`
	Provider     string        `json:"provider"`
}

// storedClient is a registration in a CLI's database. Source: the official CLI.
type storedClient struct {
	ID        string        `json:"client_id"`
	Secret    secret.String `json:"client_secret"`
	ExpiresAt moment        `json:"client_secret_expires_at"`
	Region    string        `json:"region"`
}

// storedProfile is the chosen profile in a CLI's database. Source: the official CLI.
type storedProfile struct {
	ARN string `json:"arn"`
}

// cached is a file of the token cache: a token, a registration, or both. Source: the official language server; the members that only
// the Kiro IDE has are as observed.
type cached struct {
	AccessToken           secret.String `json:"accessToken"`
	RefreshToken          secret.String `json:"refreshToken"`
	ExpiresAt             moment        `json:"expiresAt"` // of the token if there is one, else of the registration
	Region                string        `json:"region"`
	StartURL              string        `json:"startUrl"`
	ClientID              string        `json:"clientId"`
	ClientSecret          secret.String `json:"clientSecret"`
	RegistrationExpiresAt moment        `json:"registrationExpiresAt"`
	Scopes                []string      `json:"scopes"`
	ClientIDHash          string        `json:"clientIdHash"` // Kiro: names the file with the registration
	AuthMethod            string        `json:"authMethod"`   // Kiro: IdC or social
	Provider              string        `json:"provider"`     // Kiro: who the user signed in with
	ProfileARN            string        `json:"profileArn"`   // Kiro
}

// decode reads one JSON object. A member of a type that does not fit counts as missing. The error is errDamaged and quotes nothing,
// for what was read may be a secret.
func decode[T any](body []byte) (T, error) {
	var value, none T
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // some editors put it there
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '{' {
		return none, errDamaged
	}
	var oddType *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &value); err != nil && !errors.As(err, &oddType) {
		return none, errDamaged
	}
	return value, nil
}

// moment is a time as the tools write it; what cannot be understood is the zero time, as null is.
type moment struct{ time.Time }

// UnmarshalJSON never fails.
func (m *moment) UnmarshalJSON(body []byte) error {
	var text string
	if json.Unmarshal(body, &text) != nil {
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05UTC"} { // the second: old releases of the AWS CLI
		if at, err := time.Parse(layout, text); err == nil {
			m.Time = at.UTC()
			return nil
		}
	}
	return nil
}

// quoted reads a JSON string; anything else is empty.
func quoted(body []byte) string {
	var text string
	if json.Unmarshal(body, &text) != nil {
		return ""
	}
	return text
}
