package gateway_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/gateway"
	"amq2api/backend/server"
	"amq2api/backend/sse"
	"amq2api/backend/usage"
)

// after is an answer that is silent for a while before it begins.
func after(silence time.Duration, next answer) answer {
	return func(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
		return func(yield func(chat.Event, error) bool) {
			select {
			case <-time.After(silence):
				next(ctx, request, record)(yield)
			case <-ctx.Done():
				yield(chat.Event{}, ctx.Err())
			}
		}
	}
}

// breaks is an answer that says something and then goes on as next does.
func breaks(text string, next func(ctx context.Context, yield func(chat.Event, error) bool)) answer {
	return func(ctx context.Context, _ *chat.Request, _ *usage.Record) chat.Stream {
		return func(yield func(chat.Event, error) bool) {
			if yield(chat.Event{Kind: chat.TextDelta, Text: text}, nil) {
				next(ctx, yield)
			}
		}
	}
}

// then is the error an answer breaks off with.
func then(err error) func(context.Context, func(chat.Event, error) bool) {
	return func(_ context.Context, yield func(chat.Event, error) bool) { yield(chat.Event{}, err) }
}

// hangs waits until the request is ended from outside, as an upstream call does.
func hangs(ctx context.Context, yield func(chat.Event, error) bool) {
	<-ctx.Done()
	yield(chat.Event{}, ctx.Err())
}

var busy = fault.New(fault.Unavailable, "Amazon Q does not answer.")

// mustEndInError checks that a stream ends with the dialect's error and nothing that looks like a whole answer.
func mustEndInError(t *testing.T, d dialect, text, sentence string) {
	t.Helper()
	frames := strings.Split(strings.TrimSpace(text), "\n\n")
	last := frames[len(frames)-1]
	if !strings.Contains(last, sentence) || !strings.Contains(last, `"error"`) {
		t.Errorf("the stream ends with %q, want an error saying %q", last, sentence)
	}
	if d.name == "anthropic" && !strings.HasPrefix(last, "event: error\n") {
		t.Errorf("the error has no event line: %q", last)
	}
	for _, ending := range []string{"message_stop", "[DONE]", `"finish_reason":"`} {
		if strings.Contains(text, ending) {
			t.Errorf("the stream that failed has %s:\n%s", ending, text)
		}
	}
}

func TestAFaultAfterTheFirstEventEndsTheStreamInTheDialect(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		h := newHouse(t, breaks("Hel", then(busy)))
		answer := h.do(h.request(d, streaming))
		if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "Hel") {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		mustEndInError(t, d, answer.Body.String(), busy.Message)
		mustRecord(t, h, usage.Record{Dialect: d.name, Streaming: true, Status: 200, Fault: "unavailable", Message: busy.Message,
			FirstEvent: 1, Usage: partial(h)})
	})
}

// partial is the estimate for an answer that got as far as "Hel".
func partial(h *house) chat.Usage {
	var said chat.Tokens
	said.Add("Hel")
	return chat.Usage{Input: chat.Estimate(h.upper.requests()[0]), Output: said.Count(), Source: chat.Estimated}
}

func TestAFaultInTheMiddleOfAnAnswerInOnePieceIsAStatus(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		h := newHouse(t, breaks("Hel", then(busy)))
		mustFail(t, d, h.do(h.request(d, "")), http.StatusBadGateway)
		mustRecord(t, h, usage.Record{Dialect: d.name, Status: 502, Fault: "unavailable", Message: busy.Message, FirstEvent: 1, Usage: partial(h)})
	})
}

func TestAStreamThatJustStopsIsNotAnEnd(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		quiet := func(context.Context, func(chat.Event, error) bool) {}
		h := newHouse(t, breaks("Hel", quiet))
		mustEndInError(t, d, h.do(h.request(d, streaming)).Body.String(), "broke off")

		h = newHouse(t, breaks("Hel", quiet))
		mustFail(t, d, h.do(h.request(d, "")), http.StatusBadGateway)

		nothing := func(context.Context, *chat.Request, *usage.Record) chat.Stream {
			return func(func(chat.Event, error) bool) {}
		}
		for _, more := range []string{"", streaming} {
			h = newHouse(t, nothing)
			mustFail(t, d, h.do(h.request(d, more)), http.StatusBadGateway)
			if record := h.ledger.only(t); record.Usage != (chat.Usage{}) || record.FirstEvent != 0 {
				t.Errorf("the record is %+v", record)
			}
		}
	})
}

func TestASilentStreamIsKeptAlive(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, after(30*time.Second, breaks("Hel", func(_ context.Context, yield func(chat.Event, error) bool) {
				time.Sleep(20 * time.Second)
				spoken("lo")(yield)
			})))
			screen := newScreen()
			go h.ServeHTTP(screen, h.request(d, streaming))
			time.Sleep(10*time.Second - time.Millisecond)
			if code, text := screen.shows(); code != 0 || text != "" {
				t.Fatalf("before ten seconds the client has %d %q", code, text)
			}
			time.Sleep(2 * time.Millisecond)
			if code, text := screen.shows(); code != 200 || text != ": waiting\n\n" {
				t.Fatalf("after ten seconds the client has %d %q", code, text)
			}
			if got := screen.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
				t.Errorf("Content-Type is %q", got)
			}
			time.Sleep(15 * time.Second)
			if _, text := screen.shows(); text != ": waiting\n\n: waiting\n\n" {
				t.Fatalf("after 25 seconds the client has %q", text)
			}
			time.Sleep(20 * time.Second) // the first event came at 30, its silence is broken at 45
			keepAlive := map[string]string{"anthropic": "event: ping\n", "openai": ": keep-alive\n"}[d.name]
			if _, text := screen.shows(); strings.Count(text, keepAlive) != 1 {
				t.Fatalf("after 45 seconds the client has %q", text)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if record := h.ledger.only(t); record.FirstEvent != 30*time.Second || record.Duration != 50*time.Second || record.Status != 200 || record.Fault != "" {
				t.Errorf("the record is %+v", record)
			}
		})
	})
}

func TestAnAnswerInOnePieceWaitsInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, after(time.Minute, says("late")))
		screen := newScreen()
		go h.ServeHTTP(screen, h.request(spokenDialects[0], ""))
		time.Sleep(59 * time.Second)
		if code, text := screen.shows(); code != 0 || text != "" {
			t.Fatalf("the client has %d %q", code, text)
		}
		if h.InFlight() != 1 || h.keys.InFlight() != 1 {
			t.Errorf("%d requests and %d permits are out", h.InFlight(), h.keys.InFlight())
		}
		time.Sleep(2 * time.Second)
		if code, _ := screen.shows(); code != 200 || h.InFlight() != 0 || h.keys.InFlight() != 0 {
			t.Fatalf("status %d, %d in flight", code, h.InFlight())
		}
	})
}

func TestAFaultAfterTenSecondsOfSilenceIsAnErrorInTheStream(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, after(11*time.Second, fails(busy)))
			screen := newScreen()
			h.ServeHTTP(screen, h.request(d, streaming))
			code, text := screen.shows()
			if code != 200 || !strings.HasPrefix(text, ": waiting\n\n") {
				t.Fatalf("%d %q", code, text)
			}
			mustEndInError(t, d, text, busy.Message)
			if record := h.ledger.only(t); record.Status != 200 || record.Fault != "unavailable" {
				t.Errorf("the record is %+v", record)
			}
		})
	})
}

func TestAFaultAtTheVeryMomentOfTheCommitIsOneOrTheOther(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		for range 200 {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, after(10*time.Second, fails(busy)))
				screen := newScreen()
				h.ServeHTTP(screen, h.request(d, streaming))
				code, text := screen.shows()
				switch code {
				case http.StatusOK:
					mustEndInError(t, d, text, busy.Message)
				case http.StatusBadGateway:
					if strings.Contains(text, ": waiting") || strings.Contains(text, "data:") {
						t.Fatalf("a status and a stream: %q", text)
					}
				default:
					t.Fatalf("%d %q", code, text)
				}
				if record := h.ledger.only(t); record.Status != code {
					t.Fatalf("the client saw %d, the record says %d", code, record.Status)
				}
			})
		}
	})
}

func TestAClientThatLeavesEndsTheCall(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		for _, more := range []string{"", streaming} {
			begun, ended := make(chan struct{}), make(chan error, 1)
			h := newHouse(t, breaks("Hel", func(ctx context.Context, yield func(chat.Event, error) bool) {
				close(begun)
				<-ctx.Done()
				ended <- context.Cause(ctx)
				yield(chat.Event{}, ctx.Err())
			}))
			server := httptest.NewServer(h)
			ctx, leave := context.WithCancel(context.Background())
			go func() {
				if response, err := http.DefaultClient.Do(h.over(server.URL, d, more).WithContext(ctx)); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
			}()
			<-begun
			leave()
			if cause := <-ended; !errors.Is(cause, context.Canceled) {
				t.Errorf("the call ended by %v", cause)
			}
			server.Close() // waits for the handler
			if record := h.ledger.only(t); record.Status != 499 || record.Fault != "canceled" || record.Usage.Source != chat.Estimated || record.Usage.Output == 0 {
				t.Errorf("the record is %+v", record)
			}
			if h.InFlight() != 0 || h.keys.InFlight() != 0 {
				t.Errorf("%d requests and %d permits are still out", h.InFlight(), h.keys.InFlight())
			}
		}
	})
}

// over is a request to a real server.
func (h *house) over(url string, d dialect, more string) *http.Request {
	r := h.request(d, more)
	sent, err := http.NewRequest(http.MethodPost, url+d.path, r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	sent.Header = r.Header
	return sent
}

func TestAClientThatStopsReadingIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(context.Context, *chat.Request, *usage.Record) chat.Stream {
			return func(yield func(chat.Event, error) bool) {
				for yield(chat.Event{Kind: chat.TextDelta, Text: strings.Repeat("x", 1000)}, nil) {
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
		near, far := net.Pipe()
		defer near.Close()
		pipe := make(chan net.Conn, 1)
		pipe <- far
		server := &http.Server{Handler: h}
		go func() { _ = server.Serve(&once{pipe}) }()
		r := h.request(spokenDialects[1], streaming)
		if err := r.Write(near); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Second)
		synctest.Wait()
		if record := h.ledger.only(t); record.Status != 499 || record.Fault != "canceled" {
			t.Errorf("the record is %+v", record)
		}
		_ = server.Close()
	})
}

func TestRevokingAKeyEndsItsRequests(t *testing.T) {
	revoked := "This key was revoked."
	inBothDialects(t, func(t *testing.T, d dialect) {
		for name, test := range map[string]struct {
			more   string
			answer answer
			status int
		}{
			"in the stream":           {streaming, breaks("Hel", hangs), 200},
			"before the first event":  {streaming, after(time.Hour, says("x")), 401},
			"an answer in one piece":  {"", breaks("Hel", hangs), 401},
			"before the first, whole": {"", after(time.Hour, says("x")), 401},
		} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t, test.answer)
					screen := newScreen()
					done := make(chan struct{})
					go func() {
						defer close(done)
						h.ServeHTTP(screen, h.request(d, test.more))
					}()
					time.Sleep(5 * time.Second)
					if _, err := h.keys.Revoke(context.Background(), h.keyID); err != nil {
						t.Fatal(err)
					}
					<-done
					code, text := screen.shows()
					if code != test.status || !strings.Contains(text, revoked) {
						t.Fatalf("%d %q", code, text)
					}
					if code == 200 {
						mustEndInError(t, d, text, revoked)
					}
					if record := h.ledger.only(t); record.Fault != "unauthenticated" || record.Message != revoked || record.Duration != 5*time.Second {
						t.Errorf("the record is %+v", record)
					}
				})
			})
		}
	})
}

func TestAStopOfTheProxyEndsStreamsWithItsReason(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		begun := make(chan struct{})
		h := newHouse(t, breaks("Hel", func(ctx context.Context, yield func(chat.Event, error) bool) {
			close(begun)
			hangs(ctx, yield)
		}))
		log := slog.New(slog.DiscardHandler)
		proxy := server.NewProxy(server.ProxyConfig{
			Gate: server.NewGate(server.GateConfig{Admin: http.NotFoundHandler(), Clients: h, Log: log}), Now: time.Now, Log: log,
		})
		if err := proxy.Start(context.Background(), server.Place{}); err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(h.over(proxy.State().Addresses[0], d, streaming))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		<-begun
		if err := proxy.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		mustEndInError(t, d, string(text), "AMQ2API was stopped.")
	})
}

func TestAPanicBehindTheSenderCostsOneRequest(t *testing.T) {
	boom := func(context.Context, func(chat.Event, error) bool) {
		var nothing *chat.Request
		_ = nothing.Model
	}
	inBothDialects(t, func(t *testing.T, d dialect) {
		h := newHouse(t, breaks("Hel", boom))
		answer := h.do(h.request(d, streaming))
		mustEndInError(t, d, answer.Body.String(), "Something went wrong inside AMQ2API.")

		for _, more := range []string{"", streaming} {
			early := newHouse(t, func(context.Context, *chat.Request, *usage.Record) chat.Stream {
				return func(func(chat.Event, error) bool) { panic("early") }
			})
			mustFail(t, d, early.do(early.request(d, more)), http.StatusInternalServerError)

			atOnce := newHouse(t, func(context.Context, *chat.Request, *usage.Record) chat.Stream { panic("at once") })
			mustFail(t, d, atOnce.do(atOnce.request(d, more)), http.StatusInternalServerError)
			for _, h := range []*house{early, atOnce} {
				if record := h.ledger.only(t); record.Status != 500 || record.Fault != "internal" {
					t.Errorf("the record is %+v", record)
				}
				if h.Panics() != 1 {
					t.Errorf("%d panics were counted", h.Panics())
				}
				if h.InFlight() != 0 || h.keys.InFlight() != 0 || !strings.Contains(h.journal.String(), "stream_test.go") {
					t.Errorf("%d in flight, %d permits, log %s", h.InFlight(), h.keys.InFlight(), h.journal)
				}
			}
		}
	})
}

// shaky is a rendering that panics at its second frame.
type shaky struct{ gateway.Rendering }

func (s shaky) Frames(stream chat.Stream) iter.Seq[sse.Frame] {
	return func(yield func(sse.Frame) bool) {
		begun := false
		for frame := range s.Rendering.Frames(stream) {
			if begun {
				panic("in the dialect")
			}
			begun = true
			yield(frame)
		}
	}
}

func TestAPanicInADialectCutsTheStreamRatherThanEndIt(t *testing.T) {
	h := newHouseOf(t, says("x"), func(c *gateway.Config) {
		decode := c.OpenAI.Decode
		c.OpenAI.Decode = func(body []byte, meta chat.Meta) (*chat.Request, gateway.Rendering, error) {
			request, rendering, err := decode(body, meta)
			return request, shaky{rendering}, err
		}
	})
	server := httptest.NewServer(h)
	defer server.Close()
	response, err := http.DefaultClient.Do(h.over(server.URL, spokenDialects[1], streaming))
	if err == nil {
		defer response.Body.Close()
		_, err = io.ReadAll(response.Body)
	}
	if err == nil {
		t.Error("the stream looks whole")
	}
	server.Close()
	if record := h.ledger.only(t); record.Status != 200 || record.Fault != "internal" {
		t.Errorf("the record is %+v", record)
	}
}

func TestAPanicWhileDecodingIsAStatus(t *testing.T) {
	h := newHouseOf(t, says("x"), func(c *gateway.Config) {
		c.OpenAI.Decode = func([]byte, chat.Meta) (*chat.Request, gateway.Rendering, error) { panic("in the decoder") }
	})
	mustFail(t, spokenDialects[1], h.do(h.request(spokenDialects[1], "")), http.StatusInternalServerError)
}

// blank is a client that takes everything at once.
type blank struct{ header http.Header }

func (b blank) Header() http.Header       { return b.header }
func (blank) WriteHeader(int)             {}
func (blank) Flush()                      {}
func (blank) Write(p []byte) (int, error) { return len(p), nil }

func TestATextEventCostsAtMostOneAllocation(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		cost := func(events int) float64 {
			h := newHouse(t, func(context.Context, *chat.Request, *usage.Record) chat.Stream {
				return func(yield func(chat.Event, error) bool) {
					for range events {
						if !yield(chat.Event{Kind: chat.TextDelta, Text: "word "}, nil) {
							return
						}
					}
					spoken("end")(yield)
				}
			})
			return testing.AllocsPerRun(5, func() { h.ServeHTTP(blank{http.Header{}}, h.request(d, streaming)) })
		}
		if each := (cost(11_000) - cost(1_000)) / 10_000; each > 1 {
			t.Errorf("%v allocations an event", each)
		}
	})
}
