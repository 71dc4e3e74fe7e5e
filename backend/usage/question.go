package usage

import (
	"slices"
	"time"
)

// Dimension is what requests can be told apart by.
type Dimension string

// The dimensions. The model is the one that was used.
const (
	ByHour    Dimension = "hour"
	ByDay     Dimension = "day"
	ByKey     Dimension = "key"
	ByAccount Dimension = "account"
	ByModel   Dimension = "model"
	ByClient  Dimension = "client"
	ByDialect Dimension = "dialect"
	ByFault   Dimension = "fault"
)

// Class is how requests ended: one of the constants, or the first digit of an HTTP status as in 4xx.
type Class string

// The classes. A client that leaves is no failure.
const (
	Succeeded Class = "succeeded"
	Failed    Class = "failed"
	Canceled  Class = "canceled"
)

// Filter says which requests are meant: those with one of the values of each list that is not empty.
type Filter struct {
	Keys     []int64 // 0 is no key
	Accounts []int64 // that served; 0 is none
	Clients  []string
	Dialects []string
	Models   []string
	Classes  []Class  // how they ended: in one of these ways
	Faults   []string // or with one of these
}

// Question asks for sums of the requests that began from From on and before To, in groups.
type Question struct {
	From, To time.Time
	By       []Dimension
	Filter   Filter
	Zone     *time.Location // whose days are meant
}

// Groups reports whether the question is by a dimension.
func (q Question) Groups(by Dimension) bool { return slices.Contains(q.By, by) }

// Group is what the requests of a Sum have in common. What was not asked for has its zero value.
type Group struct {
	At        time.Time // the start of the hour or of the day
	KeyID     int64
	AccountID int64 // of the last attempt
	Client    string
	Dialect   string
	Model     string
	Fault     string
}

// Sum is one group and its totals.
type Sum struct {
	Group
	Totals
}

// Tries are attempts with an account that ended alike.
type Tries struct {
	AccountID int64
	Fault     string // empty if it answered
	Count     int64
}

// Names are what keys and accounts were last called in a request, by their ids: also those that are gone.
type Names struct{ Keys, Accounts map[int64]string }

// Search asks for requests, newest first.
type Search struct {
	Filter   Filter    // a model may be the one asked for as well
	From, To time.Time // zero is unbounded
	Text     string    // each of its words somewhere in its names, its id, its status or its message, whatever the case of Latin letters
	Before   string    // the id of a request: only older ones; the id of none that is there has nothing before it
	Limit    int
}
