package bulk

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/fault"
)

// version is that of the sealed file's JSON, in its member amq2api.
const version = "1"

// errForm marks text that is no JSON. What the decoder says of it may quote a secret, and is dropped.
var errForm = errors.New("not the JSON that was expected")

// document reads accounts from JSON: an account, an array of them, or an object with an array accounts.
type document struct {
	decoder *jsontext.Decoder
	entries []entry
	listed  bool // there is a list, so that the members around it are not an account's
}

func parseJSON(text string) ([]entry, error) {
	d := document{decoder: jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true))}
	err := d.read()
	if errors.Is(err, errForm) {
		line := 1 + strings.Count(text[:d.decoder.InputOffset()], "\n")
		return nil, invalid("text", "The text is not whole JSON; it breaks off or goes wrong at about line %d.", line).Saying(fault.Said{Code: fault.TextNotJSON, Count: int64(line)})
	}
	return d.entries, err
}

func (d *document) read() error {
	if err := d.top(); err != nil {
		return err
	}
	if _, err := d.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errForm
	}
	return nil
}

func (d *document) top() error {
	if d.decoder.PeekKind() == '[' {
		return d.list()
	}
	var single entry
	if err := d.object(func(name string) error { return d.topMember(&single, name) }); err != nil {
		return err
	}
	if !d.listed {
		d.entries = []entry{single}
	}
	return nil
}

// topMember reads a member of the outermost object, which is a list's envelope or an account.
func (d *document) topMember(single *entry, name string) error {
	switch squash(name) {
	case "accounts":
		if d.decoder.PeekKind() != '[' {
			return invalid("text", "accounts must be an array of accounts.").Saying(fault.Said{Code: fault.TextUnknown})
		}
		return d.list()
	case "amq2api":
		v, err := d.value()
		if err == nil && v.text != version {
			return invalid("text", "Another version of AMQ2API sealed these accounts, in a way that this one does not know. Update it and try again.").Saying(fault.Said{Code: fault.TextOfNewer})
		}
		return err
	}
	return d.member(single, name)
}

func (d *document) list() error {
	d.listed = true
	if _, err := d.decoder.ReadToken(); err != nil {
		return errForm
	}
	for d.decoder.PeekKind() != ']' {
		if len(d.entries) == maxRows {
			return tooManyRows()
		}
		e, err := d.item()
		if err != nil {
			return err
		}
		d.entries = append(d.entries, e)
	}
	_, _ = d.decoder.ReadToken()
	return nil
}

func (d *document) item() (entry, error) {
	if d.decoder.PeekKind() != '{' {
		_, err := d.value()
		return entry{broken: invalid("text", "This is not an account but something else. An account is an object in braces.").Saying(fault.Said{Code: fault.RowNoAccount})}, err
	}
	var e entry
	err := d.object(func(name string) error { return d.member(&e, name) })
	return e, err
}

// member adds a member to an entry. What some programs put into an object credentials belongs to the account around it.
func (d *document) member(e *entry, name string) error {
	if d.decoder.PeekKind() == '{' && squash(name) == "credentials" {
		return d.object(func(name string) error { return d.add(e, name) })
	}
	return d.add(e, name)
}

func (d *document) add(e *entry, name string) error {
	v, err := d.value()
	if err == nil {
		e.add(name, v)
	}
	return err
}

// object reads an object, and calls member before each value for it to be read.
func (d *document) object(member func(name string) error) error {
	if _, err := d.decoder.ReadToken(); err != nil {
		return errForm
	}
	for d.decoder.PeekKind() != '}' {
		name, err := d.decoder.ReadToken()
		if err != nil {
			return errForm
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, _ = d.decoder.ReadToken()
	return nil
}

// value reads a value of any kind; null is the empty text.
func (d *document) value() (value, error) {
	if kind := d.decoder.PeekKind(); kind == '{' || kind == '[' {
		if d.decoder.SkipValue() != nil {
			return value{}, errForm
		}
		return value{form: formNested}, nil
	}
	token, err := d.decoder.ReadToken()
	if err != nil {
		return value{}, errForm
	}
	switch token.Kind() {
	case 'n':
		return value{}, nil
	case 't', 'f':
		return value{form: formTruth, text: token.String()}, nil
	case '0':
		return value{form: formNumber, text: token.String()}, nil
	}
	return value{form: formText, text: token.String()}, nil
}
