package admin

import (
	"bytes"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// pagePath is where the dashboard lives in a browser.
const pagePath = "/admin/dashboard/"

func redirectToPage(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, pagePath, http.StatusFound)
}

// page serves the built page. Its files carry a hash in their names and may be kept; index.html may not.
func (d *desk) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, pagePath)
	if name == "" {
		name = "index.html"
	}
	var file []byte
	err := fs.ErrNotExist
	if d.Page != nil {
		file, err = fs.ReadFile(d.Page, name)
	}
	if err != nil {
		missingPage(w, name)
		return
	}
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(file))
}

func missingPage(w http.ResponseWriter, name string) {
	if name != "index.html" {
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	http.Error(w, "This program was built without its page. Build it with `make build`, or use the admin API.", http.StatusNotFound)
}
