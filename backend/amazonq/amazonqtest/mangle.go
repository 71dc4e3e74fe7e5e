package amazonqtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// Mangled is a made-up answer as bytes, with whatever went wrong with it on its way. As an http.RoundTripper it gives this answer to any
// call, in reads of any size.
type Mangled struct {
	Stream []byte
	Torn   bool   // the connection breaks after the last byte, where it should end
	How    string // what was done to it
	reads  uint64 // the seed of their sizes
}

// Mangle makes an answer and breaks it in some ways, or in none.
func Mangle(random *rand.Rand) Mangled {
	m := mangler{Rand: random}
	m.script()
	for range m.IntN(4) {
		m.disturb()
	}
	m.stream = bytes.Join(m.frames, nil)
	if m.IntN(2) == 0 {
		m.damage()
	}
	return Mangled{Stream: m.stream, Torn: m.torn, How: strings.Join(m.how, ", "), reads: m.Uint64()}
}

// RoundTrip implements http.RoundTripper.
func (m Mangled) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		_, _ = io.Copy(io.Discard, request.Body)
		_ = request.Body.Close()
	}
	body := &inReads{rest: m.Stream, torn: m.Torn, random: rand.New(rand.NewPCG(m.reads, 1))}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{"Content-Type": {"application/vnd.amazon.eventstream"}}, Body: io.NopCloser(body), ContentLength: -1,
	}, nil
}

var errTorn = errors.New("connection reset by peer")

type inReads struct {
	rest   []byte
	torn   bool
	random *rand.Rand
}

func (r *inReads) Read(p []byte) (int, error) {
	if len(r.rest) == 0 && r.torn {
		return 0, errTorn
	}
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	size := 1 + r.random.IntN(1<<r.random.IntN(16))
	n := copy(p, r.rest[:min(size, len(r.rest))])
	r.rest = r.rest[n:]
	return n, nil
}

type mangler struct {
	*rand.Rand
	frames [][]byte
	stream []byte
	torn   bool
	how    []string
}

func (m *mangler) note(format string, args ...any) {
	m.how = append(m.how, fmt.Sprintf(format, args...))
}

func (m *mangler) pick(choices ...string) string { return choices[m.IntN(len(choices))] }

func (m *mangler) add(kind, format string, args ...any) {
	m.frames = append(m.frames, EventFrame(kind, fmt.Appendf(nil, format, args...)))
}

// script makes a good answer.
func (m *mangler) script() {
	if m.IntN(2) == 0 {
		m.add("initial-response", `{"conversationId":"c1"}`)
	}
	for call := range m.IntN(6) {
		switch m.IntN(4) {
		case 0:
			m.add("reasoningContentEvent", `{"text":%s}`, mustMarshal(m.words()))
			m.add("reasoningContentEvent", `{"signature":"c2lnbmVk"}`)
		case 1:
			m.calls(call)
		default:
			for range 1 + m.IntN(4) {
				m.add("assistantResponseEvent", `{"content":%s}`, mustMarshal(m.words()))
			}
		}
	}
	m.accounting()
}

func (m *mangler) words() string {
	return m.pick("", "Hello", " world", "\n", "日本語", "👍🏽", "\u2028", "\"quoted\" \\ and </script>", "{}", strings.Repeat("long ", m.IntN(400)), "\u0000\u0007", "é\u0301")
}

// calls makes one or two calls, whose parts may come in turn.
func (m *mangler) calls(number int) {
	var lists [][]toolUseEvent
	for n := range 1 + m.IntN(2) {
		id, name := fmt.Sprintf("tooluse_%d_%d", number, n), m.pick("write", "read_file", "write")
		parts := []toolUseEvent{{ID: id, Name: name}}
		input := m.pick(`{"path":"/tmp/a","text":"line\nline"}`, `{"emoji":"👍","deep":{"list":[1,null,true]}}`, `{}`, ``, ` {"a" : 1}`)
		for input != "" {
			cut := 1 + m.IntN(len(input))
			for cut < len(input) && input[cut]&0xc0 == 0x80 {
				cut++
			}
			parts = append(parts, toolUseEvent{ID: id, Name: name, Input: input[:cut]})
			input = input[cut:]
		}
		lists = append(lists, append(parts, toolUseEvent{ID: id, Name: name, Stop: true}))
	}
	for len(lists) > 0 {
		i := m.IntN(len(lists))
		m.add("toolUseEvent", "%s", mustMarshal(lists[i][0]))
		if lists[i] = lists[i][1:]; len(lists[i]) == 0 {
			lists = slices.Delete(lists, i, i+1)
		}
	}
}

func (m *mangler) accounting() {
	if m.IntN(2) == 0 {
		m.add("contextUsageEvent", `{"contextUsagePercentage":%g}`, m.Float64()*110)
	}
	if m.IntN(2) == 0 {
		m.add("meteringEvent", `{"usage":%g,"unit":"credit"}`, m.Float64())
	}
	if m.IntN(2) == 0 {
		reason := m.pick("END_TURN", "MAX_TOKENS", "TOOL_USE", "CONTENT_FILTERED", "MODEL_CONTEXT_WINDOW_EXCEEDED", "NEVER_HEARD_OF")
		usage := TokenUsage{UncachedInput: m.IntN(1000), Output: m.IntN(1000), CacheRead: m.IntN(2)}
		m.add("metadataEvent", `{"stopReason":%q,"tokenUsage":%s}`, reason, mustMarshal(usage))
	}
}

// disturb changes whole messages.
func (m *mangler) disturb() {
	at := m.IntN(len(m.frames) + 1)
	insert := func(how string, frame []byte) {
		m.note("%s at %d", how, at)
		m.frames = slices.Insert(m.frames, at, frame)
	}
	switch choice := m.IntN(9); {
	case choice == 0:
		insert("an unknown event", EventFrame("somethingNewEvent", []byte(m.pick(`{"a":1}`, `no json`, ``))))
	case choice == 1:
		insert("an unknown message", Frame([]byte("{}"), StringHeader(":message-type", "heartbeat")))
	case choice == 2:
		kind := m.pick("ThrottlingException", "InternalServerException", "ContentLengthExceededException", "ValidationException")
		insert(kind, ExceptionFrame(kind, []byte(`{"message":"No."}`)))
	case choice == 3:
		insert("an error", ErrorFrame("InternalError", "No."))
	case choice == 4:
		insert("odd payload", EventFrame(m.pick("assistantResponseEvent", "toolUseEvent", "reasoningContentEvent", "metadataEvent", "meteringEvent"),
			[]byte(m.pick(`no json`, `{"content":`, ``, `{}`, "{\"content\":\"\xff\xfe\"}"))))
	case choice == 5:
		insert("a huge event", EventFrame("assistantResponseEvent", fmt.Appendf(nil, `{"content":%q}`, strings.Repeat("huge ", 1<<m.IntN(17)))))
	case choice == 6:
		broken := Damage(m.IntN(int(CutInPrelude)))
		insert(fmt.Sprintf("damage %d", broken), damaged(broken))
	case len(m.frames) == 0:
	case choice == 7:
		insert("a repetition", m.frames[m.IntN(len(m.frames))])
	default:
		other := m.IntN(len(m.frames))
		at %= len(m.frames)
		m.note("%d and %d change places", at, other)
		m.frames[at], m.frames[other] = m.frames[other], m.frames[at]
	}
}

// damage changes bytes.
func (m *mangler) damage() {
	size := len(m.stream)
	switch choice := m.IntN(6); {
	case choice == 0:
		m.torn = true
		m.note("torn at its end")
	case choice == 1 || size == 0:
		m.stream = append(m.stream, make([]byte, m.IntN(40))...)
		m.note("zeros at its end, %d bytes", len(m.stream))
	case choice == 2:
		m.stream = m.stream[:m.frameEnd()]
		m.note("cut between messages")
	case choice == 3:
		m.stream = slices.Clone(m.stream)
		for range 1 + m.IntN(3) {
			bit := m.IntN(size * 8)
			m.stream[bit/8] ^= 1 << (bit % 8)
			m.note("bit %d flipped", bit)
		}
	default:
		m.stream = m.stream[:m.IntN(size)]
		m.torn = choice == 4
		m.note("cut at %d, torn %t", len(m.stream), m.torn)
	}
}

func (m *mangler) frameEnd() int {
	end := 0
	for _, frame := range m.frames[:m.IntN(len(m.frames)+1)] {
		end += len(frame)
	}
	return end
}
