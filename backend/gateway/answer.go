package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"amq2api/backend/fault"
)

// answer sends a whole answer. An error it returns came before anything was sent.
func (x *exchange) answer(status int, body any) error {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	header := x.w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(encoded.Len()))
	if served, ok := x.record.Served(); ok {
		header.Set("X-Amq2api-Account", headerText(served.Account))
	}
	x.send(status, encoded.Bytes())
	return nil
}

// headerText is text that a header can carry: what is not printable ASCII is percent-encoded, as in a URL.
func headerText(text string) string {
	var encoded strings.Builder
	for _, b := range []byte(text) {
		if b < ' ' || b > '~' || b == '%' {
			fmt.Fprintf(&encoded, "%%%02X", b)
			continue
		}
		encoded.WriteByte(b)
	}
	return encoded.String()
}

func (x *exchange) send(status int, body []byte) {
	_ = x.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // a ResponseWriter without deadlines is a test's
	x.status = status
	x.w.WriteHeader(status)
	if _, err := x.w.Write(body); err != nil && x.failure == nil && x.r.Method != http.MethodHead {
		x.failure = fault.Wrap(fault.Canceled, err, "The client closed the connection.")
	}
}

// refuse answers with a fault in the client's dialect, and says when and whether trying again makes sense.
func (x *exchange) refuse(err error) {
	x.failure = fault.Of(err)
	header := x.w.Header()
	if wait := x.failure.RetryAfter; wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if limit := x.failure.Limit; limit != "" {
		header.Set("X-Amq2api-Limit", limit)
	}
	header.Set("X-Should-Retry", strconv.FormatBool(x.failure.Kind.Retryable()))
	status, body := x.route.dialect.Fault(x.failure, x.record.ID)
	if err := x.answer(statusOf(err, status), body); err != nil {
		x.send(http.StatusInternalServerError, nil)
	}
}

func (x *exchange) greet() error {
	x.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	x.send(http.StatusOK, []byte("AMQ2API is running.\n"))
	return nil
}

// health answers who we are. A second copy of the program asks it when it finds the port taken.
type health struct {
	Status   string `json:"status"`
	Instance string `json:"instance"`
	Version  string `json:"version"`
}

func (x *exchange) health() error {
	return x.answer(http.StatusOK, health{Status: "ok", Instance: x.config.Instance, Version: x.config.Version})
}
