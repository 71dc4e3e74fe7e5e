package bulk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

const (
	// workFactor is the power of two of scrypt's rounds: about half a second and 128 MiB.
	workFactor = 17
	// maxWorkFactor is the most that a sealed text may ask for, as much as we do. A hostile one must not eat the machine.
	maxWorkFactor = workFactor
	minPassphrase = 12 // characters
)

// sealed is the JSON in a sealed file.
type sealed struct {
	Version  int             `json:"amq2api"`
	Accounts []sealedAccount `json:"accounts"`
}

// sealedAccount is a draft with its secrets in clear, for the inside of a seal only. What is absent is what the draft leaves open.
type sealedAccount struct {
	Name              string     `json:"name"`
	Service           string     `json:"service,omitempty"`
	Method            string     `json:"method,omitempty"`
	RefreshToken      string     `json:"refresh_token"`
	ClientID          string     `json:"client_id,omitempty"`
	ClientSecret      string     `json:"client_secret,omitempty"`
	ClientExpiresAt   *time.Time `json:"client_secret_expires_at,omitempty"`
	ProfileARN        string     `json:"profile_arn,omitempty"`
	StartURL          string     `json:"start_url,omitempty"`
	SignInRegion      string     `json:"sign_in_region,omitempty"`
	Origin            string     `json:"origin,omitempty"`
	Email             string     `json:"email,omitempty"`
	RequestsPerMinute *int       `json:"requests_per_minute,omitempty"`
	MaxConcurrent     *int       `json:"max_concurrent,omitempty"`
	SpacingMS         *int       `json:"spacing_ms,omitempty"`
	DailyCredits      *float64   `json:"daily_credits,omitempty"`
	ReserveCredits    *float64   `json:"reserve_credits,omitempty"`
	Priority          *int       `json:"priority,omitempty"`
	Weight            *int       `json:"weight,omitempty"`
	Notes             string     `json:"notes,omitempty"`
	IsActive          *bool      `json:"is_active,omitempty"`
}

// Seal writes accounts for Read on another machine: an age file in ASCII armor, which the passphrase opens. Only their Source stays
// behind. It refuses what Read would, as fault.Invalid with Param passphrase or accounts.
func Seal(accounts []account.Draft, passphrase secret.String) (string, error) {
	return seal(accounts, passphrase, workFactor)
}

func seal(accounts []account.Draft, passphrase secret.String, work int) (string, error) {
	if utf8.RuneCountInString(passphrase.Reveal()) < minPassphrase {
		return "", invalid("passphrase", "The passphrase must have at least %d characters. Whoever has the file can try as often as they like.", minPassphrase).Saying(fault.Said{Code: fault.PassphraseShort, Limit: minPassphrase})
	}
	plain, err := encode(accounts)
	if err != nil {
		return "", err
	}
	text, err := encrypt(plain, passphrase, work)
	switch {
	case err != nil:
		return "", fault.Wrap(fault.Internal, err, "The accounts could not be sealed.")
	case len(text) > maxText:
		return "", invalid("accounts", "These %d accounts are more than 1 MiB when sealed. Seal fewer of them at a time.", len(accounts))
	}
	return text, nil
}

func encode(accounts []account.Draft) ([]byte, error) {
	switch {
	case len(accounts) == 0:
		return nil, invalid("accounts", "There is no account to seal.")
	case len(accounts) > maxRows:
		return nil, invalid("accounts", "More than 1,000 accounts do not go into one file. Seal fewer of them at a time.")
	}
	file := sealed{Version: 1}
	for _, draft := range accounts {
		if err := draft.Check(); err != nil {
			return nil, invalid("accounts", "The account %q cannot be sealed. %s", oneLine(draft.Name), fault.Of(err).Message)
		}
		file.Accounts = append(file.Accounts, sealedOf(draft))
	}
	plain, err := json.Marshal(file)
	if err != nil {
		return nil, invalid("accounts", "An account has a time or a number that cannot be written.")
	}
	return plain, nil
}

func sealedOf(d account.Draft) sealedAccount {
	inside := sealedAccount{
		Name: d.Name, Service: string(d.Service), Method: string(d.Method), RefreshToken: d.Secrets.RefreshToken.Reveal(), ClientID: d.ClientID,
		ClientSecret: d.Secrets.ClientSecret.Reveal(), ProfileARN: d.ProfileARN, StartURL: d.StartURL, SignInRegion: d.SignInRegion,
		Origin: d.Origin, Email: d.Email, RequestsPerMinute: d.Pace.RequestsPerMinute, MaxConcurrent: d.Pace.MaxConcurrent,
		SpacingMS: d.Pace.SpacingMS, DailyCredits: d.Pace.DailyCredits, ReserveCredits: d.Pace.ReserveCredits, Priority: d.Pace.Priority,
		Weight: d.Pace.Weight, Notes: d.Notes, IsActive: d.Active,
	}
	if !d.ClientExpiresAt.IsZero() {
		ends := d.ClientExpiresAt.UTC()
		inside.ClientExpiresAt = &ends
	}
	return inside
}

func encrypt(plain []byte, passphrase secret.String, work int) (string, error) {
	recipient, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return "", fmt.Errorf("take the passphrase: %w", err)
	}
	recipient.SetWorkFactor(work)
	var out bytes.Buffer
	armored := armor.NewWriter(&out)
	w, err := age.Encrypt(armored, recipient)
	if err != nil {
		return "", fmt.Errorf("encrypt the accounts: %w", err)
	}
	_, err = w.Write(plain)
	if err = errors.Join(err, w.Close(), armored.Close()); err != nil {
		return "", fmt.Errorf("encrypt the accounts: %w", err)
	}
	return out.String(), nil
}

// open is the text in a sealed one. It answers only if every byte is what was sealed.
func open(text string, passphrase secret.String) (string, error) {
	if passphrase.IsZero() {
		return "", invalid("passphrase", "The accounts are sealed. Say the passphrase they were sealed with.").Saying(fault.Said{Code: fault.PassphraseNeeded})
	}
	identity, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return "", invalid("passphrase", "This cannot be a passphrase.").Saying(fault.Said{Code: fault.PassphraseWrong})
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(text)), identity)
	if err != nil {
		return "", unopened(err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return "", unopened(err)
	}
	return string(plain), nil
}

// unopened says why a sealed text stays shut.
func unopened(err error) error {
	var mismatch *age.NoIdentityMatchError
	switch {
	case !errors.As(err, &mismatch):
		return invalid("text", "The sealed text is damaged or not complete, or asks for more work to be opened than AMQ2API's own files do. Copy the "+
			"whole file again.").Saying(fault.Said{Code: fault.TextDamaged})
	case !slices.Contains(mismatch.StanzaTypes, "scrypt"):
		return invalid("text", "The text is sealed for a key, not with a passphrase. Seal it with a passphrase.").Saying(fault.Said{Code: fault.TextSealedForKey})
	}
	return invalid("passphrase", "The passphrase does not open the sealed text. Check it, and that it belongs to this file.").Saying(fault.Said{Code: fault.PassphraseWrong})
}
