package usage

import (
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// Totals are sums over requests.
type Totals struct {
	Requests, Failed, Canceled     int64 // those that failed and those whose client left are among the requests
	InputTokens, OutputTokens      int64
	CacheRead, CacheWrite          int64         // of the input tokens
	DerivedTokens, EstimatedTokens int64         // of the input and output tokens; the rest is measured
	FirstEvents                    int64         // requests that came to a first event
	FirstEvent                     time.Duration // the sum of their times to it
	Duration                       time.Duration
	BytesIn, BytesOut              int64
}

// Totals is what one request adds to the sums.
func (r *Record) Totals() Totals {
	t := Totals{
		Requests: 1, InputTokens: int64(r.Usage.Input), OutputTokens: int64(r.Usage.Output), CacheRead: int64(r.Usage.CacheRead),
		CacheWrite: int64(r.Usage.CacheWrite), FirstEvent: r.FirstEvent, Duration: r.Duration, BytesIn: r.BytesIn, BytesOut: r.BytesOut,
	}
	switch r.Fault {
	case "":
	case fault.Canceled.String():
		t.Canceled = 1
	default:
		t.Failed = 1
	}
	switch r.Usage.Source {
	case chat.Derived:
		t.DerivedTokens = int64(r.Usage.Total())
	case chat.Estimated:
		t.EstimatedTokens = int64(r.Usage.Total())
	}
	if r.FirstEvent > 0 {
		t.FirstEvents = 1
	}
	return t
}

// Plus is the sum of both.
func (t Totals) Plus(more Totals) Totals {
	t.Requests += more.Requests
	t.Failed += more.Failed
	t.Canceled += more.Canceled
	t.InputTokens += more.InputTokens
	t.OutputTokens += more.OutputTokens
	t.CacheRead += more.CacheRead
	t.CacheWrite += more.CacheWrite
	t.DerivedTokens += more.DerivedTokens
	t.EstimatedTokens += more.EstimatedTokens
	t.FirstEvents += more.FirstEvents
	t.FirstEvent += more.FirstEvent
	t.Duration += more.Duration
	t.BytesIn += more.BytesIn
	t.BytesOut += more.BytesOut
	return t
}

// Tokens is input and output together.
func (t Totals) Tokens() int64 { return t.InputTokens + t.OutputTokens }
