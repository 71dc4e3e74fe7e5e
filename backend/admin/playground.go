package admin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amq2api/backend/access"
	"amq2api/backend/fault"
)

// Playground answers a request as a client of a dialect would send it, in that dialect. The zero key is nobody's: no scope, no limits.
type Playground interface {
	Play(w http.ResponseWriter, r *http.Request, dialect string, key access.Key)
}

// play hands a request on to where clients' requests go. What is refused here is refused in the admin API's form, without a request id; all
// else is said as a client hears it.
func (d *desk) play(w http.ResponseWriter, r *http.Request) {
	dialect := r.PathValue("dialect")
	if !slices.Contains(access.Dialects(), dialect) {
		d.refuse(w, r, fault.New(fault.NotFound, "The playground does not speak %.40q. It speaks %s.", dialect, strings.Join(access.Dialects(), ", ")))
		return
	}
	key, err := d.playsAs(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.Playground.Play(w, r, dialect, key)
}

// playsAs is the key that the query names, for its scope and limits; the zero key if it names none.
func (d *desk) playsAs(r *http.Request) (access.Key, error) {
	text := r.URL.Query().Get("key")
	if text == "" {
		return access.Key{}, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return access.Key{}, fault.New(fault.NotFound, "There is no API key %.20q.", text)
	}
	view, err := d.Keys.Get(r.Context(), id)
	if err != nil {
		return access.Key{}, err
	}
	if !view.Active || view.Expired(d.Now()) {
		return access.Key{}, fault.New(fault.Conflict, "The API key %q was revoked or has expired. Choose another one.", view.Name)
	}
	return view.Key, nil
}
