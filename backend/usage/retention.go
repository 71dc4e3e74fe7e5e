package usage

import (
	"context"
	"log/slog"
	"time"
)

const (
	tidyEvery = time.Hour
	stepPause = 50 * time.Millisecond // in which others get at the store
)

// Shelf keeps records and their sums. Forgetting goes in short steps: more says whether there is another.
type Shelf interface {
	ForgetRows(ctx context.Context, before time.Time) (more bool, err error)
	ForgetSums(ctx context.Context, before time.Time) (more bool, err error)
}

// Retention forgets what is older than the user wants to keep.
type Retention struct {
	Shelf Shelf
	Days  func() (rows, sums int) // how long each is kept; 0 is for ever
	Now   func() time.Time
	Log   *slog.Logger
}

// Run tidies up now, and every hour until ctx is done. wake makes it do so at once, for days that were changed.
func (r Retention) Run(ctx context.Context, wake <-chan struct{}) {
	timer := time.NewTicker(tidyEvery)
	defer timer.Stop()
	for {
		if err := r.tidy(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("old usage could not be forgotten; it is tried again within the hour", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-wake:
		}
	}
}

func (r Retention) tidy(ctx context.Context) error {
	rows, sums := r.Days()
	if err := r.forget(ctx, r.Shelf.ForgetRows, rows); err != nil {
		return err
	}
	return r.forget(ctx, r.Shelf.ForgetSums, sums)
}

// forget takes step after step, with pauses.
func (r Retention) forget(ctx context.Context, step func(context.Context, time.Time) (bool, error), days int) error {
	if days == 0 {
		return nil
	}
	before := r.Now().AddDate(0, 0, -days)
	for {
		more, err := step(ctx, before)
		if err != nil || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(stepPause):
		}
	}
}
