package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Store keeps the accounts' rows.
type Store interface {
	AccountRows
	SecretJournal
	ImportLedger
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
	Enter(ctx context.Context, slot Slot) error
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
	RefreshVersion int // of the refresh token in use
	ClientVersion  int // of the client secret in use
}

// RosterConfig is what a Roster needs.
type RosterConfig struct {
	Store   Store
	Vault   Vault
	Renewer Renewer
	Now     func() time.Time
	Log     *slog.Logger
	Changed func() // called after every visible change; may be nil
}

// Renewer trades a refresh token for an access token.
type Renewer interface {
	Renew(ctx context.Context, a Account, s Secrets) (Tokens, error)
}

// Roster is the accounts as people edit them, and the keeper of their secrets. Its Pool is the accounts as the scheduler sees them.
type Roster struct {
	config  RosterConfig
	pool    *Pool
	editing sync.Mutex // one change to rows and secrets at a time
	rows    map[int64]Row
}

// OpenRoster finishes what a crash left unfinished and fills the pool.
func OpenRoster(ctx context.Context, config RosterConfig) (*Roster, error) {
	r := &Roster{config: config, rows: map[int64]Row{}}
	r.pool = NewPool(PoolConfig{Keeper: r, Now: config.Now, Log: config.Log, Changed: config.Changed})
	if err := r.repair(ctx); err != nil {
		return nil, fmt.Errorf("repair the accounts: %w", err)
	}
	for _, row := range r.rows {
		r.pool.put(row.Account)
	}
	return r, nil
}

// Pool is the scheduler's view.
func (r *Roster) Pool() *Pool { return r.pool }

// View is an account with what it is doing right now.
type View struct {
	Account
	CurrentRPM int
	InFlight   int
}

// List is every account, in the order they were added.
func (r *Roster) List(ctx context.Context) ([]View, error) {
	rows, err := r.config.Store.Rows(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]View, 0, len(rows))
	for _, row := range rows {
		if view, present := r.pool.view(row); present {
			views = append(views, view)
		}
	}
	return views, nil
}

// Get is one account, or fault.NotFound.
func (r *Roster) Get(ctx context.Context, id int64) (View, error) {
	views, err := r.List(ctx)
	if err != nil {
		return View{}, err
	}
	for _, view := range views {
		if view.ID == id {
			return view, nil
		}
	}
	return View{}, unknown(id)
}

func unknown(id int64) *fault.Error {
	return fault.New(fault.NotFound, "There is no account with the id %d.", id)
}

// view joins what the store counts with what the pool knows.
func (p *Pool) view(row Row) (View, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, present := p.members[row.ID]
	if !present {
		return View{}, false
	}
	now := p.config.Now()
	m.recover(now)
	v := View{Account: m.account, CurrentRPM: m.rpm(now), InFlight: m.inFlight}
	v.Totals = row.Totals
	return v, true
}

// Add takes an account into the roster. It makes no call to the provider.
func (r *Roster) Add(ctx context.Context, draft Draft) (View, error) {
	row, secrets, err := draft.row(r.config.Now())
	if err != nil {
		return View{}, err
	}
	r.editing.Lock()
	defer r.editing.Unlock()
	if err := r.refuseDuplicate(ctx, 0, secrets.RefreshToken); err != nil {
		return View{}, err
	}
	if row.ID, err = r.config.Store.Insert(ctx, row); err != nil {
		return View{}, err
	}
	if err := r.store(ctx, row, secrets); err != nil {
		return View{}, errors.Join(err, r.undo(ctx, row))
	}
	row.State = Active
	if err := r.config.Store.Update(ctx, row); err != nil {
		return View{}, errors.Join(err, r.undo(ctx, row))
	}
	r.keepRow(row)
	return r.Get(ctx, row.ID)
}

// Import adds an account from a source that counts once: what the user deletes of it stays deleted. It reports whether it was added.
func (r *Roster) Import(ctx context.Context, draft Draft) (bool, error) {
	before, err := r.config.Store.Imported(ctx, draft.Source)
	if err != nil || before {
		return false, err
	}
	_, err = r.Add(ctx, draft)
	if err != nil && fault.Of(err).Kind != fault.Conflict {
		return false, err
	}
	return err == nil, r.config.Store.MarkImported(ctx, draft.Source)
}

// store writes a row's secrets into its slots.
func (r *Roster) store(ctx context.Context, row Row, secrets Secrets) error {
	if err := r.write(ctx, row.refreshSlot(), secrets.RefreshToken); err != nil {
		return err
	}
	return r.write(ctx, row.clientSlot(), secrets.ClientSecret)
}

// undo takes back a row that could not be added. What cannot be taken back now is at the next start.
func (r *Roster) undo(ctx context.Context, row Row) error {
	return r.erase(context.WithoutCancel(ctx), row)
}

// Update changes what the edit names. A new refresh token ends a need to sign in.
func (r *Roster) Update(ctx context.Context, id int64, edit Edit) (View, error) {
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[id]
	if !known {
		return View{}, unknown(id)
	}
	if err := edit.apply(&row, r.config.Now()); err != nil {
		return View{}, err
	}
	if err := r.replaceSecrets(ctx, &row, edit); err != nil {
		return View{}, err
	}
	if err := r.config.Store.Update(ctx, row); err != nil {
		return View{}, err
	}
	old := r.rows[id]
	r.keepRow(row)
	if edit.RefreshToken != nil || edit.ClientSecret != nil || edit.ClientID != nil {
		r.pool.renewed(id)
		r.discard(ctx, old, row)
	}
	return r.Get(ctx, id)
}

func (r *Roster) replaceSecrets(ctx context.Context, row *Row, edit Edit) error {
	if edit.RefreshToken != nil {
		if err := r.refuseDuplicate(ctx, row.ID, *edit.RefreshToken); err != nil {
			return err
		}
		row.RefreshVersion++
		if err := r.write(ctx, row.refreshSlot(), *edit.RefreshToken); err != nil {
			return err
		}
	}
	if edit.ClientSecret != nil {
		row.ClientVersion++
		return r.write(ctx, row.clientSlot(), *edit.ClientSecret)
	}
	return nil
}

// Remove takes an account and its secrets away. What the vault will not give up now is removed at the next start.
func (r *Roster) Remove(ctx context.Context, id int64) error {
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[id]
	if !known {
		return unknown(id)
	}
	row.State = Deleting
	if err := r.config.Store.Update(ctx, row); err != nil {
		return err
	}
	delete(r.rows, id)
	r.pool.drop(id)
	r.announce()
	if err := r.erase(context.WithoutCancel(ctx), row); err != nil {
		r.config.Log.Warn("an account's secrets could not be removed yet", "account", id, "err", err)
	}
	return nil
}

// Check renews the account's token now. The result is in the view's health; only an unknown account is an error.
func (r *Roster) Check(ctx context.Context, id int64) (View, error) {
	if err := r.pool.check(ctx, id); err != nil {
		return View{}, err
	}
	return r.Get(ctx, id)
}

// Clear ends a cool-down, an exhaustion, a suspension or a need to sign in by the user's word.
func (r *Roster) Clear(ctx context.Context, id int64) (View, error) {
	if !r.pool.clear(id) {
		return View{}, unknown(id)
	}
	return r.Get(ctx, id)
}

func (r *Roster) keepRow(row Row) {
	r.rows[row.ID] = row
	r.pool.put(row.Account)
	r.announce()
}

func (r *Roster) announce() {
	if r.config.Changed != nil {
		r.config.Changed()
	}
}
