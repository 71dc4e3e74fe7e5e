package account

import (
	"context"
	"errors"
	"time"

	"amq2api/backend/secret"
)

// Store keeps the accounts' rows.
type Store interface {
	AccountRows
	SecretJournal
	ImportLedger
	PaceLedger
	QuotaLedger
}

// PaceLedger is what pacing must remember across restarts.
type PaceLedger interface {
	Spending(ctx context.Context, day int64) (byAccount map[int64]float64, err error) // day counts from 1970, UTC
	SaveSpending(ctx context.Context, id int64, day int64, credits float64) error     // of an account that may be gone
	Caution(ctx context.Context) (Caution, error)
	SaveCaution(ctx context.Context, caution Caution) error
}

// QuotaLedger is what providers told of accounts' quotas, a reading an hour.
type QuotaLedger interface {
	SaveQuota(ctx context.Context, id int64, reading QuotaReading) error // of an account that may be gone
	Quotas(ctx context.Context, id int64, since time.Time) ([]QuotaReading, error)
	ForgetQuotas(ctx context.Context, id int64) error
}

// ImportLedger remembers which sources were imported.
type ImportLedger interface {
	Imported(ctx context.Context, source string) (bool, error)
	MarkImported(ctx context.Context, source string) error
}

// AccountRows are the rows and the state each is in.
type AccountRows interface {
	Rows(ctx context.Context) ([]Row, error)
	Insert(ctx context.Context, row Row) (id int64, err error)
	Update(ctx context.Context, row Row) error // all but the health and the totals
	SaveHealth(ctx context.Context, id int64, health Health) error
	Delete(ctx context.Context, id int64) error
}

// SecretJournal names every item that was ever written to the vault and not yet removed. The vault cannot list its items, so an item
// that is not in the journal could never be found again.
type SecretJournal interface {
	Journal(ctx context.Context) ([]Slot, error)
	Enter(ctx context.Context, slot Slot) error // a slot that is there already is replaced
	Strike(ctx context.Context, slot Slot) error
}

// Vault keeps secrets by name. Get of a name that is not there fails with ErrNoSecret.
type Vault interface {
	Get(ctx context.Context, name string) (secret.String, error)
	Set(ctx context.Context, name string, item secret.String) error
	Delete(ctx context.Context, name string) error
}

// ErrNoSecret says that the vault has no item of that name.
var ErrNoSecret = errors.New("the vault has no such secret")

// errVault marks what failed because the vault is out of reach.
var errVault = errors.New("the vault cannot be reached")

// State is where a row is on its way in or out.
type State string

// The states. Adding and Deleting rows are unfinished business: the repair at start finishes them.
const (
	Adding   State = "adding"
	Active   State = "active"
	Deleting State = "deleting"
)

// Row is an account with what the store needs besides.
type Row struct {
	Account
	State          State
	Tag            string // names the account in the vault; random, so that no other account ever had it, whatever becomes of the database
	RefreshVersion int    // of the refresh token in use
	ClientVersion  int    // of the client secret in use
	MovedOut       bool   // its tokens were moved to another machine, and must not be traded here
}
