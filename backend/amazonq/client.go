// Package amazonq is the upstream: it continues a chat with the streaming service of Amazon Q Developer, or of its successor, and asks the
// service about an account (control.go).
//
// A request becomes a conversation the service accepts (conversation.go, pairing.go, tools.go, encode.go), one call carries it
// (call.go), frames of the event stream become chat events (frame.go, answer.go, tooluse.go), and whatever goes wrong becomes a fault,
// classified here and nowhere else (failure.go, classify.go, network.go).
//
// The service refuses a conversation that breaks one of its rules without naming the rule, so the translation repairs everything that
// clients are known to send. What the service has no field for (temperature, token limits, stop sequences, a forced tool, reasoning)
// is not sent; emulating it is somebody else's work.
package amazonq

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/chat"
)

// Config is what a Client needs.
type Config struct {
	HTTP     *http.Client                              // nil is one tuned for many long streams; it never follows a redirect
	Proxy    Route                                     // of that one; nil follows the environment
	Tap      func(http.RoundTripper) http.RoundTripper // stands in the way of every call; nil is nothing
	Silence  func() time.Duration                      // how long the service may say nothing; nil is two minutes
	Endpoint string                                    // replaces the services' hosts; empty is no override
	Version  string                                    // of AMQ2API, for the user agent
	Now      func() time.Time                          // nil is time.Now
	Log      *slog.Logger                              // nil is silence
	OptOut   bool                                      // asks the service not to keep content
}

// Route finds the proxy that a call goes through; nil is none.
type Route func(*http.Request) (*url.URL, error)

// Client sends conversations. It is safe for concurrent use.
type Client struct {
	http     *http.Client
	override *override
	agent    string
	optOut   string
	silence  func() time.Duration
	now      func() time.Time
	log      *slog.Logger
	online   func() bool
	windows  windows
}

// New makes a Client. It refuses an endpoint that is neither https on an AWS host nor a loopback address, because the endpoint is sent
// access tokens.
func New(config Config) (*Client, error) {
	override, err := parseOverride(config.Endpoint)
	if err != nil {
		return nil, err
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Silence == nil {
		config.Silence = func() time.Duration { return usualSilence }
	}
	return &Client{
		http:     tapped(withoutRedirects(config.HTTP, config.Proxy), config.Tap),
		override: override,
		agent:    "AMQ2API/" + config.Version + " os/" + runtime.GOOS,
		optOut:   strconv.FormatBool(config.OptOut),
		silence:  config.Silence,
		now:      config.Now,
		log:      config.Log,
		online:   hasAddress,
	}, nil
}

// CloseIdle closes the connections that nobody uses.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

// errLeft says that the consumer left the range, so that nothing may be yielded any more.
var errLeft = errors.New("the consumer left the stream")

// Send asks the service to continue the conversation with request.Upstream as the model. The call is made when the stream is ranged
// and cancelled when the range is left. A good stream ends with Spent and Stopped; an error is a fault.
func (c *Client) Send(ctx context.Context, credential account.Credential, request *chat.Request) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		if err := c.send(ctx, credential, request, yield); err != nil && !errors.Is(err, errLeft) {
			yield(chat.Event{}, err)
		}
	}
}

// Body is a request as Send would send it, for whoever wants to look at it. What an account adds is left out.
func (c *Client) Body(request *chat.Request) ([]byte, error) {
	conversation, err := newConversation(request, "CLI")
	if err != nil {
		return nil, err
	}
	return conversation.encode(), nil
}

func (c *Client) send(ctx context.Context, credential account.Credential, request *chat.Request, yield func(chat.Event, error) bool) error {
	service, err := serviceOf(credential.Service)
	if err != nil {
		return err
	}
	conversation, err := newConversation(request, service.of(credential).origin)
	if err != nil {
		return err
	}
	conversation.profileARN = credential.ProfileARN

	ctx, patience := newPatience(ctx, c.silence())
	defer patience.end()
	response, err := c.call(ctx, c.address(service, credential.Region), credential, conversation.encode())
	if err != nil {
		return c.unreachable(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	if !isEventStream(response) {
		return c.classify(readFailure(response, c.now()), request)
	}
	reply := &answer{client: c, request: request, names: conversation.names, yield: yield, meter: meter{window: c.window(request.Upstream)}}
	return reply.read(ctx, response.Body, patience)
}
