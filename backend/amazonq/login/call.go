package login

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"amq2api/backend/fault"
)

// limit bounds an errand with everything in it; pauses are between its calls, and one fewer than there may be.
const limit = 30 * time.Second

var pauses = [...]time.Duration{200 * time.Millisecond, 600 * time.Millisecond}

// persist calls until there is an answer or another call would do no good.
func persist[A any](ctx context.Context, call func(context.Context) (A, *setback)) (A, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var none A
	lost := false
	for tries := 0; ; tries++ {
		answer, failed := call(ctx)
		switch {
		case failed == nil:
			return answer, nil
		case ctx.Err() != nil:
			return none, ended(ctx)
		case tries == len(pauses), failed.repeat == never, failed.repeat == once && lost:
			return none, failed.fault
		}
		lost = lost || failed.repeat == once
		if err := wait(ctx, pauses[tries]); err != nil {
			return none, ended(ctx)
		}
	}
}

// repeat says whether a call that failed may be made again.
type repeat uint8

const (
	never repeat = iota // the answer is final
	again               // the token was not used
	once                // the token may have been used, and the answer with its successor is lost
)

// setback is a call that failed.
type setback struct {
	fault  *fault.Error
	repeat repeat
}

// ask makes one call and reads its answer.
func ask[A any](ctx context.Context, c *Client, address string, request any, read func([]byte) (A, *setback)) (A, *setback) {
	var none A
	body, err := json.Marshal(request)
	if err != nil {
		return none, unwritten(err)
	}
	text, failed := c.post(ctx, address, body)
	if failed != nil {
		return none, failed
	}
	return read(text)
}

// post makes one call and returns the text of an answer that went well.
func (c *Client) post(ctx context.Context, address string, body []byte) ([]byte, *setback) {
	sent := false // set in this goroutine: the transport asks for a connection before it hands it on
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent = true }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, unwritten(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.agent)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.unreachable(err, sent)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if response.StatusCode != http.StatusOK {
		return nil, refusal(response, text)
	}
	if err != nil {
		return nil, lostAnswer(err)
	}
	return text, nil
}

func unwritten(err error) *setback {
	return &setback{fault.Wrap(fault.Internal, err, "The call to Amazon's sign-in service could not be written."), never}
}

// ended explains why the context ended: the caller's wish, or the time limit.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
		return fault.Of(cause)
	}
	return fault.Wrap(fault.Unavailable, ctx.Err(), "Amazon's sign-in service did not answer in time. Try again.").Saying(fault.Said{Code: fault.NoAnswer})
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
