package admin

import (
	"encoding/csv"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// wantsCSV reports whether a route that speaks JSON is asked for a table: by the end of its path, or by what the caller accepts.
func wantsCSV(r *http.Request) bool {
	if strings.HasSuffix(r.URL.Path, ".csv") {
		return true
	}
	for accepted := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		if kind, _, err := mime.ParseMediaType(accepted); err == nil && kind == "text/csv" {
			return true
		}
	}
	return false
}

// table is a CSV answer on its way. It is written as it goes; nothing is held back but a buffer.
type table struct {
	csv *csv.Writer
	log *slog.Logger
}

func (d *desk) beginTable(w http.ResponseWriter, name string) *table {
	header := w.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "amq2api-" + name + "-" + d.Now().Format(time.DateOnly) + ".csv"}))
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return &table{csv.NewWriter(w), d.Log}
}

// line writes a line. It reports whether anybody still reads.
func (t *table) line(cells ...string) bool {
	for i, cell := range cells {
		cells[i] = harmless(cell)
	}
	return t.csv.Write(cells) == nil
}

// end writes what is left. A table that broke off says so in its last line: its status was sent long ago.
func (t *table) end(cause error) {
	if cause != nil {
		t.log.Warn("an export broke off", "err", cause)
		t.line("This table is not complete: the rest could not be read.")
	}
	t.csv.Flush()
}

// harmless keeps a spreadsheet from taking a text for a formula: what begins like one gets an apostrophe in front. Spreadsheets also know the wide
// forms of the signs, and pass over white space before them.
func harmless(cell string) string {
	begins := strings.TrimLeft(cell, " \u00a0\u3000")
	if begins != "" && strings.ContainsAny(string([]rune(begins[:min(len(begins), 4)])[0]), "=+-@\t\r\n＝＋－＠") {
		return "'" + cell
	}
	return cell
}

func number(value *int64) string {
	if value == nil {
		return ""
	}
	return strconv.FormatInt(*value, 10)
}

func dollars(value *float64) string {
	if value == nil {
		return ""
	}
	return strconv.FormatFloat(*value, 'f', 6, 64)
}

func instant(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.Format(time.RFC3339)
}
