package usage

import (
	"time"

	"amq2api/backend/fault"
)

// Gap stands for requests whose records were lost, because the queue was full or the store could not write.
type Gap struct {
	From, To time.Time // when the first and the last of them were lost
	Count    int       // 0 is no gap
}

// Lost is the Fault of the record that a gap leaves in the list of requests. Nothing else of such a record is known.
const Lost = "not_recorded"

// Overview is what was spent, as of one moment.
type Overview struct {
	LastMinute   int   // requests that began in the last 60 seconds
	Requests     int64 // since midnight UTC, like the next three
	Errors       int64
	InputTokens  int64
	OutputTokens int64
	FirstEvent   *Quantiles // of the last hour; nil if no request in it came to a first event
	Traffic      []Minute   // the last 60 minutes, oldest first, none left out
}

// Quantiles are of the time to the first event.
type Quantiles struct{ P50, P95 time.Duration }

// Minute is one minute of requests.
type Minute struct {
	At        time.Time // its start
	Succeeded int
	Failed    int
}

// Failed reports whether the request counts as an error. A client that leaves is none.
func (r *Record) Failed() bool { return r.Fault != "" && r.Fault != fault.Canceled.String() }
