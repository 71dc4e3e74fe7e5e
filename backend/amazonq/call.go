package amazonq

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"

	"amq2api/backend/account"
)

// Source of the headers' names and forms: the official CLI.
const (
	generate    = "AmazonCodeWhispererStreamingService.GenerateAssistantResponse"
	contentType = "application/x-amz-json-1.0"
	streamType  = "eventstream"
)

// smallBody is a body, in bytes, that is not worth letting go of. The transport sends one that it knows to be in memory, as a bytes.Reader
// is, in one write with the headers.
const smallBody = 16 << 10

// call posts a conversation and returns as soon as there are headers. The body is let go of then, a stream may last much longer.
func (c *Client) call(ctx context.Context, address string, credential account.Credential, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) > smallBody {
		request.Body = &upload{rest: body}
		request.GetBody = func() (io.ReadCloser, error) { return &upload{rest: body}, nil }
	}
	request.Header = c.header(credential, generate)
	response, err := c.http.Do(request)
	body = nil
	return response, err
}

// header is what every call of an operation carries.
func (c *Client) header(credential account.Credential, target string) http.Header {
	header := http.Header{
		"Content-Type":                {contentType},
		"X-Amz-Target":                {target},
		"Authorization":               {"Bearer " + credential.AccessToken.Reveal()},
		"User-Agent":                  {c.agent},
		"Accept":                      {"*/*"},
		"X-Amzn-Codewhisperer-Optout": {c.optOut},
		"Amz-Sdk-Invocation-Id":       {randomUUID()},
		"Amz-Sdk-Request":             {"attempt=1; max=1"},
	}
	if credential.Method == account.APIKey {
		header["Tokentype"] = []string{"API_KEY"} // Source: an observed client
	}
	return header
}

// isEventStream tells an answer from everything else a host may send with or without the status of success.
func isEventStream(response *http.Response) bool {
	kind := response.Header.Get("Content-Type")
	return response.StatusCode == http.StatusOK && (kind == "" || strings.Contains(kind, streamType))
}

// upload is a request body that forgets its bytes when the transport closes it: a request lives as long as its answer, the body need not.
type upload struct {
	mu   sync.Mutex // the transport may close a body while it is still being read
	rest []byte
}

func (u *upload) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

func (u *upload) Close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.rest = nil
	return nil
}
