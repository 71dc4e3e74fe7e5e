package desktop

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
)

// Courier brings answers into a window while they come: its page gets a response only once it is whole, but hears events at any time. An
// answer is a row of Pieces.
type Courier struct {
	handler http.Handler
	prefix  string // of the paths that may be asked for
	bring   func(id string, piece Piece)

	mu      sync.Mutex
	running map[string]context.CancelFunc // by the id that the page gave
}

// Piece is a part of an answer. The first has the status and the headers, the last is the end; Body is base64 in JSON.
type Piece struct {
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"` // names in lower case
	Body    []byte            `json:"body,omitempty"`
	Ended   bool              `json:"ended,omitempty"`
	Torn    bool              `json:"torn,omitempty"` // it broke off instead
}

// NewCourier makes one that asks handler, which is that of the window: nobody's session is checked.
func NewCourier(handler http.Handler, prefix string, bring func(id string, piece Piece)) *Courier {
	return &Courier{handler: handler, prefix: prefix, bring: bring, running: map[string]context.CancelFunc{}}
}

// Ask posts a JSON body and returns when all of the answer was brought. An id that is in use and a path that may not be asked for bring
// nothing but the end.
func (c *Courier) Ask(ctx context.Context, id, path, body string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !strings.HasPrefix(path, c.prefix) || !c.enter(id, cancel) {
		c.bring(id, Piece{Ended: true, Torn: true})
		return
	}
	defer c.leave(id)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(body))
	if err != nil {
		c.bring(id, Piece{Ended: true, Torn: true})
		return
	}
	request.Header.Set("Content-Type", "application/json")
	c.bring(id, Piece{Ended: true, Torn: !c.serve(&parcel{courier: c, id: id, header: http.Header{}}, request)})
}

// Stop ends a request, as a client does that closes its connection.
func (c *Courier) Stop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel, known := c.running[id]; known {
		cancel()
	}
}

func (c *Courier) enter(id string, cancel context.CancelFunc) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.running[id]; taken {
		return false
	}
	c.running[id] = cancel
	return true
}

func (c *Courier) leave(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, id)
}

// serve reports whether the answer is whole. A handler ends one that is not with a panic, as behind a connection.
func (c *Courier) serve(w *parcel, r *http.Request) (whole bool) {
	defer func() {
		if cause := recover(); cause != nil {
			if err, ok := cause.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
		}
	}()
	c.handler.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return true
}

// parcel is the ResponseWriter of one answer.
type parcel struct {
	courier *Courier
	id      string
	header  http.Header
	begun   bool
}

func (p *parcel) Header() http.Header { return p.header }
func (p *parcel) Flush()              {}

func (p *parcel) WriteHeader(status int) {
	if p.begun {
		return
	}
	p.begun = true
	headers := map[string]string{}
	for name := range p.header {
		headers[strings.ToLower(name)] = p.header.Get(name)
	}
	p.courier.bring(p.id, Piece{Status: status, Headers: headers})
}

func (p *parcel) Write(body []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	p.courier.bring(p.id, Piece{Body: append([]byte(nil), body...)})
	return len(body), nil
}
