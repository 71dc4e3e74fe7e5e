package account

import (
	"crypto/rand"
	"strings"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Draft is an account to be added. What is nil takes its default: 10 requests a minute, 4 at a time, switched on.
type Draft struct {
	Name            string
	Service         Service // empty is AmazonQ
	Method          Method  // empty is what the other fields say
	StartURL        string  // of an Identity Center, if it is known
	ClientID        string
	ClientExpiresAt time.Time // zero is unknown
	ProfileARN      string    // empty for Builder ID
	SignInRegion    string    // empty is us-east-1
	Origin          string    // empty is the service's usual one
	Email           string
	Secrets         Secrets
	Pace            EnvelopeEdit
	Notes           string
	Active          *bool
	Source          string
}

// The sources that other code asks for.
const (
	SourceSignIn = "sign-in"
	SourceImport = "import"
)

// Edit is a change to an account. What is nil stays as it is.
type Edit struct {
	Name            *string
	Service         *Service
	Method          *Method
	StartURL        *string
	ClientID        *string
	ClientExpiresAt *time.Time
	ProfileARN      *string
	SignInRegion    *string
	Origin          *string
	Email           *string
	RefreshToken    *secret.String
	ClientSecret    *secret.String
	Pace            EnvelopeEdit
	Notes           *string
	Active          *bool
}

// EnvelopeEdit is a change to an account's envelope. What is nil stays as it is.
type EnvelopeEdit struct {
	RequestsPerMinute *int // 0 is no cap
	MaxConcurrent     *int // 0 is no cap
	SpacingMS         *int // milliseconds; 0 is none
	DailyCredits      *float64
	ReserveCredits    *float64
	Priority          *int
	Weight            *int
}

const (
	defaultPerMinute  = 10
	defaultConcurrent = 4
	maxPerMinute      = 1_000_000
	maxConcurrent     = 1000
	maxSpacingMS      = 60_000
	maxPriority       = 100
	maxWeight         = 100
	maxCredits        = 1e9
	maxName           = 100
	maxNotes          = 2000
	maxEmail          = 320
	maxSecret         = 16 << 10 // bytes
	tagLength         = 12
)

// Check finds what is wrong with a draft, as fault.Invalid naming the field.
func (d Draft) Check() error {
	_, _, err := d.row(time.Time{})
	return err
}

// row is what the draft asks for, with fault.Invalid naming the field that is wrong.
func (d Draft) row(now time.Time) (Row, Secrets, error) {
	row := Row{State: Adding, Tag: strings.ToLower(rand.Text()[:tagLength]), RefreshVersion: 1, ClientVersion: 1, Account: Account{
		Service: AmazonQ, Method: methodOf(strings.TrimSpace(d.ProfileARN), strings.TrimSpace(d.StartURL)), SignInRegion: DefaultRegion, Source: d.Source,
		Envelope: Envelope{RequestsPerMinute: defaultPerMinute, MaxConcurrent: defaultConcurrent, Weight: 1},
		Active:   true, CreatedAt: now, Health: Health{Status: Ready},
	}}
	edit := Edit{
		Name: &d.Name, StartURL: &d.StartURL, ClientID: &d.ClientID, ClientExpiresAt: &d.ClientExpiresAt, ProfileARN: &d.ProfileARN, Origin: &d.Origin,
		Email: &d.Email, RefreshToken: &d.Secrets.RefreshToken, ClientSecret: &d.Secrets.ClientSecret, Pace: d.Pace, Notes: &d.Notes, Active: d.Active,
	}
	if d.Service != "" {
		edit.Service = &d.Service
	}
	if d.Method != "" {
		edit.Method = &d.Method
	}
	if d.SignInRegion != "" {
		edit.SignInRegion = &d.SignInRegion
	}
	err := edit.apply(&row, now)
	return row, Secrets{RefreshToken: *edit.RefreshToken, ClientSecret: *edit.ClientSecret}, err
}

// apply checks every field that is named and changes the row. The edit's texts lose the white space that pasting adds.
func (e Edit) apply(row *Row, now time.Time) error {
	for _, step := range []func(*Row) error{e.applyKind, e.applyTexts, e.applySecrets, e.Pace.apply} {
		if err := step(row); err != nil {
			return err
		}
	}
	if e.ClientExpiresAt != nil {
		row.ClientExpiresAt = *e.ClientExpiresAt
	}
	if e.Active != nil {
		row.Active = *e.Active
	}
	row.UpdatedAt = now
	return nil
}

// applyKind changes what kind of account it is.
func (e Edit) applyKind(row *Row) error {
	if e.Service != nil {
		row.Service = *e.Service
	}
	if e.Method != nil {
		row.Method = *e.Method
	}
	switch {
	case row.Service != AmazonQ && row.Service != Kiro:
		return invalid("service", "service must be %s or %s.", AmazonQ, Kiro).Saying(fault.Said{Code: fault.ValueChoice, Name: "service", Text: string(AmazonQ + ", " + Kiro)})
	case !row.Service.fits(row.Method):
		return invalid("method", "method must be %s or %s; accounts of %s may also have %s and %s.", BuilderID, IdentityCenter, Kiro, Social, APIKey).Saying(fault.Said{Code: fault.ValueChoice, Name: "method", Text: string(BuilderID + ", " + IdentityCenter + ", " + Social + ", " + APIKey)})
	default:
		return nil
	}
}

func (e Edit) applyTexts(row *Row) error {
	validClient := validToken
	if !row.Method.HasClient() {
		validClient = validNothing
	}
	for _, text := range []struct {
		field string
		given *string
		into  *string
		check func(field, text string) error
	}{
		{"name", e.Name, &row.Name, validName},
		{"start_url", e.StartURL, &row.StartURL, validStartURL},
		{"client_id", e.ClientID, &row.ClientID, validClient},
		{"profile_arn", e.ProfileARN, &row.ProfileARN, validARN},
		{"sign_in_region", e.SignInRegion, &row.SignInRegion, validRegion},
		{"origin", e.Origin, &row.Origin, validOrigin},
		{"email", e.Email, &row.Email, validEmail},
		{"notes", e.Notes, &row.Notes, validNotes},
	} {
		if text.given == nil {
			continue
		}
		*text.into = strings.TrimSpace(*text.given)
		if err := text.check(text.field, *text.into); err != nil {
			return err
		}
	}
	return nil
}

func (e Edit) applySecrets(row *Row) error {
	if err := checkSecret("refresh_token", e.RefreshToken); err != nil {
		return err
	}
	if !row.Method.HasClient() {
		if e.ClientSecret != nil && !e.ClientSecret.IsZero() {
			return validNothing("client_secret", e.ClientSecret.Reveal())
		}
		return nil
	}
	return checkSecret("client_secret", e.ClientSecret)
}

// checkSecret takes the white space off a secret and checks the rest; nil is none to check.
func checkSecret(field string, given *secret.String) error {
	if given == nil {
		return nil
	}
	*given = secret.New(strings.TrimSpace(given.Reveal()))
	return validToken(field, given.Reveal())
}

func (e EnvelopeEdit) apply(row *Row) error {
	for _, number := range []struct {
		field string
		given *int
		into  *int
		least int
		most  int
	}{
		{"requests_per_minute", e.RequestsPerMinute, &row.RequestsPerMinute, 0, maxPerMinute},
		{"max_concurrent", e.MaxConcurrent, &row.MaxConcurrent, 0, maxConcurrent},
		{"priority", e.Priority, &row.Priority, 0, maxPriority},
		{"weight", e.Weight, &row.Weight, 1, maxWeight},
	} {
		if number.given == nil {
			continue
		}
		if *number.given < number.least || *number.given > number.most {
			return invalid(number.field, "%s must be from %d to %d.", number.field, number.least, number.most).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: number.field, Count: int64(number.least), Limit: int64(number.most)})
		}
		*number.into = *number.given
	}
	if e.SpacingMS != nil {
		if *e.SpacingMS < 0 || *e.SpacingMS > maxSpacingMS {
			return invalid("spacing_ms", "spacing_ms must be from 0 to %d milliseconds.", maxSpacingMS).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "spacing_ms", Limit: maxSpacingMS})
		}
		row.Spacing = time.Duration(*e.SpacingMS) * time.Millisecond
	}
	return e.applyCredits(row)
}

func (e EnvelopeEdit) applyCredits(row *Row) error {
	for _, credits := range []struct {
		field string
		given *float64
		into  *float64
	}{{"daily_credits", e.DailyCredits, &row.DailyCredits}, {"reserve_credits", e.ReserveCredits, &row.ReserveCredits}} {
		if credits.given == nil {
			continue
		}
		if !(*credits.given >= 0 && *credits.given <= maxCredits) { // also refuses what is not a number
			return invalid(credits.field, "%s must be from 0 to %d; 0 is none.", credits.field, int(maxCredits)).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: credits.field, Limit: int64(maxCredits)})
		}
		*credits.into = *credits.given
	}
	return nil
}
