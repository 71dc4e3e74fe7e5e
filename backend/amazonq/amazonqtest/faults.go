package amazonqtest

import (
	"encoding/binary"
	"net/http"
	"slices"
	"time"
)

// Refuse answers with an error instead of a stream.
func Refuse(refusal Refusal) Step {
	return func(x *exchange) error {
		x.beforeEvents("Refuse")
		x.refuse(refusal, "")
		return errEnd
	}
}

// Reply answers with any status, media type and body instead of a stream.
func Reply(status int, media, body string) Step {
	return func(x *exchange) error {
		x.beforeEvents("Reply")
		x.reply(status, media, []byte(body))
		return errEnd
	}
}

// Redirect answers with a redirect instead of a stream.
func Redirect(location string) Step {
	return func(x *exchange) error {
		x.beforeEvents("Redirect")
		x.w.Header().Set("Location", location)
		x.reply(http.StatusFound, "text/html", nil)
		return errEnd
	}
}

// beforeEvents stops a script that asks for a status after the status went out.
func (x *exchange) beforeEvents(step string) {
	if x.stream.open {
		panic("amazonqtest: " + step + " after the answer has begun")
	}
}

// Reset breaks the connection: before any answer if it is the first step, else in the middle of the stream.
func Reset() Step {
	return func(x *exchange) error {
		if err := x.flush(); err != nil {
			return err
		}
		x.abort()
		return errEnd
	}
}

// CutAfter ends the answer in an orderly way after n bytes of the stream, wherever that is.
func CutAfter(n int) Step {
	return func(x *exchange) error { x.stream.limited, x.stream.limit = true, n; return nil }
}

// ResetAfter breaks the connection after n bytes of the stream.
func ResetAfter(n int) Step {
	return func(x *exchange) error {
		x.stream.reset = true
		return CutAfter(n)(x)
	}
}

// Exception sends an exception within the stream, as a frame of its own kind.
func Exception(kind, payload string) Step {
	return func(x *exchange) error { return x.emit(ExceptionFrame(kind, []byte(payload))) }
}

// Failure sends an error within the stream, as a frame without payload.
func Failure(code, message string) Step {
	return func(x *exchange) error { return x.emit(ErrorFrame(code, message)) }
}

// Damage is a way in which a frame can be broken.
type Damage uint8

// The ways. After CutInPrelude and CutInPayload the answer ends, in an orderly way for HTTP.
const (
	PreludeCRC         Damage = iota // the CRC of the prelude is wrong
	MessageCRC                       // the CRC of the message is wrong
	TooShort                         // the length is less than the smallest frame's
	FourGiB                          // the length is 4 GiB
	HeadersBeyondFrame               // the headers are said to be longer than the frame
	UnknownHeaderType                // a header has a type that does not exist
	BadJSON                          // the payload is not JSON
	BadUTF8                          // the payload is not UTF-8
	CutInPrelude                     // the frame ends within its lengths
	CutInPayload                     // the frame ends within its payload
)

// Damaged sends a text event in a broken frame.
func Damaged(damage Damage) Step {
	return func(x *exchange) error {
		if err := x.emit(damaged(damage)); err != nil {
			return err
		}
		if damage == CutInPrelude || damage == CutInPayload {
			return errEnd
		}
		return nil
	}
}

func damaged(damage Damage) []byte {
	const kind = "assistantResponseEvent"
	frame := EventFrame(kind, []byte(`{"content":"damaged"}`))
	switch damage {
	case PreludeCRC:
		frame[8] ^= 1
	case MessageCRC:
		frame[len(frame)-1] ^= 1
	case TooShort:
		binary.BigEndian.PutUint32(frame, 15)
		frame = reseal(frame)
	case FourGiB:
		binary.BigEndian.PutUint32(frame, 0xffffffff)
		frame = reseal(frame)
	case HeadersBeyondFrame:
		binary.BigEndian.PutUint32(frame[4:], uint32(len(frame)))
		frame = reseal(frame)
	case UnknownHeaderType:
		frame = Frame([]byte(`{"content":"damaged"}`), StringHeader(":message-type", "event"), Header{Name: "odd", Type: 42},
			StringHeader(":event-type", kind))
	case BadJSON:
		frame = EventFrame(kind, []byte(`{"content":"dam`))
	case BadUTF8:
		frame = EventFrame(kind, []byte("{\"content\":\"dam\xff\xfeaged\"}"))
	case CutInPrelude:
		frame = frame[:7]
	case CutInPayload:
		frame = frame[:len(frame)-9]
	}
	return frame
}

// Fault is one way in which the streaming service can fail, ready to be queued.
type Fault struct {
	Name   string
	Early  bool // the client sees no event before it
	Answer Answer
}

// Faults are all of them. The steps of prefix come before every fault that is not early; none makes even those strike first.
// What is answered with "never" lasts until the client leaves. A fault that strikes renewals is a Renewal.
func Faults(prefix ...Step) []Fault {
	var faults []Fault
	for _, fault := range earlyFaults() {
		fault.Early = true
		faults = append(faults, fault)
	}
	for _, fault := range streamFaults() {
		fault.Answer = slices.Concat(prefix, fault.Answer)
		faults = append(faults, fault)
	}
	return faults
}

func earlyFaults() []Fault {
	refuse := func(refusal Refusal) Answer { return Answer{Refuse(refusal)} }
	return []Fault{
		{Name: "reset before the status", Answer: Answer{Reset()}},
		{Name: "never a status", Answer: Answer{Hold(nil)}},
		{Name: "token expired", Answer: refuse(TokenExpired)},
		{Name: "token invalid", Answer: refuse(TokenInvalid)},
		{Name: "not authorized", Answer: refuse(NotAuthorized)},
		{Name: "suspended", Answer: refuse(Suspended)},
		{Name: "suspicious activity", Answer: refuse(Suspicious)},
		{Name: "throttled with retry-after", Answer: refuse(Throttled.After(7 * time.Second))},
		{Name: "throttled", Answer: refuse(Throttled)},
		{Name: "monthly limit", Answer: refuse(MonthlyLimit)},
		{Name: "monthly quota", Answer: refuse(MonthlyQuota)},
		{Name: "overage limit", Answer: refuse(OverageLimit)},
		{Name: "daily limit", Answer: refuse(DailyLimit)},
		{Name: "model at capacity", Answer: refuse(ModelAtCapacity)},
		{Name: "high load", Answer: refuse(HighLoad)},
		{Name: "malformed", Answer: refuse(Malformed)},
		{Name: "too long", Answer: refuse(TooLong)},
		{Name: "invalid model", Answer: refuse(InvalidModel)},
		{Name: "server error", Answer: refuse(ServerError)},
		{Name: "service down", Answer: refuse(ServiceDown)},
		{Name: "service down in HTML", Answer: Answer{Reply(http.StatusServiceUnavailable, "text/html", "<html><body>Service Unavailable</body></html>")}},
		{Name: "redirect", Answer: Answer{Redirect("http://127.0.0.1:1/elsewhere")}},
		{Name: "JSON instead of a stream", Answer: Answer{Reply(http.StatusOK, "application/json", `{"message":"ok"}`)}},
		{Name: "empty instead of a stream", Answer: Answer{Reply(http.StatusOK, "application/vnd.amazon.eventstream", "")}},
	}
}

func streamFaults() []Fault {
	broken := func(damage Damage) Answer { return Answer{Damaged(damage)} }
	return []Fault{
		{Name: "reset", Answer: Answer{Open(), Reset()}},
		{Name: "cut in a prelude", Answer: broken(CutInPrelude)},
		{Name: "cut in a payload", Answer: broken(CutInPayload)},
		{Name: "cut in a tool call", Answer: Answer{OpenCall("tooluse_open", "write", `{"path":"a.txt","content":"on`), End()}},
		{Name: "end without the closing events", Answer: Answer{Open(), End()}},
		{Name: "prelude CRC", Answer: broken(PreludeCRC)},
		{Name: "message CRC", Answer: broken(MessageCRC)},
		{Name: "length under the minimum", Answer: broken(TooShort)},
		{Name: "length of 4 GiB", Answer: broken(FourGiB)},
		{Name: "headers beyond the frame", Answer: broken(HeadersBeyondFrame)},
		{Name: "unknown header type", Answer: broken(UnknownHeaderType)},
		{Name: "unknown event", Answer: Answer{Event("brandNewEvent", `{"novelty":[1,2,3]}`), Delta("still here")}},
		{Name: "bad JSON", Answer: broken(BadJSON)},
		{Name: "bad UTF-8", Answer: broken(BadUTF8)},
		{Name: "exception", Answer: Answer{Exception("error", `{"message":"Encountered an internal error."}`), End()}},
		{Name: "throttling exception", Answer: Answer{Exception("throttlingException", `{"message":"Too many requests."}`), End()}},
		{Name: "content length exception", Answer: Answer{Exception("ContentLengthExceededException", `{"message":"Input is too long."}`), End()}},
		{Name: "error frame", Answer: Answer{Failure("InternalFailure", "Something broke."), End()}},
		{Name: "never another event", Answer: Answer{Open(), Hold(nil)}},
		{Name: "a byte at a time", Answer: Answer{Trickle(1, 0), Delta("slow")}},
		{Name: "events after the end", Answer: Answer{Delta("all"), Event("metadataEvent", `{"stopReason":"END_TURN"}`), Delta("more")}},
		{Name: "filtered", Answer: Answer{Metadata(TokenUsage{}, "CONTENT_FILTERED")}},
	}
}
