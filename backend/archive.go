package backend

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"amq2api/backend/settings"
	"amq2api/backend/store"
)

// archiveTimeout bounds how long an answer waits for the disk.
const archiveTimeout = 2 * time.Second

// purgeEvery is how long a stored response may lie on disk beyond its time.
const purgeEvery = 5 * time.Minute

// responseArchive keeps encoded responses in the database. What the disk does not take is in memory still.
type responseArchive struct {
	kept *store.Responses
	log  *slog.Logger
}

func (a responseArchive) Load(id string) ([]byte, time.Time, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), archiveTimeout)
	defer cancel()
	body, until, found, err := a.kept.Load(ctx, id, time.Now())
	a.complain(err)
	return body, until, found
}

// purge drops responses whose time is over, until the program closes: nothing of them is to stay on disk because nobody came after them.
func (a responseArchive) purge(ctx context.Context) {
	for {
		a.complain(a.kept.Purge(ctx, time.Now()))
		select {
		case <-ctx.Done():
			return
		case <-time.After(purgeEvery):
		}
	}
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
	if err != nil && !errors.Is(err, context.Canceled) {
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
