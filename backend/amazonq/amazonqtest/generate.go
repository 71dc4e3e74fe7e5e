package amazonqtest

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// The targets of the streaming service, by their operation. Source: the official CLI.
var targets = map[string]string{
	"AmazonCodeWhispererStreamingService.GenerateAssistantResponse": Generate,
	"AmazonCodeWhispererService.ListAvailableModels":                ListAvailableModels,
	"AmazonCodeWhispererService.GetUsageLimits":                     GetUsageLimits,
	"AmazonCodeWhispererService.ListAvailableProfiles":              ListAvailableProfiles,
}

// maxBody caps a request to the streaming service.
const maxBody = 192 << 20

// rpc answers JSON-RPC: one path, the operation in a header.
func (s *Service) rpc(w http.ResponseWriter, r *http.Request) {
	target := r.Header.Get("X-Amz-Target")
	operation := targets[target]
	x := s.begin(w, r, operation)
	if operation == "" {
		x.refuse(unknownOperation, fmt.Sprintf("x-amz-target: %q", target))
		return
	}
	s.upstream(x, operation, "application/x-amz-json-1.0")
}

// rest answers REST-JSON: the operation in the path.
func (s *Service) rest(w http.ResponseWriter, r *http.Request) {
	x := s.begin(w, r, Generate)
	x.restful = true
	s.upstream(x, Generate, "application/json")
}

// upstream checks a call as the real service does, authorisation before anything in the body, and answers it.
func (s *Service) upstream(x *exchange, operation, media string) {
	s.mu.Lock()
	authorised := s.authorise(x)
	s.count(x.identity, func(c *Counters) {
		if operation == Generate {
			c.Calls++
		} else {
			c.Questions++
		}
	})
	s.mu.Unlock()
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	if err != nil {
		x.reject(Malformed, "body: "+err.Error())
		return
	}
	x.note(func(call *Received) { call.Size = len(body) })
	if !authorised {
		x.reject(TokenInvalid, "authorization: no valid bearer token")
		return
	}
	if why := unfitHeader(x.r.Header, media); why != "" {
		x.reject(Malformed, why)
		return
	}
	if why := x.identity.unfitKind(x.r.Header); why != "" {
		x.reject(TokenInvalid, why)
		return
	}
	if refusal, scripted := x.nextControl(operation); scripted {
		x.refuse(refusal, "")
		return
	}
	switch operation {
	case ListAvailableProfiles:
		x.listProfiles(body)
	case ListAvailableModels:
		x.listModels(body)
	case GetUsageLimits:
		x.usageLimits(body)
	default:
		x.generate(body)
	}
}

// authorise finds whose token it is, and tells whether it is valid. The caller holds the mutex.
func (s *Service) authorise(x *exchange) bool {
	token, found := strings.CutPrefix(x.r.Header.Get("Authorization"), "Bearer ")
	identity := s.access[token]
	if !found || identity == nil {
		return false
	}
	x.identify(identity)
	return identity.valid(token)
}

// unfitHeader says which header is wrong, empty if none is.
func unfitHeader(header http.Header, media string) string {
	if got, _, _ := mime.ParseMediaType(header.Get("Content-Type")); got != media {
		return "content-type is " + header.Get("Content-Type")
	}
	switch optOut := header.Get("X-Amzn-Codewhisperer-Optout"); optOut {
	case "", "true", "false":
		return ""
	default:
		return "x-amzn-codewhisperer-optout is " + optOut
	}
}

// reject is refuse for a call that broke a rule.
func (x *exchange) reject(refusal Refusal, why string) {
	x.service.mu.Lock()
	x.service.count(x.identity, func(c *Counters) { c.Refused++ })
	x.service.mu.Unlock()
	x.refuse(refusal, why)
}

// generate checks a conversation and answers it: with the script if there is one, else with the small model.
func (x *exchange) generate(body []byte) {
	request, why := decodeRequest(body)
	x.request = request
	x.note(func(call *Received) { call.Request = request })
	if why != "" {
		x.reject(Malformed, why)
		return
	}
	if refusal, why := x.judge(); why != "" {
		x.reject(refusal, why)
		return
	}
	answer, err := x.next(), errEnd // errEnd is for a script that panics
	defer func() { x.finish(err) }()
	err = x.play(answer)
}

// judge applies every rule to a request of sound shape.
func (x *exchange) judge() (Refusal, string) {
	if refusal, why := x.identity.owns(x.request.ProfileARN); why != "" {
		return refusal, why
	}
	if x.restful && x.request.AgentMode != "" {
		return Malformed, "agentMode: a header in this dialect"
	}
	if why := check(x.request); why != "" {
		return Malformed, why
	}
	if model := x.request.Current().ModelID; !x.identity.knows(model) {
		return InvalidModel, fmt.Sprintf("modelId: %q", model)
	}
	if n := x.request.inputBytes(); n > window*bytesPerToken {
		return TooLong, fmt.Sprintf("input of %d bytes", n)
	}
	return Refusal{}, ""
}

// owns checks that a profile belongs to the token's identity: a foreign one makes the token invalid, a missing one the request.
func (i *Identity) owns(profile string) (Refusal, string) {
	switch {
	case profile == "" && i.ProfileARN == "" && len(i.options.Profiles) == 0:
		return Refusal{}, ""
	case profile == "":
		return noProfile, "profileArn: missing"
	case profile == i.ProfileARN, slices.ContainsFunc(i.options.Profiles, func(p Profile) bool { return p.ARN == profile }):
		return Refusal{}, ""
	default:
		return TokenInvalid, fmt.Sprintf("profileArn: %q is not the token's", profile)
	}
}

// next picks the answer and counts the stream.
func (x *exchange) next() Answer {
	s, i := x.service, x.identity
	s.mu.Lock()
	defer s.mu.Unlock()
	i.calls++
	x.random = source(s.options.Seed, i.number<<32|i.calls)
	s.count(i, func(c *Counters) {
		c.Streams++
		c.PeakStreams = max(c.PeakStreams, c.Streams)
	})
	for _, script := range []*script{&i.script, &s.script} {
		if answer := script.take(); answer != nil {
			return answer
		}
	}
	return improvise(x.request, s.options.Pace)
}

// finish closes the books of a stream.
func (x *exchange) finish(err error) {
	cancelled := err != nil && !errors.Is(err, errEnd)
	x.service.mu.Lock()
	defer x.service.mu.Unlock()
	x.record.Cancelled = cancelled
	x.service.count(x.identity, func(c *Counters) {
		c.Streams--
		if cancelled {
			c.Cancelled++
		}
	})
}
