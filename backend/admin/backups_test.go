package admin

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"amq2api/backend/fault"
)

// stubData has one backup.
type stubData struct {
	staged string
	gone   bool
	letGo  bool
}

const theBackup = "20260310T120000.000Z-manual.db"

var backedUp = Backup{Name: theBackup, Reason: "manual", At: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), Bytes: 5}

func (s *stubData) State() DataState { return DataState{SafeMode: !s.letGo, Restore: s.staged} }

func (s *stubData) List() (Backups, error) {
	return Backups{Folder: "backups", Backups: []Backup{backedUp}, Restore: s.staged}, nil
}

func (s *stubData) Make(context.Context) (Backup, error) { return backedUp, nil }

func (s *stubData) find(name string) error {
	if name != theBackup || s.gone {
		return fault.New(fault.NotFound, "There is no backup named %.80q.", name)
	}
	return nil
}

type closing struct{ *bytes.Reader }

func (closing) Close() error { return nil }

func (s *stubData) Open(name string) (io.ReadSeekCloser, error) {
	return closing{bytes.NewReader([]byte("bytes"))}, s.find(name)
}

func (s *stubData) Remove(name string) error {
	err := s.find(name)
	s.gone = true
	return err
}

func (s *stubData) Restore(_ context.Context, name string) error {
	s.staged = name
	return s.find(name)
}

func (s *stubData) CallOff(string) error {
	s.staged = ""
	return nil
}

func (s *stubData) LetGo() error {
	s.letGo = true
	return nil
}

func TestBackupsAreMadeFetchedRestoredAndDeleted(t *testing.T) {
	o := openOffice(t)
	fetched := o.asOwner(http.MethodGet, "/admin/backups/"+theBackup, "")
	if fetched.Code != http.StatusOK || fetched.Body.String() != "bytes" || fetched.Header().Get("Content-Disposition") != `attachment; filename="`+theBackup+`"` {
		t.Errorf("a download answers %d %q, %v", fetched.Code, fetched.Body, fetched.Header())
	}
	missing := "/admin/backups/" + "20990310T120000.000Z-manual.db"
	o.play(t, []step{
		{"GET", "/admin/backups", "", 200, []string{`"name":"` + theBackup + `"`, `"reason":"manual"`, `"restore":""`}, nil},
		{"POST", "/admin/backups", "", 201, []string{`"bytes":5`}, nil},
		{"GET", missing, "", 404, []string{"There is no backup"}, nil},
		{"POST", "/admin/backups/" + theBackup + "/restore", "", 202, []string{"when AMQ2API starts next"}, nil},
		{"GET", "/admin/state", "", 200, []string{`"safe_mode":true`, `"restore":"` + theBackup}, nil},
		{"DELETE", "/admin/backups/" + theBackup + "/restore", "", 204, nil, nil},
		{"DELETE", "/admin/state/damage", "", 204, nil, nil},
		{"GET", "/admin/state", "", 200, []string{`"safe_mode":false`, `"restore":""`}, nil},
		{"DELETE", "/admin/backups/" + theBackup, "", 204, nil, nil},
		{"DELETE", "/admin/backups/" + theBackup, "", 404, nil, nil},
	})
	read := o.asOwner(http.MethodGet, "/admin/backups/"+theBackup, "")
	if read.Code != http.StatusNotFound || read.Header().Get("Content-Disposition") != "" {
		t.Errorf("a backup that is gone answers %d, %v", read.Code, read.Header())
	}
}
