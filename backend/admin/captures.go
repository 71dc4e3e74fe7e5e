package admin

import "net/http"

// Captures are conversations kept with every byte, for a replay.
type Captures interface {
	Running() bool
	Start(minutes int) (Capture, error)
	Stop()
	List() ([]Capture, error)
	Read(name string) ([]byte, error)
	Remove(name string) error
}

// captureMinutes is how long a capture waits and lasts, unless asked for otherwise.
const captureMinutes = 10

func (d *desk) listCaptures(w http.ResponseWriter, r *http.Request) {
	list, err := d.Captures.List()
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, list)
}

func (d *desk) startCapture(w http.ResponseWriter, r *http.Request) {
	body := CaptureStart{Minutes: captureMinutes}
	if f := readOptional(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	started, err := d.Captures.Start(body.Minutes)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusCreated, started)
}

func (d *desk) stopCapture(w http.ResponseWriter, r *http.Request) {
	d.Captures.Stop()
	d.listCaptures(w, r)
}

// readCapture answers with the file itself.
func (d *desk) readCapture(w http.ResponseWriter, r *http.Request) {
	text, err := d.Captures.Read(r.PathValue("name"))
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", "attachment; filename=\""+r.PathValue("name")+"\"")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text)
}

func (d *desk) removeCapture(w http.ResponseWriter, r *http.Request) {
	if err := d.Captures.Remove(r.PathValue("name")); err != nil {
		d.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
