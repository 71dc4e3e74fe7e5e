package account

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"amq2api/backend/fault"
)

func validName(field, text string) error {
	if text == "" {
		return invalid(field, "%s is missing. It has 1 to %d characters, on one line.", field, maxName).Saying(fault.Said{Code: fault.ValueMissing, Name: field})
	}
	if utf8.RuneCountInString(text) > maxName || strings.ContainsFunc(text, unicode.IsControl) {
		return invalid(field, "%s must have 1 to %d characters, on one line.", field, maxName).Saying(fault.Said{Code: fault.ValueTooLong, Name: field, Limit: maxName})
	}
	return nil
}

func validNotes(field, text string) error {
	if utf8.RuneCountInString(text) > maxNotes {
		return invalid(field, "%s may have at most %d characters.", field, maxNotes).Saying(fault.Said{Code: fault.ValueTooLong, Name: field, Limit: maxNotes})
	}
	return nil
}

// validToken checks what is copied from another program; the text itself is never shown.
func validToken(field, text string) error {
	switch {
	case text == "":
		return invalid(field, "%s is missing. Paste it from where you signed in.", field).Saying(fault.Said{Code: fault.ValueMissing, Name: field})
	case len(text) > maxSecret:
		return invalid(field, "%s is longer than %d bytes; this cannot be right.", field, maxSecret).Saying(fault.Said{Code: fault.ValueTooLong, Name: field, Limit: maxSecret})
	case strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }):
		return invalid(field, "%s has spaces, line breaks or other characters that do not belong. Paste it again.", field).Saying(fault.Said{Code: fault.ValueBroken, Name: field})
	}
	return nil
}

// validNothing refuses a text where there must be none.
func validNothing(field, text string) error {
	if text != "" {
		return invalid(field, "%s does not belong to an account of this method. Leave it out.", field).Saying(fault.Said{Code: fault.ValueNotHere, Name: field})
	}
	return nil
}

func validStartURL(field, text string) error {
	if text == "" {
		return nil
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.User != nil || parsed.RawQuery != "" || len(text) > maxName*3 {
		return invalid(field, "%s must be an https address such as https://my-company.awsapps.com/start.", field).Saying(fault.Said{Code: fault.ValueForm, Name: field, Text: "https://my-company.awsapps.com/start"})
	}
	return nil
}

func validOrigin(field, text string) error {
	if text != "" && !originShape.MatchString(text) {
		return invalid(field, "%s must be a word in capitals such as CLI or AI_EDITOR, or be empty for the service's usual one.", field).Saying(fault.Said{Code: fault.ValueForm, Name: field, Text: "AI_EDITOR"})
	}
	return nil
}

func validEmail(field, text string) error {
	if len(text) > maxEmail || strings.ContainsFunc(text, unicode.IsControl) {
		return invalid(field, "%s must be one line of at most %d bytes.", field, maxEmail).Saying(fault.Said{Code: fault.ValueTooLong, Name: field, Limit: maxEmail})
	}
	return nil
}

var (
	originShape = regexp.MustCompile(`^[A-Z][A-Z_]{1,31}$`)
	arnShape    = regexp.MustCompile(`^arn:aws[a-z-]*:codewhisperer:[a-z0-9-]+:\d*:profile/[A-Za-z0-9]+$`)
	regionShape = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
)

func validARN(field, text string) error {
	if text != "" && !arnShape.MatchString(text) {
		return invalid(field, "%s must look like arn:aws:codewhisperer:us-east-1:123456789012:profile/ABC, or be empty for Builder ID.", field).Saying(fault.Said{Code: fault.ValueForm, Name: field, Text: "arn:aws:codewhisperer:us-east-1:123456789012:profile/ABC"})
	}
	return nil
}

func validRegion(field, text string) error {
	if !regionShape.MatchString(text) {
		return invalid(field, "%s must be an AWS region such as us-east-1.", field).Saying(fault.Said{Code: fault.ValueForm, Name: field, Text: "us-east-1"})
	}
	return nil
}

func invalid(param, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
