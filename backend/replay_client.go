package backend

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"amq2api/backend/capture"
)

// longestAnswer is how long a client that hangs up waits for what it had got by then in the capture.
const longestAnswer = 5 * time.Second

// replayClient is an http.ResponseWriter that keeps what the client gets. One that hung up in the capture does so again, once it has as much.
type replayClient struct {
	exchange *capture.Exchange
	hangUp   context.CancelFunc
	header   http.Header

	mu     sync.Mutex
	status int
	body   bytes.Buffer
	over   bool // the upstream has said what it says
}

func newReplayClient(ctx context.Context, exchange *capture.Exchange) (context.Context, *replayClient) {
	ctx, hangUp := context.WithCancel(ctx)
	return ctx, &replayClient{exchange: exchange, hangUp: hangUp, header: http.Header{}}
}

// served tells that the upstream has nothing more to say, and whether its connection is to stay open because it is the client that leaves.
func (c *replayClient) served() (staysOpen bool) {
	if !c.exchange.HungUp {
		return false
	}
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.leave()
	time.AfterFunc(longestAnswer, c.hangUp)
	return true
}

// leave hangs up if the client has what it had in the capture.
func (c *replayClient) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exchange.HungUp && c.over && c.body.Len() >= len(strings.Join(answerLines(c.exchange.Response), "\n")) {
		c.hangUp()
	}
}

// Header is of the answer.
func (c *replayClient) Header() http.Header { return c.header }

// Flush is nothing: everything arrives at once.
func (c *replayClient) Flush() {}

// WriteHeader keeps the first status.
func (c *replayClient) WriteHeader(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status == 0 {
		c.status = status
	}
}

func (c *replayClient) Write(body []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	c.mu.Lock()
	n, err := c.body.Write(body)
	c.mu.Unlock()
	c.leave()
	return n, err
}

// differences says where the answer differs from the capture, line by line. Comments that keep a stream alive are left out. Of an answer that
// the client did not wait for, the beginning counts.
func (c *replayClient) differences() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, after := answerLines(c.exchange.Response), answerLines(c.body.Bytes())
	if c.exchange.HungUp && strings.HasPrefix(strings.Join(after, "\n"), strings.Join(before, "\n")) {
		return nil
	}
	if c.status != c.exchange.Status {
		return []string{fmt.Sprintf("the client gets status %d, not %d: %s", c.status, c.exchange.Status, excerptFrom(c.body.String(), 0))}
	}
	var found []string
	for _, difference := range firstDifference(before, after) {
		found = append(found, "the client's answer: "+difference)
	}
	return found
}
