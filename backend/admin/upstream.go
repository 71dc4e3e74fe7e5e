package admin

import (
	"context"
	"net/http"

	"amq2api/backend/secret"
)

// Upstream is the way to Amazon, through a proxy or not.
type Upstream interface {
	HasPassword() bool
	SetPassword(ctx context.Context, password secret.String) error // an empty one is forgotten
	// Try asks Amazon for any answer through a proxy, as in the settings; an empty password is the one that is kept.
	Try(ctx context.Context, proxy string, password secret.String) ProxyTrial
}

func (d *desk) getUpstreamProxy(w http.ResponseWriter, _ *http.Request) {
	d.answer(w, http.StatusOK, UpstreamProxy{URL: d.Settings.Current().UpstreamProxy, HasPassword: d.Upstream.HasPassword()})
}

func (d *desk) putProxyPassword(w http.ResponseWriter, r *http.Request) {
	var body ProxyPassword
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	if err := d.Upstream.SetPassword(r.Context(), secret.New(body.Password)); err != nil {
		d.refuse(w, r, err)
		return
	}
	d.getUpstreamProxy(w, r)
}

// tryProxy answers 200 also when the way is closed: the answer says where it ended.
func (d *desk) tryProxy(w http.ResponseWriter, r *http.Request) {
	body := UpstreamProxyTest{URL: d.Settings.Current().UpstreamProxy}
	if f := readOptional(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	tried := d.Settings.Current()
	tried.UpstreamProxy = body.URL
	if err := tried.Validate(); err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, d.Upstream.Try(r.Context(), body.URL, secret.New(body.Password)))
}
