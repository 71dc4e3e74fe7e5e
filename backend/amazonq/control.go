package amazonq

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"

	"amq2api/backend/account"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// The control plane: what the service tells about an account. Source: the official CLI.
const (
	controlTarget = "AmazonCodeWhispererService."
	controlLimit  = 15 * time.Second // for one call
	controlAnswer = 1 << 20          // bytes
	mostPages     = 10
)

var (
	errControlSlow    = fault.New(fault.Unavailable, "Amazon Q did not answer a question about the account in time. Try again.").Saying(fault.Said{Code: fault.NoAnswer})
	errControlAnswer  = errors.New("the answer is too long")
	errControlNothing = errors.New("the answer is not the JSON that was expected")
)

// question is one call of the control plane.
type question struct {
	operation string
	address   string
	query     url.Values // arguments that are sent here as well as in the body
	body      any
}

// ask makes a call for an account and decodes its answer.
func (c *Client) ask(ctx context.Context, credential account.Credential, q question, into any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, controlLimit, errControlSlow)
	defer cancel()
	response, err := c.post(ctx, credential, q)
	if err != nil {
		return c.unreachable(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return c.classify(readFailure(response, c.now()), new(chat.Request))
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, controlAnswer+1))
	switch {
	case err != nil:
		return broken(ctx, err)
	case len(text) > controlAnswer:
		err = errControlAnswer
	case unmarshal(text, into) != nil:
		err = errControlNothing // the decoder's own words may quote what is in the answer
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, fmt.Errorf("%s: %w", q.operation, err), "Amazon Q's answer about the account could not be read. Try again later.").Saying(fault.Said{Code: fault.AmazonOdd})
	}
	return nil
}

func (c *Client) post(ctx context.Context, credential account.Credential, q question) (*http.Response, error) {
	body, err := json.Marshal(q.body)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", q.operation, err)
	}
	address := q.address
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = c.header(credential, controlTarget+q.operation)
	return c.http.Do(request)
}

// accountArguments are those that name an account's side of a question.
type accountArguments struct {
	Origin          string `json:"origin,omitzero"`
	ProfileARN      string `json:"profileArn,omitzero"`
	ResourceType    string `json:"resourceType,omitzero"`
	IsEmailRequired bool   `json:"isEmailRequired,omitzero"`
	NextToken       string `json:"nextToken,omitzero"`
}

// query is the arguments once more, as the official CLI sends them.
func (a accountArguments) query() url.Values {
	values := url.Values{}
	for name, value := range map[string]string{
		"origin": a.Origin, "profileArn": a.ProfileARN, "resourceType": a.ResourceType, "nextToken": a.NextToken,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if a.IsEmailRequired {
		values.Set("isEmailRequired", "true")
	}
	return values
}

// aboutAccount makes a question that names the account's origin and profile, in its own region.
func (c *Client) aboutAccount(credential account.Credential, operation string, arguments accountArguments) (question, error) {
	service, err := serviceOf(credential.Service)
	if err != nil {
		return question{}, err
	}
	arguments.Origin, arguments.ProfileARN = service.of(credential).origin, credential.ProfileARN
	return question{operation: operation, address: c.address(service, credential.Region), query: arguments.query(), body: arguments}, nil
}

// paged asks for page after page until there is no more, or the pages go in circles.
func paged(ask func(token string) (next string, err error)) error {
	token, seen := "", map[string]bool{}
	for range mostPages {
		next, err := ask(token)
		if err != nil || next == "" || seen[next] {
			return err
		}
		token, seen[next] = next, true
	}
	return nil
}
