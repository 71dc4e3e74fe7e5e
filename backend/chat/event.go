package chat

import "iter"

// EventKind says which fields of an Event count.
type EventKind uint8

// The kinds of Event, in the order a stream may show them. Tool inputs of one call are not interleaved with another call's.
const (
	TextDelta     EventKind = iota // Text
	ThinkingDelta                  // Text, or Signature as the last of a run
	ToolStart                      // ToolID, Name, Namespace
	ToolInput                      // ToolID, Text: a fragment of the input's JSON
	ToolEnd                        // ToolID; the fragments so far are a whole JSON object
	Spent                          // Usage; exactly once in a good stream, just before Stopped
	Stopped                        // Reason, and Text for the stop sequence that matched; exactly once, at the end of a good stream
)

// Event is one step of a model's answer. It is flat so that a text delta costs no allocation; strings are safe to keep.
type Event struct {
	Kind      EventKind
	Text      string
	Signature string
	ToolID    string
	Name      string
	Namespace string
	Usage     Usage
	Reason    StopReason
}

// Stream is a model's answer as it comes. Ranging it makes the call, leaving the range cancels it, an error is the last thing yielded. A
// good stream ends with Spent and Stopped. It can be ranged once.
type Stream = iter.Seq2[Event, error]

// Fail is a stream that yields only an error.
func Fail(err error) Stream {
	return func(yield func(Event, error) bool) { yield(Event{}, err) }
}

// StopReason is why the model stopped.
type StopReason uint8

// The reasons.
const (
	EndTurn StopReason = iota
	CalledTool
	MaxTokens
	StopSequence
	ContextWindow // the answer hit the end of the context window
	Filtered      // the provider withheld the answer
)

// Source tells how a number was come by.
type Source uint8

// The sources, the best first.
const (
	Measured  Source = iota // the upstream said so
	Derived                 // computed from something the upstream said
	Estimated               // guessed from lengths
)

// String is the source's name.
func (s Source) String() string { return [...]string{"measured", "derived", "estimated"}[s] }

// Usage is what a request cost, in tokens. Input includes what was read from and written to a cache.
type Usage struct {
	Input      int
	Output     int
	CacheRead  int
	CacheWrite int
	Source     Source
	Credits    float64 // what the provider counted for it, in its own unit; 0 if it did not say
}

// Total is input and output together.
func (u Usage) Total() int { return u.Input + u.Output }

// Reply is a whole answer.
type Reply struct {
	Blocks       []Block // Text, Thinking and ToolUse
	Reason       StopReason
	StopSequence string // the one that matched, for StopSequence
	Usage        Usage
}
