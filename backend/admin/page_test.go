package admin

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

func TestThePageAndItsFiles(t *testing.T) {
	o := openOffice(t)
	const forGood = "public, max-age=31536000, immutable"
	for _, story := range []struct {
		method, path       string
		status             int
		kind, cache, holds string
	}{
		{"GET", "/admin/dashboard/", 200, "text/html; charset=utf-8", "no-cache", "<title>AMQ2API</title>"},
		{"GET", "/admin/dashboard/index.html", 200, "text/html; charset=utf-8", "no-cache", "<title>"},
		{"GET", "/admin/dashboard/assets/app-1a2b.js", 200, "text/javascript; charset=utf-8", forGood, "start()"},
		{"HEAD", "/admin/dashboard/assets/app-1a2b.js", 200, "text/javascript; charset=utf-8", forGood, ""},
		{"GET", "/admin/dashboard/assets/app-old.js", 404, "text/plain; charset=utf-8", "", "no such file"},
		{"GET", "/admin/dashboard/assets", 404, "text/plain; charset=utf-8", "", "no such file"},
		{"GET", "/admin/dashboard/assets/", 404, "text/plain; charset=utf-8", "", "no such file"},
		{"GET", "/admin/dashboard/assets%5c..%5cindex.html", 404, "text/plain; charset=utf-8", "", "no such file"},
		{"GET", "/admin/dashboard/%00", 404, "text/plain; charset=utf-8", "", "no such file"},
	} {
		answer := call(o.listener, story.method, story.path, "")
		head := answer.Header()
		if answer.Code != story.status || head.Get("Content-Type") != story.kind || head.Get("Cache-Control") != story.cache || !strings.Contains(answer.Body.String(), story.holds) {
			t.Errorf("%s %s answered %d %v %s", story.method, story.path, answer.Code, head, answer.Body)
		}
	}
	answer := call(o.listener, "GET", "/admin/dashboard", "")
	if answer.Code != http.StatusFound || answer.Header().Get("Location") != "/admin/dashboard/" {
		t.Errorf("without its slash the page answered %d %v", answer.Code, answer.Header())
	}
}

func TestAProgramWithoutItsPageSaysHowToGetOne(t *testing.T) {
	for name, config := range map[string]Config{"none": {}, "empty": {Page: fstest.MapFS{}}} {
		answer := call(New(config), "GET", "/admin/dashboard/", "")
		if answer.Code != http.StatusNotFound || !strings.Contains(answer.Body.String(), "make build") {
			t.Errorf("%s: answered %d %s", name, answer.Code, answer.Body)
		}
	}
}
