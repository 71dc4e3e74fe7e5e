package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// Texts that clients choose are cut to these lengths, in bytes.
const (
	maxName    = 200
	maxMessage = 1000
)

// Usage is the record of requests.
type Usage struct{ db *DB }

// InsertBatch adds records, and the totals that follow from them, all or nothing. A gap becomes a row of its own.
func (s *Usage) InsertBatch(ctx context.Context, records []*usage.Record, gap usage.Gap) error {
	rows := records
	if gap.Count > 0 {
		rows = append(slices.Clone(records), gapRecord(gap))
	}
	return s.db.change(ctx, func(tx *sql.Tx) error {
		if err := insertRequests(ctx, tx, rows); err != nil {
			return err
		}
		if err := insertGap(ctx, tx, gap); err != nil {
			return err
		}
		if err := rollUp(records, s.db.zone).write(ctx, tx); err != nil {
			return err
		}
		return sum(records).add(ctx, tx)
	})
}

// gapRecord is how a gap appears in the list of requests.
func gapRecord(gap usage.Gap) *usage.Record {
	return &usage.Record{
		ID: fmt.Sprintf("gap-%d-%d", gap.From.UnixMilli(), gap.To.UnixMilli()), At: gap.To, Fault: usage.Lost,
		Message: fmt.Sprintf("%d requests from %s to %s UTC were not recorded.", gap.Count, gap.From.UTC().Format(time.TimeOnly), gap.To.UTC().Format(time.TimeOnly)),
	}
}

func insertRequests(ctx context.Context, tx *sql.Tx, records []*usage.Record) error {
	statement, err := tx.PrepareContext(ctx, `
		INSERT INTO requests (id, at, key_id, key_name, client, dialect, model_asked, model_used, streaming, status, fault, message, attempts,
		                      input_tokens, output_tokens, cache_read, cache_write, source, first_event_us, duration_us, account_id, account, bytes_in, bytes_out)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	for _, r := range records {
		attempts, err := json.Marshal(r.Attempts)
		if err != nil {
			return fmt.Errorf("encode the attempts of a request: %w", err)
		}
		served, _ := r.Served()
		_, err = statement.ExecContext(ctx, clip(r.ID, maxName), r.At.UnixMilli(), r.KeyID, r.KeyName, clip(r.Client, maxName), r.Dialect,
			clip(r.ModelAsked, maxName), clip(r.ModelUsed, maxName), r.Streaming, r.Status, r.Fault, clip(r.Message, maxMessage), string(attempts),
			r.Usage.Input, r.Usage.Output, r.Usage.CacheRead, r.Usage.CacheWrite, r.Usage.Source, r.FirstEvent.Microseconds(), r.Duration.Microseconds(),
			served.AccountID, clip(served.Account, maxName), r.BytesIn, r.BytesOut)
		if err != nil {
			return err
		}
	}
	return nil
}

// clip cuts a text to at most limit bytes of valid UTF-8.
func clip(text string, limit int) string {
	return strings.ToValidUTF8(text[:min(len(text), limit)], "")
}

const requestsWith = `
	SELECT id, at, key_id, key_name, client, dialect, model_asked, model_used, streaming, status, fault, message, attempts,
	       input_tokens, output_tokens, cache_read, cache_write, source, first_event_us, duration_us, bytes_in, bytes_out
	FROM requests `

// Request is one request, and false if it is not on record.
func (s *Usage) Request(ctx context.Context, id string) (usage.Record, bool, error) {
	found, err := list(ctx, s.db.read, scanRequest, requestsWith+`WHERE id = ? ORDER BY seq DESC LIMIT 1`, id)
	if err != nil || len(found) == 0 {
		return usage.Record{}, false, err
	}
	return found[0], true, nil
}

func scanRequest(row *sql.Rows) (r usage.Record, err error) {
	var at, firstEvent, duration int64
	var attempts []byte
	var source uint8
	err = row.Scan(&r.ID, &at, &r.KeyID, &r.KeyName, &r.Client, &r.Dialect, &r.ModelAsked, &r.ModelUsed, &r.Streaming, &r.Status, &r.Fault, &r.Message,
		&attempts, &r.Usage.Input, &r.Usage.Output, &r.Usage.CacheRead, &r.Usage.CacheWrite, &source, &firstEvent, &duration, &r.BytesIn, &r.BytesOut)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(attempts, &r.Attempts); err != nil {
		return r, fmt.Errorf("decode the attempts of request %s: %w", r.ID, err)
	}
	r.At, r.Usage.Source = time.UnixMilli(at).UTC(), chat.Source(min(source, uint8(chat.Estimated)))
	r.FirstEvent, r.Duration = time.Duration(firstEvent)*time.Microsecond, time.Duration(duration)*time.Microsecond
	return r, nil
}
