package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Finding is something that Inspect found.
type Finding struct {
	Code    string     // one of the codes below
	Grave   bool       // accounts cannot serve, or could be lost, and no start of the program mends it
	Account string     // its name; empty if it is about no account, or about one that is gone
	Message string     // what is wrong
	Mend    string     // what to do about it
	Subject string     // what it is about: another account, a kind of secret, the name of an item
	Reason  string     // why, as it was told; may be empty
	Said    fault.Said // what the reason says
	At      time.Time  // when; zero if that is nothing
}

// The codes of findings.
const (
	VaultAway            = "vault_away"            // the vault is out of reach; nothing in it was checked
	SecretMissing        = "secret_missing"        // an account points at a secret that is not in the vault
	SecretDamaged        = "secret_damaged"        // it is there, but not what was put there
	SecretShared         = "secret_shared"         // two accounts have one refresh token
	SecretUnlisted       = "secret_unlisted"       // the journal does not name a secret that an account points at
	OrphanSecret         = "orphan_secret"         // the journal names a secret that no account needs
	RotationUnfinished   = "rotation_unfinished"   // the vault has a newer refresh token than the account points at
	AccountUnfinished    = "account_unfinished"    // an account is on its way in or out
	RegistrationExpired  = "registration_expired"  // of the client that renewals name
	RegistrationExpiring = "registration_expiring" // within registrationNotice
	SignInNeeded         = "sign_in_needed"
	AccountSuspended     = "account_suspended"
)

// registrationNotice is how long before its end a client registration is mentioned.
const registrationNotice = 14 * 24 * time.Hour

// Inspect compares the database with the vault and changes neither. The program may be running: what it is in the middle of is looked
// at again, and reported only if it is still so; a file vault must be opened for this, since it shows what it held when it was opened. An error means that the database could not be read, or that ctx ended.
func Inspect(ctx context.Context, store Store, vault Vault, now time.Time) ([]Finding, error) {
	findings, err := look(ctx, store, vault, now)
	if err != nil {
		return nil, err
	}
	if len(findings) == 0 || slices.ContainsFunc(findings, isAway) {
		return findings, nil
	}
	again, err := look(ctx, store, vault, now)
	return slices.DeleteFunc(again, func(f Finding) bool { return !isAway(f) && !slices.Contains(findings, f) }), err
}

func isAway(f Finding) bool { return f.Code == VaultAway }

// inspection is one look at everything.
type inspection struct {
	vault    Vault
	now      time.Time
	rows     []Row
	journal  []Slot
	owners   map[string]string // of refresh tokens: the account's name by the token's text
	away     bool
	findings []Finding
}

func look(ctx context.Context, store Store, vault Vault, now time.Time) ([]Finding, error) {
	i := &inspection{vault: vault, now: now, owners: map[string]string{}}
	var err error
	if i.journal, err = store.Journal(ctx); err != nil {
		return nil, fmt.Errorf("read the journal of secrets: %w", err)
	}
	if i.rows, err = store.Rows(ctx); err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	for _, row := range i.rows {
		i.row(ctx, row)
	}
	for _, slot := range i.journal {
		i.slot(ctx, slot)
	}
	return i.findings, ctx.Err()
}

func (i *inspection) find(f Finding) { i.findings = append(i.findings, f) }

func (i *inspection) row(ctx context.Context, row Row) {
	if row.State != Active {
		i.find(Finding{Code: AccountUnfinished, Subject: string(row.State), Account: row.Name, Message: fmt.Sprintf("The account is in the state %q: the program ended, or the vault was locked, in the middle of it.", row.State),
			Mend: "Start AMQ2API with the vault unlocked. It finishes what is unfinished."})
		return
	}
	i.refreshToken(ctx, row)
	if row.Method.HasClient() {
		i.secret(ctx, row, row.clientSlot())
		i.registration(row)
	}
	i.health(row)
}

// refreshToken looks at a row's refresh token, and whether another account has it too.
func (i *inspection) refreshToken(ctx context.Context, row Row) {
	token, read := i.secret(ctx, row, row.refreshSlot())
	if !read {
		return
	}
	if other, taken := i.owners[token.Reveal()]; taken {
		i.find(Finding{Code: SecretShared, Grave: true, Subject: other, Account: row.Name, Message: fmt.Sprintf("It has the same refresh token as the account %q. Each renewal of one locks the other out.", other),
			Mend: "Remove one of the two."})
		return
	}
	i.owners[token.Reveal()] = row.Name
}

// secret reads what a row points at.
func (i *inspection) secret(ctx context.Context, row Row, slot Slot) (secret.String, bool) {
	kind := "refresh token"
	if slot.Client {
		kind = "client secret"
	}
	if !slices.ContainsFunc(i.journal, func(listed Slot) bool { return listed.Name == slot.Name }) {
		i.find(Finding{Code: SecretUnlisted, Subject: kind, Account: row.Name, Message: fmt.Sprintf("The journal does not name its %s. It would stay in the vault if the account were removed.", kind),
			Mend: "Sign in to the account again, so that its secrets are written anew."})
	}
	item, err := i.get(ctx, slot)
	switch {
	case err == nil:
		return item, !i.away
	case errors.Is(err, ErrNoSecret):
		i.find(Finding{Code: SecretMissing, Grave: true, Subject: kind, Account: row.Name, Message: fmt.Sprintf("Its %s is not in the vault.", kind), Mend: "Sign in to the account again."})
	default:
		i.find(Finding{Code: SecretDamaged, Grave: true, Subject: kind, Account: row.Name, Message: fmt.Sprintf("Its %s cannot be read from the vault, which holds something else in its place.", kind),
			Mend: "Sign in to the account again."})
	}
	return item, false
}

// get reads a slot. The first failure to reach the vault is the last question it is asked: a locked keychain takes its time over each.
// From then on nothing is read, and there is no error.
func (i *inspection) get(ctx context.Context, slot Slot) (secret.String, error) {
	if i.away {
		return secret.String{}, nil
	}
	item, err := i.vault.Get(ctx, slot.Name)
	if err == nil || errors.Is(err, ErrNoSecret) || spoilt(err) {
		return item, err
	}
	i.away = true
	i.find(Finding{Code: VaultAway, Grave: true, Reason: err.Error(), Said: fault.Of(err).Said, Message: fmt.Sprintf("The vault cannot be reached, so the secrets in it were not checked: %v", err),
		Mend: "Unlock the vault and look again."})
	return secret.String{}, nil
}

// spoilt reports whether a vault that can be reached says that what it holds is not what it was given.
func spoilt(err error) bool {
	var known *fault.Error
	return errors.As(err, &known) && known.Kind == fault.Internal
}

// slot looks at an entry of the journal: some account needs it, or the next start removes it.
func (i *inspection) slot(ctx context.Context, slot Slot) {
	at := slices.IndexFunc(i.rows, func(row Row) bool { return row.ID == slot.AccountID })
	if at < 0 {
		i.orphan(slot, "")
		return
	}
	row := i.rows[at]
	switch {
	case row.State != Active:
	case slot.Client:
		if slot.Version != row.ClientVersion || !row.Method.HasClient() {
			i.orphan(slot, row.Name)
		}
	case slot.Version == row.RefreshVersion, slot.Version == row.RefreshVersion-1:
	case slot.Rotated && slot.Version > row.RefreshVersion:
		i.newer(ctx, slot, row)
	default:
		i.orphan(slot, row.Name)
	}
}

// newer looks at a rotated token that the row does not point at.
func (i *inspection) newer(ctx context.Context, slot Slot, row Row) {
	_, err := i.get(ctx, slot)
	switch {
	case i.away:
		return
	case errors.Is(err, ErrNoSecret):
		i.orphan(slot, row.Name)
		return
	}
	i.find(Finding{Code: RotationUnfinished, Account: row.Name, Message: "A renewed refresh token is on its way into the vault, and the account still points at the one before.",
		Mend: "Start AMQ2API with the vault unlocked, or let the account renew its token. Either takes the new one up."})
}

func (i *inspection) orphan(slot Slot, name string) {
	i.find(Finding{Code: OrphanSecret, Subject: slot.Name, Account: name, Message: fmt.Sprintf("No account needs the secret %s any more.", slot.Name),
		Mend: "Nothing: it is removed at the next start with the vault unlocked."})
}

func (i *inspection) registration(row Row) {
	ends := row.ClientExpiresAt
	switch left := ends.Sub(i.now); {
	case ends.IsZero() || left > registrationNotice:
	case left <= 0:
		i.find(Finding{Code: RegistrationExpired, At: ends, Account: row.Name, Message: fmt.Sprintf("Its client registration ended on %s, and its refresh token with it.", ends.UTC().Format(time.DateOnly)),
			Mend: "Sign in to the account again."})
	default:
		i.find(Finding{Code: RegistrationExpiring, At: ends, Account: row.Name, Message: fmt.Sprintf("Its client registration ends on %s, and its refresh token with it.", ends.UTC().Format(time.DateOnly)),
			Mend: "Sign in to the account again before that day."})
	}
}

func (i *inspection) health(row Row) {
	switch row.Health.Status {
	case NeedsSignIn:
		i.find(Finding{Code: SignInNeeded, Reason: row.Health.Reason, Said: row.Health.Said, Account: row.Name, Message: "Its sign-in is not accepted any more. " + row.Health.Reason, Mend: "Sign in to the account again."})
	case Suspended:
		i.find(Finding{Code: AccountSuspended, Reason: row.Health.Reason, Said: row.Health.Said, Account: row.Name, Message: "The provider has suspended it. " + row.Health.Reason,
			Mend: "Ask the provider's support to lift the suspension, and then clear the account's state in AMQ2API."})
	case Ready, CoolingDown, Exhausted: // these heal by themselves
	}
}
