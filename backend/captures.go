package backend

import (
	"amq2api/backend/admin"
	"amq2api/backend/capture"
)

// captures is the shelf as the admin API sees it.
type captures struct{ *capture.Shelf }

func (c captures) Start(minutes int) (admin.Capture, error) {
	entry, err := c.Shelf.Start(minutes)
	return showCapture(entry), err
}

func (c captures) List() ([]admin.Capture, error) {
	entries, err := c.Shelf.List()
	shown := make([]admin.Capture, 0, len(entries))
	for _, entry := range entries {
		shown = append(shown, showCapture(entry))
	}
	return shown, err
}

func showCapture(e capture.Entry) admin.Capture {
	shown := admin.Capture{Name: e.Name, State: string(e.State), Exchanges: e.Exchanges, Bytes: e.Bytes, At: e.At}
	if !e.Until.IsZero() {
		until := e.Until.UTC()
		shown.Until = &until
	}
	return shown
}
