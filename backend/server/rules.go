package server

import (
	"mime"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Reason is why the gate refused a request.
type Reason uint8

// The reasons, in the order they are looked for.
const (
	WrongTarget  Reason = iota // not a plain path
	WrongMethod                // one that no route has
	Remote                     // another computer's, where only this one may come
	WrongHost                  // a name that is not ours: a rebound one, or 0.0.0.0
	Upgrading                  // to another protocol
	Overriding                 // the method, by a header
	WrongOrigin                // a web page's
	WrongSite                  // what a browser says about where a request comes from
	WrongReferer               // a page that is not ours
	WrongContent               // a body that is not JSON
	reasons
)

// String is the reason's name in counters and logs.
func (r Reason) String() string {
	return [...]string{"target", "method", "remote", "host", "upgrade", "override", "origin", "site", "referer", "content"}[r]
}

// rule is one reason to refuse a request.
type rule struct {
	reason Reason
	broken func(*visit) bool
}

func rules() []rule {
	return []rule{
		{WrongTarget, (*visit).wrongTarget},
		{WrongMethod, (*visit).wrongMethod},
		{Remote, (*visit).remote},
		{WrongHost, (*visit).wrongHost},
		{Upgrading, (*visit).upgrading},
		{Overriding, (*visit).overriding},
		{WrongOrigin, (*visit).wrongOrigin},
		{WrongSite, (*visit).wrongSite},
		{WrongReferer, (*visit).wrongReferer},
		{WrongContent, (*visit).wrongContent},
	}
}

// visit is a request at the gate.
type visit struct {
	*http.Request
	names names
	admin bool
	port  string // the one it came in by
	ip    net.IP // the address it came in by, if that is not loopback; nil otherwise
}

func newVisit(r *http.Request, names names) *visit {
	v := &visit{Request: r, names: names}
	v.admin = r.URL.Path == "/admin" || r.URL.Path == "/metrics" || strings.HasPrefix(r.URL.Path, "/admin/")
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		v.port = strconv.Itoa(local.Port)
		if !local.IP.IsLoopback() {
			v.ip = local.IP
		}
	}
	return v
}

// pagePolicy is what the dashboard may load: itself.
const pagePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// protect tells a browser not to guess, embed or leak.
func (v *visit) protect(header http.Header) {
	header.Set("X-Content-Type-Options", "nosniff")
	if !v.admin {
		return
	}
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// wrongTarget finds absolute targets and the asterisk, whose host and path are not what the rest of the gate looks at.
func (v *visit) wrongTarget() bool {
	return !strings.HasPrefix(v.RequestURI, "/") || v.URL.Host != "" || v.URL.Scheme != "" || v.URL.User != nil
}

func (v *visit) wrongMethod() bool {
	switch v.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return false
	default:
		return true
	}
}

// remote keeps the admin API and the page to this computer, wherever the proxy listens.
func (v *visit) remote() bool {
	if !v.admin {
		return false
	}
	host, _, err := net.SplitHostPort(v.RemoteAddr)
	from := net.ParseIP(host)
	return v.ip != nil || err == nil && from != nil && !from.IsLoopback()
}

// wrongHost accepts our names, and the very address a request came in by: a page cannot rebind an address.
func (v *visit) wrongHost() bool { return !v.names.has(v.Host, v.port) && !v.byAddress() }

func (v *visit) byAddress() bool {
	if v.ip == nil {
		return false
	}
	literal := v.ip.String()
	if v.ip.To4() == nil {
		literal = "[" + literal + "]"
	}
	return withoutPort(strings.ToLower(v.Host), v.port) == literal
}

func (v *visit) upgrading() bool {
	if len(v.Header.Values("Upgrade")) > 0 {
		return true
	}
	for _, value := range v.Header.Values("Connection") {
		for option := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(option), "upgrade") {
				return true
			}
		}
	}
	return false
}

func (v *visit) overriding() bool {
	return slices.ContainsFunc([]string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}, func(name string) bool {
		return len(v.Header.Values(name)) > 0
	})
}

// wrongOrigin lets only the dashboard name an origin, its own.
func (v *visit) wrongOrigin() bool {
	sent := v.Header.Values("Origin")
	if len(sent) == 0 {
		return false
	}
	return !v.admin || len(sent) > 1 || !slices.Contains(v.origins(), sent[0])
}

// origins are the ways a browser names our own pages under the host it used. Only a reverse proxy can have put TLS in front.
func (v *visit) origins() []string {
	host := strings.ToLower(v.Host)
	if v.names.added(host, v.port) {
		return []string{"http://" + host, "https://" + host}
	}
	return []string{"http://" + host}
}

// wrongSite refuses what a browser says a page caused. Another port of this computer counts as the same site, hence same-site is hostile.
func (v *visit) wrongSite() bool {
	sent := v.Header.Values("Sec-Fetch-Site")
	switch {
	case len(sent) == 0:
		return false
	case len(sent) > 1:
		return true
	default:
		return sent[0] != "none" && !(v.admin && sent[0] == "same-origin")
	}
}

func (v *visit) wrongReferer() bool {
	if !v.admin {
		return false
	}
	return slices.ContainsFunc(v.Header.Values("Referer"), func(referer string) bool {
		return !slices.ContainsFunc(v.origins(), func(origin string) bool { return strings.HasPrefix(referer, origin+"/") })
	})
}

// wrongContent refuses the types a page can send without asking first.
func (v *visit) wrongContent() bool {
	if v.ContentLength == 0 {
		return false
	}
	sent := v.Header.Values("Content-Type")
	if len(sent) != 1 {
		return true
	}
	kind, _, err := mime.ParseMediaType(sent[0])
	return err != nil || kind != "application/json"
}

// names are the hosts we answer to.
type names struct {
	own   []string // without a port
	extra []string // as the user wrote them, in lower case
}

func newNames(extra []string) names {
	n := names{own: []string{"localhost", "127.0.0.1", "[::1]"}}
	for _, name := range extra {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			n.extra = append(n.extra, name)
		}
	}
	return n
}

// has compares whole texts: nothing in a Host header is parsed that could be parsed in two ways. Letters are folded in ASCII only.
func (n names) has(host, port string) bool {
	if host == "" || strings.ContainsFunc(host, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return false
	}
	host = strings.ToLower(host)
	return slices.Contains(n.own, withoutPort(host, port)) || n.added(host, port)
}

// added tells whether a host, in lower case, is one of the user's.
func (n names) added(host, port string) bool {
	return slices.Contains(n.extra, host) || slices.Contains(n.extra, withoutPort(host, port))
}

func withoutPort(host, port string) string {
	if port == "" {
		return host
	}
	return strings.TrimSuffix(host, ":"+port)
}
