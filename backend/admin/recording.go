package admin

import "net/http"

// Recordings are the bodies of requests, recorded for a time.
type Recordings interface {
	State() Recording
	Start(minutes int, key int64) (Recording, error) // key 0 is every key
	Stop() error
	Delete() error // ends it as well
	Read(id string) (RequestBodies, error)
}

// recordMinutes is how long bodies are recorded, unless asked for otherwise.
const recordMinutes = 15

func (d *desk) getRecording(w http.ResponseWriter, _ *http.Request) {
	d.answer(w, http.StatusOK, d.Recordings.State())
}

func (d *desk) startRecording(w http.ResponseWriter, r *http.Request) {
	body := RecordingStart{Minutes: recordMinutes}
	if f := readOptional(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	if body.Key != 0 {
		if _, err := d.Keys.Get(r.Context(), body.Key); err != nil {
			d.refuse(w, r, err)
			return
		}
	}
	started, err := d.Recordings.Start(body.Minutes, body.Key)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusCreated, started)
}

func (d *desk) stopRecording(w http.ResponseWriter, r *http.Request) {
	if err := d.Recordings.Stop(); err != nil {
		d.refuse(w, r, err)
		return
	}
	d.getRecording(w, r)
}

func (d *desk) deleteRecording(w http.ResponseWriter, r *http.Request) {
	if err := d.Recordings.Delete(); err != nil {
		d.refuse(w, r, err)
		return
	}
	d.getRecording(w, r)
}

func (d *desk) requestBodies(w http.ResponseWriter, r *http.Request) {
	bodies, err := d.Recordings.Read(r.PathValue("id"))
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	d.answer(w, http.StatusOK, bodies)
}
