// Package capture keeps one conversation with every byte of it, so that what went wrong in it can be looked at again, offline.
//
// A capture is started by the user, takes the first conversation that comes, and ends by itself. It holds everything that was said, but no
// key, no token and no name of an account. A capture is a txtar archive: readable, and fit to become a test.
package capture

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"amq2api/backend/settings"
)

// Capture is one conversation.
type Capture struct {
	About     About
	Exchanges []Exchange
}

// About says where a capture comes from, and what a replay needs to know.
type About struct {
	Format   int       `json:"format"`
	Version  string    `json:"version"` // of the program
	Started  time.Time `json:"started"`
	Full     bool      `json:"full,omitempty"` // a bound was reached; there may have been more
	Settings Settings  `json:"settings"`
}

// Settings are those that change what is sent.
type Settings struct {
	Aliases      []settings.Alias `json:"aliases"`
	DefaultModel string           `json:"default_model"`
	BreakRepeats bool             `json:"break_repeats"`
}

// Exchange is one request of a client, what it led to upstream, and its answer.
type Exchange struct {
	RequestID string            `json:"request_id"`
	At        time.Time         `json:"at"`
	Path      string            `json:"path"`
	Headers   map[string]string `json:"headers"` // of the request, those that matter and are no secret
	Status    int               `json:"status"`
	Model     string            `json:"model"` // the upstream's
	Default   bool              `json:"default,omitempty"`
	HungUp    bool              `json:"hung_up,omitempty"` // the client went before the end
	Calls     []Call            `json:"calls"`             // in order; several if there was more than one attempt

	Request  []byte `json:"-"`
	Response []byte `json:"-"` // what the client got
}

// Call is one call to the upstream.
type Call struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"` // of the answer
	Cut     bool              `json:"cut,omitempty"`

	Request  []byte `json:"-"`
	Response []byte `json:"-"`
}

const (
	formatVersion = 1
	aboutFile     = "capture.json"
	exchangeFile  = "exchange.json" // in each exchange's folder
	lineLength    = 76
)

// Encode writes a capture as an archive.
func (c *Capture) Encode() ([]byte, error) {
	archive := &txtar.Archive{Comment: []byte("A conversation captured by AMQ2API. It holds everything that was said.\n")}
	about := c.About
	about.Format = formatVersion
	if err := addJSON(archive, aboutFile, about); err != nil {
		return nil, err
	}
	for i, exchange := range c.Exchanges {
		folder := fmt.Sprintf("%02d/", i+1)
		if err := addJSON(archive, folder+exchangeFile, exchange); err != nil {
			return nil, err
		}
		add(archive, folder+"request", exchange.Request)
		for j, call := range exchange.Calls {
			add(archive, fmt.Sprintf("%scall-%d-request", folder, j+1), call.Request)
			addBase64(archive, fmt.Sprintf("%scall-%d-response", folder, j+1), call.Response)
		}
		add(archive, folder+"response", exchange.Response)
	}
	return txtar.Format(archive), nil
}

func addJSON(archive *txtar.Archive, name string, value any) error {
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return fmt.Errorf("encode a capture: %w", err)
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: append(text, '\n')})
	return nil
}

// add keeps text as it is, and what an archive could misread in base64.
func add(archive *txtar.Archive, name string, data []byte) {
	text := string(data)
	if strings.HasPrefix(text, "-- ") || strings.Contains(text, "\n-- ") || !strings.HasSuffix(text, "\n") && strings.Contains(text, "\r") {
		addBase64(archive, name, data)
		return
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: append(data[:len(data):len(data)], '\n')})
}

func addBase64(archive *txtar.Archive, name string, data []byte) {
	encoded := base64.StdEncoding.EncodeToString(data)
	var lines strings.Builder
	for len(encoded) > lineLength {
		lines.WriteString(encoded[:lineLength] + "\n")
		encoded = encoded[lineLength:]
	}
	lines.WriteString(encoded + "\n")
	archive.Files = append(archive.Files, txtar.File{Name: name + ".b64", Data: []byte(lines.String())})
}

// ErrNoCapture says that a file is no capture, or not a whole one.
var ErrNoCapture = errors.New("this is not a capture of AMQ2API")

// Decode reads a capture.
func Decode(text []byte) (*Capture, error) {
	files := map[string][]byte{}
	for _, file := range txtar.Parse(text).Files {
		files[file.Name] = file.Data
	}
	c := &Capture{}
	if err := take(files, aboutFile, &c.About); err != nil {
		return nil, err
	}
	if c.About.Format != formatVersion {
		return nil, fmt.Errorf("%w that this version can read: its format is %d, not %d", ErrNoCapture, c.About.Format, formatVersion)
	}
	for i := 1; ; i++ {
		folder := fmt.Sprintf("%02d/", i)
		if _, there := files[folder+exchangeFile]; !there {
			break
		}
		exchange, err := takeExchange(files, folder)
		if err != nil {
			return nil, err
		}
		c.Exchanges = append(c.Exchanges, exchange)
	}
	if len(c.Exchanges) == 0 {
		return nil, fmt.Errorf("%w: it has no exchange in it", ErrNoCapture)
	}
	return c, nil
}

func takeExchange(files map[string][]byte, folder string) (e Exchange, err error) {
	if err = take(files, folder+exchangeFile, &e); err != nil {
		return e, err
	}
	if e.Request, err = bytesOf(files, folder+"request"); err != nil {
		return e, err
	}
	if e.Response, err = bytesOf(files, folder+"response"); err != nil {
		return e, err
	}
	for j := range e.Calls {
		call := &e.Calls[j]
		if call.Status < http.StatusOK || call.Status > 599 {
			return e, fmt.Errorf("%w: %s has a call with status %d", ErrNoCapture, folder, call.Status)
		}
		if call.Request, err = bytesOf(files, fmt.Sprintf("%scall-%d-request", folder, j+1)); err != nil {
			return e, err
		}
		if call.Response, err = bytesOf(files, fmt.Sprintf("%scall-%d-response", folder, j+1)); err != nil {
			return e, err
		}
	}
	return e, nil
}

func take(files map[string][]byte, name string, into any) error {
	text, there := files[name]
	if !there {
		return fmt.Errorf("%w: %s is missing", ErrNoCapture, name)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%w: %s cannot be read: %w", ErrNoCapture, name, err)
	}
	return nil
}

func bytesOf(files map[string][]byte, name string) ([]byte, error) {
	if text, there := files[name]; there {
		return []byte(strings.TrimSuffix(string(text), "\n")), nil
	}
	text, there := files[name+".b64"]
	if !there {
		return nil, fmt.Errorf("%w: %s is missing", ErrNoCapture, name)
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
	if err != nil {
		return nil, fmt.Errorf("%w: %s.b64 cannot be read: %w", ErrNoCapture, name, err)
	}
	return decoded, nil
}
