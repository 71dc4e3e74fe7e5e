package account_test

import (
	"context"

	"amq2api/backend/account"
)

// shaky is a store whose calls fail as fate wills.
type shaky struct {
	account.Store
	fate *fate
}

func (s shaky) Rows(ctx context.Context) (rows []account.Row, err error) {
	err = s.fate.do(func() (err error) { rows, err = s.Store.Rows(ctx); return err })
	return rows, err
}

func (s shaky) Insert(ctx context.Context, row account.Row) (id int64, err error) {
	err = s.fate.do(func() (err error) { id, err = s.Store.Insert(ctx, row); return err })
	return id, err
}

func (s shaky) Update(ctx context.Context, row account.Row) error {
	return s.fate.do(func() error { return s.Store.Update(ctx, row) })
}

func (s shaky) SaveHealth(ctx context.Context, id int64, health account.Health) error {
	return s.fate.do(func() error { return s.Store.SaveHealth(ctx, id, health) })
}

func (s shaky) Delete(ctx context.Context, id int64) error {
	return s.fate.do(func() error { return s.Store.Delete(ctx, id) })
}

func (s shaky) Journal(ctx context.Context) (slots []account.Slot, err error) {
	err = s.fate.do(func() (err error) { slots, err = s.Store.Journal(ctx); return err })
	return slots, err
}

func (s shaky) Enter(ctx context.Context, slot account.Slot) error {
	return s.fate.do(func() error { return s.Store.Enter(ctx, slot) })
}

func (s shaky) Strike(ctx context.Context, slot account.Slot) error {
	return s.fate.do(func() error { return s.Store.Strike(ctx, slot) })
}

func (s shaky) SaveSpending(ctx context.Context, id int64, day int64, credits float64) error {
	return s.fate.do(func() error { return s.Store.SaveSpending(ctx, id, day, credits) })
}

func (s shaky) Imported(ctx context.Context, source string) (before bool, err error) {
	err = s.fate.do(func() (err error) { before, err = s.Store.Imported(ctx, source); return err })
	return before, err
}

func (s shaky) MarkImported(ctx context.Context, source string) error {
	return s.fate.do(func() error { return s.Store.MarkImported(ctx, source) })
}
