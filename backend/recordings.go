package backend

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"amq2api/backend/admin"
	"amq2api/backend/capture"
	"amq2api/backend/gateway"
)

// openRecorder has bodies recorded while the user wants it. They lie beside the database, so that no backup takes them along.
func (b *Backend) openRecorder() {
	b.recordings = capture.OpenRecorder(capture.RecordingConfig{
		Folder: filepath.Join(b.profile.Dir, "recorded"), Key: b.keyOf, Known: b.ownSecrets, Now: time.Now, Log: b.log, Changed: func() { b.announce("recording") },
	})
	b.inBackground("care of the recorded bodies", func(ctx context.Context) { b.recordings.Tend(ctx) })
}

// keyOf is the id of the key that a request may use; 0 if there is none.
func (b *Backend) keyOf(r *http.Request) int64 {
	token, err := gateway.Token(r.Header)
	if err != nil {
		return 0
	}
	key, err := b.keys.Identify(token)
	if err != nil {
		return 0
	}
	return key.ID
}

// ownSecrets are what the program knows itself by and nobody else can tell from words.
func (b *Backend) ownSecrets() []string {
	b.network.mu.Lock()
	defer b.network.mu.Unlock()
	return []string{b.token.Reveal(), b.network.password.Reveal()}
}

// recorder is the recorder as the admin API sees it.
type recorder struct{ *capture.Recorder }

func (r recorder) State() admin.Recording { return showRecorded(r.Recorder.State()) }

func (r recorder) Start(minutes int, key int64) (admin.Recording, error) {
	recorded, err := r.Recorder.Start(minutes, key)
	return showRecorded(recorded), err
}

func (r recorder) Read(id string) (admin.RequestBodies, error) {
	b, err := r.Recorder.Read(id)
	return admin.RequestBodies{
		ID: b.ID, At: b.At, DeletedAt: b.DeletedAt().UTC(), Request: b.Request, RequestCut: b.RequestCut, Answer: b.Answer, AnswerCut: b.AnswerCut, Redacted: b.Redacted,
	}, err
}

func showRecorded(r capture.Recorded) admin.Recording {
	shown := admin.Recording{On: r.On, KeyID: r.Key, Requests: r.Requests, Bytes: r.Bytes, Full: r.Full, Missed: r.Missed}
	if r.On {
		until := r.Until.UTC()
		shown.Until = &until
	}
	return shown
}
