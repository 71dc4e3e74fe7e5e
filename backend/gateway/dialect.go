package gateway

import (
	"iter"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/sse"
)

// Rendering turns the answer to one request into its dialect.
type Rendering interface {
	Reply(reply *chat.Reply) any
	// Frames renders an answer as it comes, and an error as the dialect's own ending. It yields nothing before the first event: its first
	// frame commits the status.
	Frames(stream chat.Stream) iter.Seq[sse.Frame]
	KeepAlive() sse.Frame
}

// Dialect is one way of talking to models, as functions. DialectOf fills the first three fields; the rest are the caller's to set.
type Dialect struct {
	Name        string
	Decode      func(body []byte, meta chat.Meta) (*chat.Request, Rendering, error)
	Fault       func(f *fault.Error, requestID string) (status int, body any)
	Models      func(ids []string, createdAt time.Time) any
	Model       func(id string, createdAt time.Time) any
	CountTokens func(body []byte) (any, error)           // nil where the dialect has no such thing
	Stored      func(keyID int64, id string) (any, bool) // an answer that was kept; nil where the dialect keeps none
	Delete      func(keyID int64, id string) bool        // forgets it, and tells whether it was kept
}

// DialectOf makes a Dialect of a package whose Decode returns a rendering of its own type.
func DialectOf[R Rendering](
	name string,
	decode func([]byte, chat.Meta) (*chat.Request, R, error),
	render func(*fault.Error, string) (int, any),
) Dialect {
	return Dialect{
		Name:  name,
		Fault: render,
		Decode: func(body []byte, meta chat.Meta) (*chat.Request, Rendering, error) {
			request, rendering, err := decode(body, meta)
			if err != nil {
				return nil, nil, err
			}
			return request, rendering, nil
		},
	}
}
