package account_test

import (
	"context"
	"fmt"

	"amq2api/backend/account"
)

// turns is a long row of operations that can follow each other from here, and that the sign-ins of the job suffice for.
func (v *victim) turns() []string {
	var turns []string
	if _, there := v.find(context.Background(), spareName); there {
		turns = append(turns, operationRemove)
	}
	for range 30 {
		turns = append(turns, operationAdd, operationRotate, operationEdit, operationRemove)
	}
	return turns
}

// prepare sees to the accounts that the operation begins with, so that it always comes by the same points.
func (v *victim) prepare(ctx context.Context) error {
	if err := v.prepareKept(ctx); err != nil {
		return err
	}
	spare, there := v.find(ctx, spareName)
	switch {
	case there && v.job.Operation != operationRemove:
		return v.roster.Remove(ctx, spare)
	case !there && v.job.Operation == operationRemove:
		return v.addUsed(ctx, spareName)
	default:
		return nil
	}
}

// operate runs one operation with the trap armed.
func (v *victim) operate(ctx context.Context, operation string) error {
	act, err := v.act(ctx, operation)
	if err != nil {
		return err
	}
	if err := v.say.Encode(word{Begun: operation}); err != nil {
		return err
	}
	v.trap.arm(operation, v.job.Point)
	if err := act(); err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return v.say.Encode(word{Done: operation, Points: v.trap.disarm()})
}

// act is an operation that can begin at once.
func (v *victim) act(ctx context.Context, operation string) (func() error, error) {
	kept, _ := v.find(ctx, keptName)
	spare, _ := v.find(ctx, spareName)
	switch operation {
	case operationAdd:
		return func() error { return v.add(ctx, spareName) }, nil
	case operationRemove:
		return func() error { return v.roster.Remove(ctx, spare) }, nil
	case operationEdit:
		signed := v.signIn()
		secrets := signed.secrets()
		edit := account.Edit{ClientID: &signed.Client, RefreshToken: &secrets.RefreshToken, ClientSecret: &secrets.ClientSecret}
		return func() error { _, err := v.roster.Update(ctx, kept, edit); return err }, nil
	case operationRotate:
		lease, err := v.roster.Pool().Lease(ctx, account.Want{})
		if err != nil {
			return nil, err
		}
		if _, err := lease.Credential(ctx); err != nil {
			return nil, err
		}
		return func() error { err := lease.Renew(ctx); lease.Done(err); return err }, nil
	default:
		return nil, fmt.Errorf("there is no operation %q", operation)
	}
}

func (v *victim) add(ctx context.Context, name string) error {
	signed, most := v.signIn(), 1_000_000
	_, err := v.roster.Add(ctx, account.Draft{Name: name, ClientID: signed.Client, Secrets: signed.secrets(), Source: "api", Pace: account.EnvelopeEdit{RequestsPerMinute: &most}})
	return err
}

// prepareKept adds the account that stays, again if it must sign in again.
func (v *victim) prepareKept(ctx context.Context) error {
	if id, there := v.find(ctx, keptName); there {
		view, err := v.roster.Get(ctx, id)
		if err != nil || view.Health.Status == account.Ready {
			return err
		}
		if err := v.roster.Remove(ctx, id); err != nil {
			return err
		}
	}
	return v.add(ctx, keptName)
}

// addUsed adds an account that has renewed its token once, so that there is one before the newest.
func (v *victim) addUsed(ctx context.Context, name string) error {
	if err := v.add(ctx, name); err != nil {
		return err
	}
	id, _ := v.find(ctx, name)
	_, err := v.roster.Check(ctx, id)
	return err
}

// signIn takes the next sign-in of the job.
func (v *victim) signIn() signIn {
	next := v.job.SignIns[0]
	v.job.SignIns = v.job.SignIns[1:]
	return next
}

func (v *victim) find(ctx context.Context, name string) (int64, bool) {
	views, err := v.roster.List(ctx)
	if err != nil {
		return 0, false
	}
	for _, view := range views {
		if view.Name == name {
			return view.ID, true
		}
	}
	return 0, false
}
