package gateway

import (
	"net/http"
	"sync/atomic"
)

// counted is a ResponseWriter that counts the bytes of the body.
type counted struct {
	http.ResponseWriter
	bytes atomic.Int64
}

func (c *counted) Write(body []byte) (int, error) {
	written, err := c.ResponseWriter.Write(body)
	c.bytes.Add(int64(written))
	return written, err
}

// Unwrap leads a ResponseController to the writer behind it.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }
