package amazonqtest

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// exchange is one call and its answer on the way.
type exchange struct {
	service  *Service
	w        http.ResponseWriter
	r        *http.Request
	record   *Received
	random   *rand.Rand
	restful  bool // the client speaks REST-JSON, not JSON-RPC
	identity *Identity
	request  *GenerateRequest
	stream   stream
}

// begin opens an exchange and records the call.
func (s *Service) begin(w http.ResponseWriter, r *http.Request, operation string) *exchange {
	x := &exchange{service: s, w: w, r: r, record: s.note(r, operation)}
	s.mu.Lock()
	x.random = source(s.options.Seed, s.random.Uint64())
	s.mu.Unlock()
	return x
}

// note changes the record of the call.
func (x *exchange) note(change func(*Received)) {
	x.service.mu.Lock()
	defer x.service.mu.Unlock()
	change(x.record)
}

// identify notes whose call it is. The caller holds the mutex.
func (x *exchange) identify(identity *Identity) {
	x.identity, x.record.Identity = identity, identity
}

// reply answers with a status and a body of known length.
func (x *exchange) reply(status int, media string, body []byte) {
	header := x.w.Header()
	header.Set("Content-Type", media)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Amzn-Requestid", newUUID(x.random))
	x.note(func(call *Received) { call.Status = status })
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // the client may be gone
}

// halve sends half of an answer and breaks the connection.
func (x *exchange) halve(answer any) {
	body := mustMarshal(answer)
	header := x.w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = x.w.Write(body[:len(body)/2]) // the client may be gone, here and below
	_ = http.NewResponseController(x.w).Flush()
	x.abort()
}

// abort breaks the connection: with a reset before an event stream, without its proper end within one, so that what was sent arrives.
func (x *exchange) abort() {
	connection, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the server's own way to break off
	}
	if socket, ok := connection.(*net.TCPConn); ok && !x.stream.open {
		_ = socket.SetLinger(0) // best effort: without it the connection ends in an orderly way
	}
	_ = connection.Close() // it is to break anyway
}

// pause waits, and fails if the client leaves meanwhile.
func (x *exchange) pause(d time.Duration) error {
	if d <= 0 {
		return x.r.Context().Err()
	}
	return x.service.options.Sleep(x.r.Context(), d)
}

// hold waits until release is closed, forever if it is nil, and fails if the client leaves meanwhile.
func (x *exchange) hold(release <-chan struct{}) error {
	select {
	case <-release:
		return nil
	case <-x.r.Context().Done():
		return x.r.Context().Err()
	}
}

// stream is the state of an event stream on its way out.
type stream struct {
	open     bool   // the head and the first frame are out
	pending  []byte // frames that wait for the next write
	together bool   // write everything at the end
	size     int    // bytes in one write; 0 is as the seed has it
	gap      time.Duration
	split    int  // cut every frame after that many bytes into two writes; 0 is off
	limited  bool // the stream is cut after limit bytes,
	limit    int
	reset    bool // and the connection breaks then, instead of an orderly end
	written  int  // bytes so far
	output   int  // bytes of text so far
	metadata []byte
}

// errEnd ends a script without the events that end a turn.
var errEnd = errors.New("the script ends here")

// play plays an answer to its end.
func (x *exchange) play(answer Answer) error {
	for _, step := range slices.Concat(answer, Answer{tail}) {
		if err := step(x); err != nil {
			if !errors.Is(err, errEnd) {
				return err
			}
			break
		}
	}
	if !x.stream.open {
		return nil
	}
	return x.flush()
}

// head answers with 200 and, in the dialect that has it, the frame that names the conversation.
func (x *exchange) head() error {
	if x.stream.open {
		return nil
	}
	x.stream.open = true
	conversation := x.request.ConversationState.ConversationID
	if conversation == "" {
		conversation = newUUID(x.random)
	}
	header := x.w.Header()
	header.Set("Content-Type", "application/vnd.amazon.eventstream")
	header.Set("X-Amzn-Requestid", newUUID(x.random))
	if x.restful {
		header.Set("X-Amzn-Codewhisperer-Conversation-Id", conversation)
	}
	x.note(func(call *Received) { call.Status = http.StatusOK })
	x.w.WriteHeader(http.StatusOK)
	if x.restful {
		return x.write(nil)
	}
	return x.emit(EventFrame("initial-response", mustMarshal(struct {
		ConversationID string `json:"conversationId"`
	}{conversation})))
}

// emit sends a frame: alone, with its neighbours, or in pieces, as the script or the seed has it.
func (x *exchange) emit(frame []byte) error {
	if err := x.head(); err != nil {
		return err
	}
	if n := x.stream.split; n > 0 && n < len(frame) {
		x.stream.pending = append(x.stream.pending, frame[:n]...)
		if err := x.flush(); err != nil {
			return err
		}
		frame = frame[n:]
	}
	x.stream.pending = append(x.stream.pending, frame...)
	if x.stream.together || x.stream.size == 0 && x.stream.split == 0 && x.random.IntN(4) == 0 {
		return nil
	}
	return x.flush()
}

// flush writes what is pending.
func (x *exchange) flush() error {
	for len(x.stream.pending) > 0 {
		n := x.piece(len(x.stream.pending))
		if err := x.write(x.stream.pending[:n]); err != nil {
			return err
		}
		x.stream.pending = x.stream.pending[n:]
	}
	return nil
}

// piece is how many of n pending bytes go out in one write.
func (x *exchange) piece(n int) int {
	switch {
	case x.stream.size > 0:
		return min(n, x.stream.size)
	case !x.stream.together && x.stream.split == 0 && x.random.IntN(4) == 0:
		return 1 + x.random.IntN(n)
	default:
		return n
	}
}

// write sends bytes to the client at once. It fails if the client is gone, and with errEnd where the script cuts the stream.
func (x *exchange) write(bytes []byte) error {
	if err := x.pause(x.stream.gap); err != nil {
		return err
	}
	left := x.stream.limit - x.stream.written
	cut := x.stream.limited && len(bytes) >= left
	if cut {
		bytes = bytes[:left]
	}
	if _, err := x.w.Write(bytes); err != nil {
		return err
	}
	if err := http.NewResponseController(x.w).Flush(); err != nil {
		return err
	}
	x.stream.written += len(bytes)
	if !cut {
		return nil
	}
	x.stream.pending = nil
	if x.stream.reset {
		x.abort()
	}
	return errEnd
}
