// Package bulk reads accounts from text in many forms, and moves them between machines in a sealed file.
//
// Nothing is written anywhere: what is read are drafts, which the caller shows and adds.
package bulk

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"filippo.io/age/armor"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

const (
	maxText = 1 << 20 // bytes, before and after the seal is opened
	maxRows = 1000
	bom     = "\ufeff"
)

// Row is one account of a text, or what is wrong with it.
type Row struct {
	Number  int // from 1, as a person counts: of a table the first row under the header; empty rows do not count
	Name    string
	Draft   account.Draft // passes its check; zero if there is a problem
	Problem *fault.Error  // what is wrong, with Param naming the member as the admin API spells it; nil if nothing is
}

// Read finds the accounts in a text: a sealed file, JSON, or a table with a header. The passphrase is needed for a sealed file only.
// A row that is broken is a Row with a problem; fault.Invalid is about the whole text, with Param text or passphrase.
func Read(text string, passphrase secret.String) ([]Row, error) {
	plain, err := clean(text)
	if trimmed := strings.TrimSpace(plain); err == nil && strings.HasPrefix(trimmed, armor.Header) {
		plain, err = unsealed(trimmed, passphrase)
	}
	if err != nil {
		return nil, err
	}
	entries, err := parse(plain)
	switch {
	case err != nil:
		return nil, err
	case len(entries) == 0:
		return nil, invalid("text", "There is no account in the text.").Saying(fault.Said{Code: fault.TextEmpty})
	}
	return rowsOf(entries), nil
}

func unsealed(text string, passphrase secret.String) (string, error) {
	plain, err := open(text, passphrase)
	if err != nil {
		return "", err
	}
	return clean(plain)
}

// clean takes off the mark that editors put before a text, and refuses what cannot be one of ours.
func clean(text string) (string, error) {
	switch {
	case len(text) > maxText:
		return "", invalid("text", "The text is longer than 1 MiB. Read it in parts.").Saying(fault.Said{Code: fault.TextTooLong})
	case !utf8.ValidString(text):
		return "", invalid("text", "The text is not UTF-8. Save the file as UTF-8 and read it again.").Saying(fault.Said{Code: fault.TextNotUTF8})
	}
	return strings.TrimPrefix(text, bom), nil
}

func parse(text string) ([]entry, error) {
	if start := strings.TrimSpace(text); strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[") {
		return parseJSON(text)
	}
	return parseTable(text)
}

// rowsOf makes the rows, and tells those that repeat the token of an earlier sound one.
func rowsOf(entries []entry) []Row {
	rows := make([]Row, 0, len(entries))
	first := make(map[string]int, len(entries))
	for i, e := range entries {
		row := e.row(i + 1)
		if row.Problem == nil {
			token := row.Draft.Secrets.RefreshToken.Reveal()
			if number, seen := first[token]; seen {
				row.Draft, row.Problem = account.Draft{}, repeated(number)
			} else {
				first[token] = row.Number
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func repeated(number int) *fault.Error {
	f := fault.New(fault.Conflict, "This refresh token is that of row %d already. Leave one of them out.", number).Saying(fault.Said{Code: fault.RowRepeats, Count: int64(number)})
	f.Param = "refresh_token"
	return f
}

func tooManyRows() error {
	return invalid("text", "The text has more than 1,000 accounts. Read it in parts.").Saying(fault.Said{Code: fault.TextTooMany})
}

func unknownForm() error {
	return invalid("text", "This is none of the forms that can be read: a file sealed by AMQ2API; JSON that is an account, an array of accounts or "+
		"an object with an array accounts; or a table (CSV, separated by commas, semicolons or tabs) whose first row names the columns, with "+
		"refresh_token or api_key among them.").Saying(fault.Said{Code: fault.TextUnknown})
}

func invalid(param, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
