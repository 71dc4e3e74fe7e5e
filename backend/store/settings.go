package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"amq2api/backend/settings"
)

// Settings is what the user chose.
type Settings struct{ db *DB }

// Load answers with the settings; what was never saved has its default.
func (s *Settings) Load(ctx context.Context) (settings.Settings, error) {
	chosen := settings.Defaults()
	var text []byte
	err := s.db.read.QueryRowContext(ctx, `SELECT chosen FROM settings WHERE id = 1`).Scan(&text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return chosen, nil
	case err != nil:
		return settings.Settings{}, explain(err)
	}
	if err := json.Unmarshal(text, &chosen); err != nil {
		return settings.Settings{}, fmt.Errorf("decode the settings: %w", err)
	}
	return chosen, nil
}

// Save replaces the settings.
func (s *Settings) Save(ctx context.Context, chosen settings.Settings) error {
	text, err := json.Marshal(chosen)
	if err != nil {
		return fmt.Errorf("encode the settings: %w", err)
	}
	return s.db.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO settings (id, chosen) VALUES (1, ?)`, string(text))
		return err
	})
}
