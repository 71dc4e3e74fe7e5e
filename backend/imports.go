package backend

import (
	"context"
	"fmt"
	"slices"

	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/bulk"
	"amq2api/backend/donor"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// What becomes of a row or a find, as the admin API names it.
const (
	rowValid     = "valid"
	rowDuplicate = "duplicate"
	rowBroken    = "broken"
	rowAdded     = "added"
	rowFailed    = "failed"
)

// imports brings accounts in from other tools, from text and from other machines, and takes them out again.
type imports struct {
	roster *account.Roster
	finder *donor.Finder
}

// Finds is what other tools on this computer are signed in to.
func (i imports) Finds(ctx context.Context) []admin.Find {
	finds := i.finder.Find(ctx)
	shown := make([]admin.Find, 0, len(finds))
	for _, f := range finds {
		row := i.judge(ctx, f.Draft, f.Problem)
		one := admin.Find{
			ID: f.ID, Tool: f.Tool, Path: f.Path, Name: f.Draft.Name, Service: string(f.Draft.Service), Method: string(f.Draft.Method),
			StartURL: f.Draft.StartURL, SignInRegion: f.Draft.SignInRegion, State: row.State, Message: row.Message, Said: row.Said, Shares: f.Shares(),
		}
		if !f.ExpiresAt.IsZero() {
			at := f.ExpiresAt.UTC()
			one.ExpiresAt = &at
		}
		shown = append(shown, one)
	}
	return shown
}

// Take adds the finds with the given ids. What is found is read again: it may have changed since it was shown.
func (i imports) Take(ctx context.Context, ids []string) []admin.BulkRow {
	finds := i.finder.Find(ctx)
	rows := make([]admin.BulkRow, 0, len(ids))
	for _, id := range ids {
		at := slices.IndexFunc(finds, func(f donor.Find) bool { return f.ID == id })
		if at < 0 {
			rows = append(rows, admin.BulkRow{State: rowBroken, Message: "This is not there any more. Look again.", Said: &fault.Said{Code: fault.FindGone}})
			continue
		}
		rows = append(rows, i.add(ctx, finds[at].Draft, i.judge(ctx, finds[at].Draft, finds[at].Problem)))
	}
	return rows
}

// Bulk reads many accounts from text. Nothing is written unless it is asked for, and then only what is valid.
func (i imports) Bulk(ctx context.Context, wanted admin.BulkStart) ([]admin.BulkRow, error) {
	read, err := bulk.Read(wanted.Text, secret.New(wanted.Passphrase))
	if err != nil {
		return nil, err
	}
	rows := make([]admin.BulkRow, 0, len(read))
	for _, r := range read {
		row := i.judge(ctx, r.Draft, r.Problem)
		row.Row, row.Name = r.Number, r.Name
		if wanted.Write {
			row = i.add(ctx, r.Draft, row)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// judge says what would become of a draft.
func (i imports) judge(ctx context.Context, draft account.Draft, problem *fault.Error) admin.BulkRow {
	row := admin.BulkRow{Name: draft.Name, State: rowValid}
	if problem == nil {
		problem = fault.Of(draft.Check())
	}
	if problem != nil {
		row.State, row.Message, row.Field, row.Said = rowBroken, problem.Message, problem.Param, problem.Says().OrNil()
		if problem.Kind == fault.Conflict {
			row.State = rowDuplicate
		}
		return row
	}
	if name, held := i.roster.Holder(ctx, draft.Secrets.RefreshToken); held {
		row.State, row.Field = rowDuplicate, "refresh_token"
		row.Message = fmt.Sprintf("The account %q has this refresh token already.", name)
		row.Said = &fault.Said{Code: fault.RowTokenTaken, Name: name}
	}
	return row
}

// add writes a row that is valid.
func (i imports) add(ctx context.Context, draft account.Draft, row admin.BulkRow) admin.BulkRow {
	if row.State != rowValid {
		return row
	}
	view, err := i.roster.Add(ctx, draft)
	if f := fault.Of(err); f != nil {
		row.State, row.Message, row.Field, row.Said = rowFailed, f.Message, f.Param, f.Says().OrNil()
		return row
	}
	row.State, row.AccountID = rowAdded, view.ID
	return row
}

// Export seals accounts for another machine and signs them out here: two machines that share a rotating token lock each other out.
func (i imports) Export(ctx context.Context, wanted admin.ExportStart) (admin.Export, error) {
	if wanted.All == (len(wanted.IDs) > 0) {
		return admin.Export{}, &fault.Error{Kind: fault.Invalid, Param: "ids", Message: "Say which accounts to move out: their ids, or \"all\": true. They are signed out here."}
	}
	var export admin.Export
	err := i.roster.MoveOut(ctx, wanted.IDs, func(drafts []account.Draft) (err error) {
		if len(drafts) == 0 {
			return fault.New(fault.Invalid, "There is no account to export.")
		}
		export.Accounts = len(drafts)
		export.Text, err = bulk.Seal(drafts, secret.New(wanted.Passphrase))
		return err
	})
	return export, err
}
