package connect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"amq2api/backend/fault"
)

// Trial is how a request went that was sent as a tool would send it.
type Trial struct {
	OK      bool
	Status  int // HTTP; 0 if there was no answer
	Took    time.Duration
	Model   string // that answered
	Message string // what is wrong and where to look; empty if OK
}

// patience is how long an answer to a trial may take.
const patience = time.Minute

// maxAnswer bounds what is read of it, in bytes.
const maxAnswer = 1 << 20

// leadsTo reports whether an address of a tool is this program's, by any of the names of this computer.
func leadsTo(base, root string) bool {
	theirs, err := url.Parse(base)
	if err != nil || base == "" {
		return false
	}
	ours, err := url.Parse(root)
	return err == nil && theirs.Scheme == ours.Scheme && theirs.Port() == ours.Port() && (theirs.Host == ours.Host || loopback(theirs) && loopback(ours))
}

func loopback(u *url.URL) bool {
	switch u.Hostname() {
	case "127.0.0.1", "::1", "localhost":
		return true
	default:
		return false
	}
}

// Verify sends a request with the address, the key and the model that a tool's files have now.
func (c *Connector) Verify(ctx context.Context, id string) (Trial, error) {
	t, err := c.writable(id)
	if err != nil {
		return Trial{}, err
	}
	told, err := c.told(t)
	if err != nil {
		return Trial{}, err
	}
	root, running := c.Root()
	switch {
	case told.base == "":
		return Trial{Message: t.name + "'s settings have no address. Connect it first."}, nil
	case !leadsTo(told.base, root):
		return Trial{Message: fmt.Sprintf("%s's settings lead to %s, and AMQ2API is at %s. Connect it again.", t.name, mask(told.base), root)}, nil
	case !running:
		return Trial{Message: "AMQ2API does not listen at the moment. Start the proxy, then try again."}, nil
	case t.keyless():
		return Trial{Message: fmt.Sprintf("The address is right. The key is kept by %s itself and cannot be tried from here: send it a message.", t.name)}, nil
	}
	return c.try(ctx, t, told), nil
}

// told is what the tool reads in its first file.
func (c *Connector) told(t tool) (found, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	j, err := c.books.read()
	if err != nil {
		return found{}, err
	}
	f := c.look(t, j.Tools[t.id])[0]
	if f.trouble != nil {
		return found{}, unfit(f.path, *f.trouble)
	}
	document, err := t.speaks.decode(f.text)
	if err != nil {
		return found{}, unfit(f.path, trouble{Broken, reasonOf(err), err.Error()})
	}
	return t.reads(document), nil
}

// The questions of a trial, as short as they can be.
type (
	message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	chatQuestion struct {
		Model     string    `json:"model"`
		MaxTokens int       `json:"max_tokens"`
		Messages  []message `json:"messages"`
	}
	responsesQuestion struct {
		Model string `json:"model"`
		Input string `json:"input"`
	}
)

func (c *Connector) try(ctx context.Context, t tool, told found) Trial {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	request, err := question(ctx, t.dialect, told)
	if err != nil {
		return Trial{Message: "The address in the settings is not one."}
	}
	transport := &http.Transport{Proxy: nil, DisableKeepAlives: true}
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	began := c.Now()
	response, err := client.Do(request)
	if err != nil {
		return Trial{Took: c.Now().Sub(began), Message: noAnswer(err)}
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	trial := Trial{OK: response.StatusCode == http.StatusOK, Status: response.StatusCode, Took: c.Now().Sub(began), Model: response.Header.Get("X-Amq2api-Model")}
	if !trial.OK {
		trial.Model, trial.Message = "", refusal(response.StatusCode, body)
	}
	return trial
}

func noAnswer(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "There was no answer within a minute. Look under Requests."
	}
	return "AMQ2API could not be reached at the address in the settings. Look at the address under Settings, Network."
}

// question is a request of a dialect.
func question(ctx context.Context, dialect string, told found) (*http.Request, error) {
	const words = "Say ok."
	base := strings.TrimSuffix(told.base, "/")
	var path string
	var body any = chatQuestion{told.model, 16, []message{{"user", words}}}
	switch dialect {
	case "anthropic":
		path = "/v1/messages"
	case "openai":
		path = "/chat/completions"
	case "responses":
		path, body = "/responses", responsesQuestion{told.model, words}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+told.key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "AMQ2API-Connect")
	return request, nil
}

// refusal is what an error answer says, and where to look.
func refusal(status int, body []byte) string {
	var answer struct {
		Error struct{ Message string }
	}
	said := ""
	if json.Unmarshal(body, &answer) == nil {
		said = mask(answer.Error.Message)
	}
	switch {
	case said == "":
		said = fmt.Sprintf("AMQ2API answered %d.", status)
	case !strings.HasSuffix(said, "."):
		said += "."
	}
	switch {
	case status == fault.Unauthenticated.Status():
		return said + " Connect the tool again for a new key."
	case status == fault.Limited.Status():
		return said + " Look under API keys and Accounts."
	case status == fault.NotFound.Status():
		return said + " Choose another model."
	default:
		return said + " Look under Requests for this request."
	}
}
