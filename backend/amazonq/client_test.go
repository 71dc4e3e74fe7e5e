package amazonq_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq"
	"amq2api/backend/chat"
	"amq2api/backend/fault"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const streamType = "application/vnd.amazon.eventstream"

func TestACallIsHonestAboutWhoMakesIt(t *testing.T) {
	var got *http.Request
	var body []byte
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", streamType)
		_, _ = w.Write(appendEvent(nil, "assistantResponseEvent", `{"content":"Hi"}`))
	}))
	defer service.Close()
	client := newClient(t, amazonq.Config{Endpoint: service.URL})
	if _, err := describeEvents(client.Send(t.Context(), credential(), question())); err != nil {
		t.Fatal(err)
	}
	if got.Method != http.MethodPost || got.URL.String() != "/" || got.ContentLength != int64(len(body)) {
		t.Errorf("%s %s with %d bytes", got.Method, got.URL, got.ContentLength)
	}
	for name, want := range map[string]string{
		"Content-Type":                "application/x-amz-json-1.0",
		"X-Amz-Target":                "AmazonCodeWhispererStreamingService.GenerateAssistantResponse",
		"Authorization":               "Bearer token-1",
		"User-Agent":                  "AMQ2API/test os/" + runtime.GOOS,
		"X-Amzn-Codewhisperer-Optout": "false",
		"Amz-Sdk-Request":             "attempt=1; max=1",
		"Accept-Encoding":             "",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
		}
	}
	if id := got.Header.Get("Amz-Sdk-Invocation-Id"); !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("invocation %q", id)
	}
	if strings.Contains(string(body), "profileArn") {
		t.Error("an account without a profile sent one")
	}
}

func TestTheUserMayOptOut(t *testing.T) {
	header, _ := sent(t, amazonq.Config{OptOut: true}, credential())
	if got := header.Get("X-Amzn-Codewhisperer-Optout"); got != "true" {
		t.Errorf("opt out is %q", got)
	}
}

func TestAProfileIsSentWithItsOwnAccountOnly(t *testing.T) {
	with := credential()
	with.ProfileARN = "arn:aws:codewhisperer:us-east-1:1:profile/A"
	if _, body := sent(t, amazonq.Config{}, with); !strings.HasSuffix(body, `,"profileArn":"arn:aws:codewhisperer:us-east-1:1:profile/A"}`) {
		t.Error(body)
	}
}

func sent(t *testing.T, config amazonq.Config, account account.Credential) (header http.Header, body string) {
	t.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		header, body = r.Header, string(raw)
	}))
	defer service.Close()
	config.Endpoint = service.URL
	_, _ = describeEvents(newClient(t, config).Send(t.Context(), account, question()))
	return header, body
}

func TestNothingIsSentBeforeTheStreamIsRanged(t *testing.T) {
	transport := &caught{}
	stream := newClient(t, amazonq.Config{HTTP: &http.Client{Transport: transport}}).Send(t.Context(), credential(), question())
	if transport.url != "" {
		t.Error("the call was made early")
	}
	_, _ = describeEvents(stream)
	if transport.url == "" {
		t.Error("the call was not made")
	}
}

func TestARedirectIsNeverFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the token went elsewhere: %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		got := refused(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, status)
		}))
		if got.Kind != fault.Unavailable || !strings.Contains(got.Message, "redirect") {
			t.Errorf("%d: %v", status, got)
		}
	}
}

func TestASuccessThatIsNoStreamIsNotAnAnswer(t *testing.T) {
	for body, want := range map[string]fault.Kind{`{"ok":true}`: fault.Unavailable, `{"__type":"ThrottlingException"}`: fault.Throttled} {
		if got := refused(t, refusing(200, "", body)); got.Kind != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}

func TestAMissingContentTypeIsForgiven(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		_, _ = w.Write(appendEvent(nil, "assistantResponseEvent", `{"content":"Hi"}`))
	}))
	defer service.Close()
	if _, err := describeEvents(newClient(t, amazonq.Config{Endpoint: service.URL}).Send(t.Context(), credential(), question())); err != nil {
		t.Error(err)
	}
}

func TestUnreachable(t *testing.T) {
	refusing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refusing.Close()
	resetting, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resetting.Close() }()
	go func() {
		for {
			connection, err := resetting.Accept()
			if err != nil {
				return
			}
			_ = connection.(*net.TCPConn).SetLinger(0)
			_ = connection.Close()
		}
	}()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	for name, endpoint := range map[string]string{
		"refused": "http://" + refusing.Addr().String(), "reset before headers": "http://" + resetting.Addr().String(), "a bad certificate": untrusted.URL,
	} {
		_, err := describeEvents(newClient(t, amazonq.Config{Endpoint: endpoint}).Send(t.Context(), credential(), question()))
		f := fault.Of(err)
		if f.Kind != fault.Unavailable || strings.Contains(f.Message, "certificate") != (name == "a bad certificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// failing is a transport without a network.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestNoNetworkIsNobodysFault(t *testing.T) {
	lookup := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "q.us-east-1.amazonaws.com"}}
	for _, story := range []struct {
		name   string
		err    error
		online bool
		want   fault.Kind
	}{
		{"no route", &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, true, fault.Offline},
		{"no names and no address", lookup, false, fault.Offline},
		{"no names, but a network", lookup, true, fault.Unavailable},
		{"refused without a network", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false, fault.Unavailable},
	} {
		client := newClient(t, amazonq.Config{HTTP: &http.Client{Transport: failing{story.err}}})
		amazonq.SetOnline(client, story.online)
		_, err := describeEvents(client.Send(t.Context(), credential(), question()))
		if got := fault.Of(err).Kind; got != story.want {
			t.Errorf("%s: %v", story.name, err)
		}
	}
}

// inBubble runs a story in fake time: a service behind pipes, and a client that talks to it.
func inBubble(t *testing.T, answer http.HandlerFunc, story func(t *testing.T, client *amazonq.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})}
		service := &http.Server{Handler: answer, ReadHeaderTimeout: time.Second}
		go func() { _ = service.Serve(listener) }()
		transport := &http.Transport{DialContext: listener.dial}
		defer func() {
			_ = service.Close()
			transport.CloseIdleConnections()
		}()
		story(t, newClient(t, amazonq.Config{Endpoint: "http://127.0.0.1", HTTP: &http.Client{Transport: transport}}))
	})
}

// pipes is a listener without a network.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.waiting <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case connection := <-p.waiting:
		return connection, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// streaming answers with events, with a pause before each.
func streaming(pause time.Duration, events int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", streamType)
		w.WriteHeader(http.StatusOK)
		for range events {
			w.(http.Flusher).Flush()
			select {
			case <-time.After(pause):
			case <-r.Context().Done():
				return
			}
			_, _ = w.Write(appendEvent(nil, "assistantResponseEvent", `{"content":"x"}`))
		}
	}
}

func TestAServiceThatNeverAnswersIsGivenUpAfterTwoMinutes(t *testing.T) {
	inBubble(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
	}, func(t *testing.T, client *amazonq.Client) {
		started := time.Now()
		_, err := describeEvents(client.Send(t.Context(), credential(), question()))
		if took := time.Since(started); fault.Of(err).Kind != fault.Unavailable || took != 2*time.Minute {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestAStallInTheMiddleIsGivenUpAfterTwoMinutes(t *testing.T) {
	inBubble(t, streaming(121*time.Second, 2), func(t *testing.T, client *amazonq.Client) {
		started := time.Now()
		_, err := describeEvents(client.Send(t.Context(), credential(), question()))
		if took := time.Since(started); fault.Of(err).Kind != fault.Unavailable || took != 2*time.Minute {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestLongSilencesAreNormal(t *testing.T) {
	inBubble(t, streaming(100*time.Second, 5), func(t *testing.T, client *amazonq.Client) {
		if _, err := describeEvents(client.Send(t.Context(), credential(), question())); err != nil {
			t.Error(err)
		}
	})
}

func TestASlowReaderIsNotTakenForAStall(t *testing.T) {
	inBubble(t, streaming(time.Second, 3), func(t *testing.T, client *amazonq.Client) {
		for _, err := range client.Send(t.Context(), credential(), question()) {
			if err != nil {
				t.Error(err)
			}
			time.Sleep(5 * time.Minute)
		}
	})
}

func TestAnEndlessAnswerIsCutAfterHalfAnHour(t *testing.T) {
	inBubble(t, streaming(time.Minute, 1000), func(t *testing.T, client *amazonq.Client) {
		started := time.Now()
		_, err := describeEvents(client.Send(t.Context(), credential(), question()))
		if took := time.Since(started); fault.Of(err).Kind != fault.Unavailable || took != 30*time.Minute {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestLeavingTheRangeHangsUp(t *testing.T) {
	gone := make(chan struct{})
	inBubble(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		streaming(time.Second, 1000)(w, r)
	}, func(t *testing.T, client *amazonq.Client) {
		started := time.Now()
		for range client.Send(t.Context(), credential(), question()) {
			break
		}
		<-gone
		if took := time.Since(started); took > 3*time.Second {
			t.Errorf("the service noticed after %v", took)
		}
	})
}

func TestACancelledRequestEndsWithItsCause(t *testing.T) {
	revoked := fault.New(fault.Unauthenticated, "This key was revoked.")
	inBubble(t, streaming(time.Second, 1000), func(t *testing.T, client *amazonq.Client) {
		for _, cause := range []error{nil, revoked} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(5500*time.Millisecond, func() { cancel(cause) })
			_, err := describeEvents(client.Send(ctx, credential(), question()))
			if want := map[bool]fault.Kind{true: fault.Canceled, false: fault.Unauthenticated}[cause == nil]; fault.Of(err).Kind != want {
				t.Errorf("cause %v: %v", cause, err)
			}
		}
	})
}

func TestADeadlineIsNotOurBug(t *testing.T) {
	inBubble(t, streaming(time.Minute, 10), func(t *testing.T, client *amazonq.Client) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		if _, err := describeEvents(client.Send(ctx, credential(), question())); fault.Of(err).Kind != fault.Unavailable {
			t.Error(err)
		}
	})
}

func TestALostConnectionIsNotAnEndEvenBetweenMessages(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", streamType)
		_, _ = w.Write(appendEvent(nil, "assistantResponseEvent", `{"content":"Hi"}`))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer service.Close()
	events, err := describeEvents(newClient(t, amazonq.Config{Endpoint: service.URL}).Send(t.Context(), credential(), question()))
	if fault.Of(err).Kind != fault.Unavailable || !strings.HasPrefix(events, `text "Hi"`) {
		t.Errorf("%s%v", events, err)
	}
}

func TestTheFirstEventDoesNotWaitForTheSecond(t *testing.T) {
	inBubble(t, streaming(time.Minute, 3), func(t *testing.T, client *amazonq.Client) {
		started := time.Now()
		for range client.Send(t.Context(), credential(), question()) {
			if took := time.Since(started); took != time.Minute {
				t.Errorf("the first event came after %v", took)
			}
			return
		}
	})
}

func TestLeavingAtAnyEventYieldsNothingMore(t *testing.T) {
	stream := parseStream(t, `assistantResponseEvent {"content":"a"}
toolUseEvent {"toolUseId":"t1","name":"ls"}
toolUseEvent {"toolUseId":"t1","name":"ls","input":"{}"}
assistantResponseEvent {"content":"held"}
toolUseEvent {"toolUseId":"t1","name":"ls","stop":true}
`)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", streamType)
		_, _ = w.Write(stream)
	}))
	defer service.Close()
	client := newClient(t, amazonq.Config{Endpoint: service.URL})
	const events = 7
	for after := 1; after <= events; after++ {
		seen := 0
		for _, err := range client.Send(t.Context(), credential(), question()) {
			if seen++; err != nil {
				t.Error(err)
			}
			if seen == after {
				break // a yield after this would panic
			}
		}
		if seen != after {
			t.Errorf("%d events, want %d", seen, after)
		}
	}
}

func TestOneClientServesManyStreamsAtOnce(t *testing.T) {
	service := httptest.NewServer(streaming(time.Millisecond, 20))
	defer service.Close()
	client := newClient(t, amazonq.Config{Endpoint: service.URL})
	results := make(chan error)
	const streams = 30
	for range streams {
		go func() {
			reply, err := chat.Collect(client.Send(t.Context(), credential(), question()))
			if err == nil && len(reply.Blocks) != 1 {
				err = errors.New("half an answer")
			}
			results <- err
		}()
	}
	for range streams {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}
