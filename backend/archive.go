package backend

import (
	"context"
	"log/slog"
	"time"

	"amq2api/backend/settings"
	"amq2api/backend/store"
)

// archiveTimeout bounds how long an answer waits for the disk.
const archiveTimeout = 2 * time.Second

// responseArchive keeps encoded responses in the database. What the disk does not take is in memory still.
type responseArchive struct {
	kept *store.Responses
	log  *slog.Logger
}

func (a responseArchive) Load(id string) ([]byte, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), archiveTimeout)
	defer cancel()
	body, found, err := a.kept.Load(ctx, id, time.Now())
	a.complain(err)
	return body, found
}

func (a responseArchive) Save(id string, encoded []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), archiveTimeout)
	defer cancel()
	now := time.Now()
	a.complain(a.kept.Save(ctx, id, encoded, now, now.Add(responsesKeep)))
}

func (a responseArchive) Delete(id string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), archiveTimeout)
	defer cancel()
	found, err := a.kept.Delete(ctx, id)
	a.complain(err)
	return found
}

func (a responseArchive) complain(err error) {
	if err != nil {
		a.log.Warn("the stored responses could not be reached", "err", err)
	}
}

// forgetResponses empties the table when responses are no longer to be on disk.
func (b *Backend) forgetResponses(changed settings.Settings) {
	if changed.KeepResponses {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), archiveTimeout)
	defer cancel()
	responseArchive{b.database.Responses(), b.log}.complain(b.database.Responses().Clear(ctx))
}
