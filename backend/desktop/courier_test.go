package desktop_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"amq2api/backend/desktop"
)

// post is a page that hears pieces.
type post struct {
	*desktop.Courier
	pieces chan desktop.Piece
}

func newPost(handler http.HandlerFunc) post {
	p := post{pieces: make(chan desktop.Piece, 16)}
	p.Courier = desktop.NewCourier(handler, "/admin/playground/", func(_ string, piece desktop.Piece) { p.pieces <- piece })
	return p
}

func TestAnAnswerIsBroughtWhileItComes(t *testing.T) {
	goOn := make(chan struct{})
	p := newPost(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		w.Header().Set("Request-Id", "req_1")
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write(asked)
		<-goOn
		_, _ = w.Write([]byte("two"))
	})
	go p.Ask(t.Context(), "1", "/admin/playground/openai", "one")
	if first := <-p.pieces; first.Status != http.StatusAccepted || first.Headers["request-id"] != "req_1" {
		t.Errorf("it begins with %+v", first)
	}
	if said := <-p.pieces; string(said.Body) != "one" {
		t.Errorf("it goes on with %+v", said)
	}
	close(goOn)
	if said := <-p.pieces; string(said.Body) != "two" {
		t.Errorf("then %+v", said)
	}
	if last := <-p.pieces; !last.Ended || last.Torn {
		t.Errorf("it ends with %+v", last)
	}
}

func TestAStopEndsTheRequestAndAnotherMayHaveItsName(t *testing.T) {
	p := newPost(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("one"))
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
	for range 2 {
		go p.Ask(context.WithoutCancel(t.Context()), "1", "/admin/playground/openai", "")
		<-p.pieces // the status
		<-p.pieces
		done := make(chan struct{})
		p.Stop("2") // nobody's
		go func() {
			p.Ask(t.Context(), "1", "/admin/playground/openai", "") // its name is taken
			close(done)
		}()
		if refused := <-p.pieces; !refused.Torn || refused.Status != 0 {
			t.Errorf("the second was answered %+v", refused)
		}
		<-done
		p.Stop("1")
		if last := <-p.pieces; !last.Ended || !last.Torn {
			t.Errorf("it ends with %+v", last)
		}
		for p.busy(t) {
		}
	}
}

// busy tells whether the name is still taken.
func (p post) busy(t *testing.T) bool {
	t.Helper()
	left, leave := context.WithCancel(t.Context())
	leave()
	p.Ask(left, "1", "/admin/playground/openai", "")
	first := <-p.pieces
	if first.Status == 0 {
		return true
	}
	for piece := range p.pieces {
		if piece.Ended {
			break
		}
	}
	return false
}

func TestTheCourierAsksForNothingElse(t *testing.T) {
	p := newPost(func(http.ResponseWriter, *http.Request) { t.Error("the handler was asked") })
	p.Ask(t.Context(), "1", "/admin/accounts", "{}")
	if last := <-p.pieces; !last.Ended || !last.Torn {
		t.Errorf("it was answered %+v", last)
	}
}
