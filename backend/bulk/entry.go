package bulk

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"amq2api/backend/fault"
)

// form is what kind of thing a writer put where a value belongs.
type form uint8

const (
	formText   form = iota // also every cell of a table
	formNumber             // in JSON
	formTruth              // true or false in JSON
	formNested             // an object or an array
)

// value is what a row says for a member. Its text may be a secret.
type value struct {
	form form
	text string // without the white space around it; never empty, unless nested
	apt  aptness
}

// entry is an account as it stands in a text, before anybody has judged it.
type entry struct {
	given  map[member]value
	broken error // what is wrong with the row as a whole, or with two of its members together
}

// add takes note of a value under the writer's name for it. Unknown names and empty values are passed over.
func (e *entry) add(name string, v value) {
	m, apt := spelled(name)
	v.text, v.apt = strings.TrimSpace(v.text), apt
	if apt == unknown || v.text == "" && v.form != formNested {
		return
	}
	had, is := e.given[m]
	switch {
	case !is || apt > had.apt:
		if e.given == nil {
			e.given = make(map[member]value)
		}
		e.given[m] = v
	case m == memberAccessToken || m == memberExpiresAt: // of no weight enough for a row to fail by them
	case apt == had.apt && v.text != had.text && e.broken == nil:
		e.broken = invalid(m.param(), "%s is there twice with different values. Leave one of them out.", m.param()).Saying(fault.Said{Code: fault.ValueTwice, Name: m.param()})
	}
}

// has reports whether the row says anything for m.
func (e *entry) has(m member) bool {
	_, is := e.given[m]
	return is
}

// fail keeps the first problem.
func (e *entry) fail(m member, code fault.SaidCode, must string) {
	if e.broken == nil {
		e.broken = invalid(m.param(), "%s must be %s.", m.param(), must).Saying(fault.Said{Code: code, Name: m.param()})
	}
}

// text is the text of m, or of a number there as it is written; empty if there is none.
func (e *entry) text(m member) string {
	v := e.given[m]
	if v.form == formTruth || v.form == formNested {
		e.fail(m, fault.ValueNotText, "text")
		return ""
	}
	return v.text
}

// float is the number of m; nil if there is none.
func (e *entry) float(m member) *float64 {
	v, is := e.given[m]
	if !is {
		return nil
	}
	parsed, err := strconv.ParseFloat(v.text, 64)
	if err != nil || v.form == formTruth || v.form == formNested {
		e.fail(m, fault.ValueNotNumber, "a number, with a point before its decimals")
		return nil
	}
	return &parsed
}

// whole is float for a whole number.
func (e *entry) whole(m member) *int {
	const most = 1 << 53 // beyond it not every whole number has a float
	parsed := e.float(m)
	if parsed == nil {
		return nil
	}
	if *parsed != math.Trunc(*parsed) || math.Abs(*parsed) > most {
		e.fail(m, fault.ValueNotWhole, "a whole number")
		return nil
	}
	n := int(*parsed)
	return &n
}

// truth is whether m is so; nil if nothing is said of it.
func (e *entry) truth(m member) *bool {
	v, is := e.given[m]
	if !is {
		return nil
	}
	var yes bool
	switch strings.ToLower(v.text) {
	case "true", "yes", "on", "1":
		yes = true
	case "false", "no", "off", "0":
	default:
		e.fail(m, fault.ValueNotTruth, "true or false")
	}
	return &yes
}

// moment is the time that m names; zero if there is none, or the number 0.
func (e *entry) moment(m member) time.Time {
	const asMilliseconds = 1e11 // as seconds, the year 5138
	stated, is := e.given[m]
	if !is {
		return time.Time{}
	}
	// botocore wrote the second of these for years.
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05UTC"} {
		if parsed, err := time.Parse(layout, stated.text); err == nil {
			return parsed.UTC()
		}
	}
	epoch, err := strconv.ParseFloat(stated.text, 64)
	switch {
	case err != nil || stated.form == formNested || !(epoch >= 0 && epoch < asMilliseconds*1000):
		e.fail(m, fault.ValueNotTime, "a time such as 2026-01-31T12:00:00Z, or the seconds since 1970")
		return time.Time{}
	case epoch == 0:
		return time.Time{}
	case epoch >= asMilliseconds:
		return time.UnixMilli(int64(epoch)).UTC()
	}
	return time.Unix(int64(epoch), 0).UTC()
}

// name is what the row calls itself, else its email, else its number.
func (e *entry) name(number int) string {
	for _, m := range []member{memberName, memberEmail} {
		if name := e.text(m); name != "" {
			return name
		}
	}
	return fmt.Sprintf("Account %d", number)
}

// clientEnds is when the client's registration ends. A bare expiry is the client's only where no token stands beside it that it could
// belong to: Kiro's files, and those made from them, mean the access token by it. Source: Kiro's token file, the AWS CLI's cache.
func (e *entry) clientEnds() time.Time {
	if e.has(memberClientEnds) {
		return e.moment(memberClientEnds)
	}
	if !e.has(memberClientSecret) || e.has(memberAccessToken) || e.has(memberAuthMethod) || e.has(memberProvider) {
		return time.Time{}
	}
	return e.moment(memberExpiresAt)
}
