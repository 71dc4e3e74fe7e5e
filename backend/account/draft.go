package account

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Draft is an account to be added. What is nil takes its default: 10 requests a minute, 4 at a time, switched on.
type Draft struct {
	Name              string
	ClientID          string
	ProfileARN        string // empty for Builder ID
	SignInRegion      string // empty is us-east-1
	Secrets           Secrets
	RequestsPerMinute *int // 0 is no cap
	MaxConcurrent     *int // 0 is no cap
	Notes             string
	Active            *bool
	Source            string
}

// Edit is a change to an account. What is nil stays as it is.
type Edit struct {
	Name              *string
	ClientID          *string
	ProfileARN        *string
	SignInRegion      *string
	RefreshToken      *secret.String
	ClientSecret      *secret.String
	RequestsPerMinute *int
	MaxConcurrent     *int
	Notes             *string
	Active            *bool
}

const (
	defaultPerMinute  = 10
	defaultConcurrent = 4
	maxPerMinute      = 1_000_000
	maxConcurrent     = 1000
	maxName           = 100
	maxNotes          = 2000
	maxSecret         = 16 << 10 // bytes
	tagLength         = 12
)

// row is what the draft asks for, with fault.Invalid naming the field that is wrong.
func (d Draft) row(now time.Time) (Row, Secrets, error) {
	row := Row{State: Adding, Tag: strings.ToLower(rand.Text()[:tagLength]), RefreshVersion: 1, ClientVersion: 1, Account: Account{
		Service: AmazonQ, SignInRegion: DefaultRegion, Source: d.Source, RequestsPerMinute: defaultPerMinute, MaxConcurrent: defaultConcurrent,
		Active: true, CreatedAt: now, Health: Health{Status: Ready},
	}}
	edit := Edit{
		Name: &d.Name, ClientID: &d.ClientID, ProfileARN: &d.ProfileARN, RefreshToken: &d.Secrets.RefreshToken, ClientSecret: &d.Secrets.ClientSecret,
		RequestsPerMinute: d.RequestsPerMinute, MaxConcurrent: d.MaxConcurrent, Notes: &d.Notes, Active: d.Active,
	}
	if d.SignInRegion != "" {
		edit.SignInRegion = &d.SignInRegion
	}
	err := edit.apply(&row, now)
	return row, Secrets{RefreshToken: *edit.RefreshToken, ClientSecret: *edit.ClientSecret}, err
}

// apply checks every field that is named and changes the row. The edit's texts lose the white space that pasting adds.
func (e Edit) apply(row *Row, now time.Time) error {
	for _, text := range []struct {
		field string
		given *string
		into  *string
		check func(field, text string) error
	}{
		{"name", e.Name, &row.Name, validName},
		{"client_id", e.ClientID, &row.ClientID, validToken},
		{"profile_arn", e.ProfileARN, &row.ProfileARN, validARN},
		{"sign_in_region", e.SignInRegion, &row.SignInRegion, validRegion},
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
	for _, item := range []struct {
		field string
		given *secret.String
	}{{"refresh_token", e.RefreshToken}, {"client_secret", e.ClientSecret}} {
		if item.given == nil {
			continue
		}
		*item.given = secret.New(strings.TrimSpace(item.given.Reveal()))
		if err := validToken(item.field, item.given.Reveal()); err != nil {
			return err
		}
	}
	return e.applyNumbers(row, now)
}

func (e Edit) applyNumbers(row *Row, now time.Time) error {
	for _, number := range []struct {
		field string
		given *int
		into  *int
		most  int
	}{
		{"requests_per_minute", e.RequestsPerMinute, &row.RequestsPerMinute, maxPerMinute},
		{"max_concurrent", e.MaxConcurrent, &row.MaxConcurrent, maxConcurrent},
	} {
		if number.given == nil {
			continue
		}
		if *number.given < 0 || *number.given > number.most {
			return invalid(number.field, "%s must be from 0 to %d; 0 is no cap.", number.field, number.most)
		}
		*number.into = *number.given
	}
	if e.Active != nil {
		row.Active = *e.Active
	}
	row.UpdatedAt = now
	return nil
}

func validName(field, text string) error {
	if text == "" || utf8.RuneCountInString(text) > maxName || strings.ContainsFunc(text, unicode.IsControl) {
		return invalid(field, "%s must have 1 to %d characters, on one line.", field, maxName)
	}
	return nil
}

func validNotes(field, text string) error {
	if utf8.RuneCountInString(text) > maxNotes {
		return invalid(field, "%s may have at most %d characters.", field, maxNotes)
	}
	return nil
}

// validToken checks what is copied from another program; the text itself is never shown.
func validToken(field, text string) error {
	switch {
	case text == "":
		return invalid(field, "%s is missing. Paste it from where you signed in.", field)
	case len(text) > maxSecret:
		return invalid(field, "%s is longer than %d bytes; this cannot be right.", field, maxSecret)
	case strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }):
		return invalid(field, "%s has spaces, line breaks or other characters that do not belong. Paste it again.", field)
	}
	return nil
}

var (
	arnShape    = regexp.MustCompile(`^arn:aws[a-z-]*:codewhisperer:[a-z0-9-]+:\d*:profile/[A-Za-z0-9]+$`)
	regionShape = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
)

func validARN(field, text string) error {
	if text != "" && !arnShape.MatchString(text) {
		return invalid(field, "%s must look like arn:aws:codewhisperer:us-east-1:123456789012:profile/ABC, or be empty for Builder ID.", field)
	}
	return nil
}

func validRegion(field, text string) error {
	if !regionShape.MatchString(text) {
		return invalid(field, "%s must be an AWS region such as us-east-1.", field)
	}
	return nil
}

func invalid(param, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
