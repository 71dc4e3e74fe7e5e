// Package attach makes of what clients attach to a conversation what the upstream can take, as a stage around a sender of chat streams.
//
// The upstream shows a model small pictures in four formats, and text. So pictures that are given by an address are fetched, pictures
// that are too large or in another format are drawn anew, and documents become their text. What cannot be done is said in words in place
// of the attachment, because clients send their whole history along and a refusal would be repeated for ever; only a picture, or an address,
// that the user attached just now is refused.
//
// The work is done when the stream is ranged and the request is never changed: what goes on is a copy. A request without attachments
// passes untouched.
package attach

import (
	"context"
	"net"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// Sender answers requests. The call is made when the stream is ranged; record belongs to the stream until its range ends.
type Sender interface {
	Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream
}

// Options is what can be chosen. The zero value is ready to use and fetches nothing.
type Options struct {
	// FetchImages tells whether attachments that are given by an address are fetched. It is asked for each request; nil is never.
	FetchImages func() bool
	// Apart does Work in a place that may be lost: a file made by a stranger can take all memory there is, or never come to an end. Its error
	// means that the work was lost, or, if it is ErrNotBegun, not begun. Nil does it here.
	Apart func(ctx context.Context, kind string, input []byte) (result []byte, err error)
	// Interfaces are the addresses of this computer with their networks, from which nothing is fetched. They change, and are asked for
	// with every connection; nil is the system's.
	Interfaces func() ([]net.Addr, error)
}

// New makes a Sender that sends through next what next can take.
func New(next Sender, options Options) Sender {
	if options.FetchImages == nil {
		options.FetchImages = func() bool { return false }
	}
	if options.Interfaces == nil {
		options.Interfaces = net.InterfaceAddrs
	}
	return newStage(next, options, newFetcher(options.Interfaces))
}

type stage struct {
	next      Sender
	options   Options
	fetcher   *fetcher
	pictures  *studio
	documents *reader
}

func newStage(next Sender, options Options, fetcher *fetcher) *stage {
	if options.Apart == nil {
		options.Apart = func(_ context.Context, kind string, input []byte) ([]byte, error) { return Work(kind, input), nil }
	}
	return &stage{next: next, options: options, fetcher: fetcher, pictures: newStudio(options.Apart), documents: newReader(options.Apart)}
}

// Send prepares a request that carries attachments before it goes on.
func (s *stage) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	if !carries(request) {
		return s.next.Send(ctx, request, record)
	}
	return func(yield func(chat.Event, error) bool) {
		prepared, err := s.prepare(ctx, request)
		if err != nil {
			yield(chat.Event{}, err)
			return
		}
		s.next.Send(ctx, prepared, record)(yield)
	}
}

// prepare answers with a copy of the request whose attachments the upstream can take.
func (s *stage) prepare(ctx context.Context, request *chat.Request) (*chat.Request, error) {
	prepared, places := copied(request)
	places = keepNewest(places)
	fetched := s.fetch(ctx, places)
	for _, place := range places {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.settle(ctx, place, fetched); err != nil {
			return nil, err
		}
	}
	return prepared, nil
}

// settle puts what the upstream can take in an attachment's place.
func (s *stage) settle(ctx context.Context, place place, fetched map[string]catch) error {
	var became chat.Block
	var err error
	switch block := (*place.block).(type) {
	case chat.Image:
		became, err = s.image(ctx, block, fetched[block.URL])
	case chat.Document:
		became, err = s.document(ctx, block, fetched[block.URL])
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		*place.block = became
		return nil
	case place.fresh:
		return err
	default:
		*place.block = chat.Text{Text: inWords(err)}
		return nil
	}
}
