package store

import (
	"context"
	"database/sql"
	"errors"
)

// maxDiagnoses is how many are kept, the latest.
const maxDiagnoses = 200

// Diagnoses is what was found out about requests that failed, encoded.
type Diagnoses struct{ db *DB }

// Diagnoses is the table of diagnoses.
func (d *DB) Diagnoses() *Diagnoses { return &Diagnoses{d} }

// Save keeps a request's diagnosis, and forgets the oldest when there are too many.
func (s *Diagnoses) Save(ctx context.Context, requestID string, found []byte) error {
	return s.db.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO diagnoses (request_id, found) VALUES (?, ?)`, requestID, string(found)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM diagnoses WHERE seq <= (SELECT max(seq) FROM diagnoses) - ?`, maxDiagnoses)
		return err
	})
}

// Load finds a request's diagnosis, and false if there is none.
func (s *Diagnoses) Load(ctx context.Context, requestID string) (found []byte, known bool, err error) {
	err = s.db.read.QueryRowContext(ctx, `SELECT found FROM diagnoses WHERE request_id = ?`, requestID).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return found, err == nil, explain(err)
}
