package bulk

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"amq2api/backend/fault"
)

// parseTable reads a table whose first row names the columns, with quotes as in RFC 4180.
func parseTable(text string) ([]entry, error) {
	columns, separator := header(text)
	if columns == nil {
		return nil, unknownForm()
	}
	reader := tableReader(text, separator)
	_, _ = reader.Read() // the header, which could be read before
	var entries []entry
	for {
		cells, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return entries, nil
		case err == nil && blank(cells):
			continue
		case len(entries) == maxRows:
			return nil, tooManyRows()
		}
		entries = append(entries, tableEntry(columns, cells, err))
	}
}

// header finds the separator that makes the most of the first row; without a column for the token this is no table of accounts.
func header(text string) (columns []string, separator rune) {
	most := 0
	for _, candidate := range ",;\t" {
		cells, err := tableReader(text, candidate).Read()
		if err != nil {
			continue
		}
		known, token := 0, false
		for _, cell := range cells {
			m, apt := spelled(cell)
			if apt != unknown {
				known++
			}
			token = token || m == memberRefreshToken || m == memberAPIKey
		}
		if token && known > most {
			most, columns, separator = known, cells, candidate
		}
	}
	return columns, separator
}

func tableReader(text string, separator rune) *csv.Reader {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = separator
	reader.FieldsPerRecord = -1
	return reader
}

// tableEntry never looks into a row that is out of line with the header: a secret could stand anywhere in it.
func tableEntry(columns, cells []string, err error) entry {
	switch {
	case err != nil:
		return entry{broken: invalid("text", "A quotation mark is in the wrong place here. Put the cell in quotes, and double each quote inside.").Saying(fault.Said{Code: fault.RowQuotation})}
	case len(cells) > len(columns) && !blank(cells[len(columns):]):
		return entry{broken: invalid("text", "This row has more cells than the first row. Put cells in quotes that have the separator in them.").Saying(fault.Said{Code: fault.RowCells})}
	}
	var e entry
	for i, name := range columns[:min(len(columns), len(cells))] {
		e.add(name, value{form: formText, text: cells[i]})
	}
	return e
}

func blank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}
