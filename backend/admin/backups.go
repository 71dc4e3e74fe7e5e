package admin

import (
	"context"
	"io"
	"net/http"
	"time"
)

// DataCare looks after the database: its backups, and what became of it if it was damaged.
type DataCare interface {
	State() DataState
	List() (Backups, error)
	Make(ctx context.Context) (Backup, error)
	Open(name string) (io.ReadSeekCloser, error)
	Remove(name string) error
	Restore(ctx context.Context, name string) error // at the next start
	CallOff(name string) error                      // a restore that has not taken effect
	LetGo() error                                   // go on with the database that stands in for a damaged one
}

func (d *desk) listBackups(w http.ResponseWriter, r *http.Request) {
	list, err := d.Data.List()
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, list)
}

func (d *desk) makeBackup(w http.ResponseWriter, r *http.Request) {
	made, err := d.Data.Make(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusCreated, made)
}

// readBackup answers with the file itself.
func (d *desk) readBackup(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	file, err := d.Data.Open(name)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	defer func() { _ = file.Close() }() // it was only read
	w.Header().Set("Content-Type", "application/vnd.sqlite3")
	w.Header().Set("Content-Disposition", "attachment; filename=\""+name+"\"")
	w.Header().Set("Cache-Control", "no-store")
	http.ServeContent(w, r, name, time.Time{}, file)
}

func (d *desk) removeBackup(w http.ResponseWriter, r *http.Request) {
	if err := d.Data.Remove(r.PathValue("name")); err != nil {
		d.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// restoreBackup only takes the wish down: the program cannot swap a database that it has open.
func (d *desk) restoreBackup(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if err := d.Data.Restore(r.Context(), name); err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusAccepted, Restore{Name: name, Message: "It takes effect when AMQ2API starts next. A backup of what is there now is made first."})
}

func (d *desk) callOffRestore(w http.ResponseWriter, r *http.Request) {
	if err := d.Data.CallOff(r.PathValue("name")); err != nil {
		d.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (d *desk) letDamageGo(w http.ResponseWriter, r *http.Request) {
	if err := d.Data.LetGo(); err != nil {
		d.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
