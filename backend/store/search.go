package store

import (
	"cmp"
	"context"
	"database/sql"
	"strings"
	"time"

	"amq2api/backend/usage"
)

func compareSums(a, b usage.Sum) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.KeyID, b.KeyID), cmp.Compare(a.AccountID, b.AccountID),
		cmp.Compare(a.Model, b.Model), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Dialect, b.Dialect), cmp.Compare(a.Fault, b.Fault))
}

// conditions are a filter as SQL, each beginning with AND, and their arguments.
func conditions(f usage.Filter, models ...string) (sql string, args []any) {
	var where strings.Builder
	for _, list := range []struct {
		columns []string
		values  []any
	}{
		{[]string{"key_id"}, anyOf(f.Keys)}, {[]string{"account_id"}, anyOf(f.Accounts)}, {[]string{"client"}, anyOf(f.Clients)},
		{[]string{"dialect"}, anyOf(f.Dialects)}, {models, anyOf(f.Models)},
	} {
		if len(list.values) == 0 {
			continue
		}
		in := oneOf(len(list.values))
		where.WriteString(` AND (` + strings.Join(list.columns, in+` OR `) + in + `)`)
		for range list.columns {
			args = append(args, list.values...)
		}
	}
	ends := make([]string, 0, len(f.Classes)+1)
	for _, class := range f.Classes {
		ends = append(ends, ended(class))
	}
	if len(f.Faults) > 0 {
		ends, args = append(ends, `fault`+oneOf(len(f.Faults))), append(args, anyOf(f.Faults)...)
	}
	if len(ends) > 0 {
		where.WriteString(` AND (` + strings.Join(ends, ` OR `) + `)`)
	}
	return where.String(), args
}

// oneOf is the right side of a comparison with so many values.
func oneOf(count int) string { return ` IN (?` + strings.Repeat(`, ?`, count-1) + `)` }

func anyOf[T any](values []T) []any {
	boxed := make([]any, 0, len(values))
	for _, value := range values {
		boxed = append(boxed, value)
	}
	return boxed
}

// ended is a class as SQL. One there is not has no requests.
func ended(class usage.Class) string {
	switch class {
	case usage.Succeeded:
		return `fault = ''`
	case usage.Failed:
		return `fault NOT IN ('', 'canceled', '` + usage.Lost + `')`
	case usage.Canceled:
		return `fault = 'canceled'`
	case "2xx", "3xx", "4xx", "5xx":
		return `status / 100 = ` + string(class[:1])
	default:
		return `0`
	}
}

// narrow is the longest time that is searched by its index. For a longer one, the order of the list is the better way in.
const narrow = 48 * time.Hour

// Requests is the requests that a search finds, in the reverse of the order in which they ended.
func (s *Usage) Requests(ctx context.Context, search usage.Search) ([]usage.Record, error) {
	query, args := searching(search)
	return list(ctx, s.db.read, scanRequest, query, args...)
}

// Names are what keys and accounts were last called.
func (s *Usage) Names(ctx context.Context) (usage.Names, error) {
	names := usage.Names{Keys: map[int64]string{}, Accounts: map[int64]string{}}
	scan := func(row *sql.Rows) (none struct{}, err error) {
		var kind, name string
		var id int64
		if err = row.Scan(&kind, &id, &name); kind == "key" {
			names.Keys[id] = name
		} else {
			names.Accounts[id] = name
		}
		return none, err
	}
	_, err := list(ctx, s.db.read, scan, `SELECT kind, id, name FROM usage_names`)
	return names, err
}

// Tries are how attempts with accounts ended, in the hours that begin from a time on and before another.
func (s *Usage) Tries(ctx context.Context, from, to time.Time) ([]usage.Tries, error) {
	scan := func(row *sql.Rows) (t usage.Tries, err error) { return t, row.Scan(&t.AccountID, &t.Fault, &t.Count) }
	const tried = `SELECT account_id, fault, sum(tries) FROM tries WHERE at >= ? AND at < ? GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2`
	return list(ctx, s.db.read, scan, tried, startOfHour(from), to.UnixMilli())
}

func searching(search usage.Search) (string, []any) {
	query, args := requestsWith+`WHERE 1`, []any(nil)
	if search.Before != "" {
		query, args = query+` AND seq < (SELECT max(seq) FROM requests WHERE id = ?)`, append(args, search.Before)
	}
	at := `+at` // the sign keeps the index out of it
	if !search.From.IsZero() && !search.To.IsZero() && search.To.Sub(search.From) <= narrow {
		at = `at`
	}
	if !search.From.IsZero() {
		query, args = query+` AND `+at+` >= ?`, append(args, search.From.UnixMilli())
	}
	if !search.To.IsZero() {
		query, args = query+` AND `+at+` < ?`, append(args, search.To.UnixMilli())
	}
	where, more := conditions(search.Filter, "model_used", "model_asked")
	query, args = query+where, append(args, more...)
	for _, word := range strings.Fields(search.Text) {
		const texts = `id || char(10) || message || char(10) || model_asked || char(10) || model_used || char(10) || client || char(10) || dialect || char(10) || key_name || char(10) || account || char(10) || fault || char(10) || status`
		query, args = query+` AND (`+texts+`) LIKE ? ESCAPE '\'`, append(args, `%`+escapeLike(word)+`%`)
	}
	return query + ` ORDER BY seq DESC LIMIT ?`, append(args, search.Limit)
}

// escapeLike makes the signs that LIKE reads stand for themselves.
func escapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
