package admin

import (
	"context"
	"net/http"
)

// Imports brings accounts in that exist somewhere else, and out again.
type Imports interface {
	Finds(ctx context.Context) []Find
	Take(ctx context.Context, ids []string) []BulkRow
	Bulk(ctx context.Context, wanted BulkStart) ([]BulkRow, error)
	Export(ctx context.Context, wanted ExportStart) (Export, error)
}

func (d *desk) listFinds(w http.ResponseWriter, r *http.Request) {
	d.answer(w, http.StatusOK, d.Imports.Finds(r.Context()))
}

func (d *desk) takeFinds(w http.ResponseWriter, r *http.Request) {
	var body ImportStart
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	d.answer(w, http.StatusOK, d.Imports.Take(r.Context(), body.IDs))
}

func (d *desk) bulk(w http.ResponseWriter, r *http.Request) {
	var body BulkStart
	if f := readUpTo(r, maxBulk, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	rows, err := d.Imports.Bulk(r.Context(), body)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, rows)
}

func (d *desk) export(w http.ResponseWriter, r *http.Request) {
	var body ExportStart
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	export, err := d.Imports.Export(r.Context(), body)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, export)
}
