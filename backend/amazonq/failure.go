package amazonq

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxFailureBody   = 64 << 10
	maxSaid          = 400 // bytes of the service's own words that are passed on
	maxRetryAfter    = 31 * 24 * time.Hour
	headerErrorType  = "X-Amzn-Errortype"
	headerRequestID  = "X-Amzn-Requestid"
	headerRetryAfter = "Retry-After"
)

// failure is what the service says when it does not answer, in whichever of its styles.
type failure struct {
	status     int    // 0 inside a stream
	name       string // e.g. ThrottlingException
	reason     string // e.g. MONTHLY_REQUEST_COUNT
	message    string // its own words
	requestID  string // what its support asks for
	retryAfter time.Duration
}

// Error is for the log.
func (f failure) Error() string {
	return fmt.Sprintf("status %d, name %q, reason %q, message %q, request %s", f.status, f.name, f.reason, f.message, f.requestID)
}

// unexplained tells the sentence with which the service refuses whatever breaks one of its rules.
func (f failure) unexplained() bool {
	return strings.Contains(strings.ToLower(f.message), "improperly formed request")
}

// says is the service's words as a sentence to follow ours.
func (f failure) says() string {
	if f.message == "" {
		return ""
	}
	return " It says: " + f.message
}

// failureBody has the members of both protocol styles. Source: the official CLI, which looks for them in the order here.
type failureBody struct {
	Code         lenient `json:"code"`
	Type         lenient `json:"__type"`
	Message      lenient `json:"message"`
	MessageUpper lenient `json:"Message"`
	ErrorMessage lenient `json:"errorMessage"`
	Reason       lenient `json:"reason"`
	Error        lenient `json:"error"`
}

// lenient is a string member; of an object in its place only a reason is kept, and anything else counts as absent.
type lenient struct{ text, reason string }

func (l *lenient) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	switch d.PeekKind() {
	case jsontext.KindString:
		return json.UnmarshalDecode(d, &l.text)
	case jsontext.KindBeginObject:
		var object struct {
			Reason jsontext.Value `json:"reason"`
		}
		if err := json.UnmarshalDecode(d, &object); err != nil {
			return err
		}
		if object.Reason.Kind() == jsontext.KindString {
			return unmarshal(object.Reason, &l.reason)
		}
		return nil
	default:
		return d.SkipValue()
	}
}

// readFailure reads an answer that is not an event stream.
func readFailure(response *http.Response, now time.Time) failure {
	f := failure{
		status:     response.StatusCode,
		requestID:  response.Header.Get(headerRequestID),
		retryAfter: parseRetryAfter(response.Header.Get(headerRetryAfter), now),
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxFailureBody)) // what could be read has to do
	f.parse(response.Header.Get(headerErrorType), body)
	return f
}

// streamFailure reads an exception or error message inside a stream.
func streamFailure(message frame) failure {
	name := string(message.exception)
	if name == "" {
		name = string(message.code)
	}
	if normalName(name) == "" {
		name = "" // the type is called just "error", the payload may know better
	}
	f := failure{message: clean(string(message.text))}
	f.parse(name, message.payload)
	f.name = firstOf(f.name, "InternalServerException") // as the official CLI has it
	return f
}

// parse takes name, reason and message from wherever they are. A body that is not JSON, such as a proxy's HTML page, says nothing.
func (f *failure) parse(name string, body []byte) {
	var parsed failureBody
	if unmarshal(body, &parsed) != nil {
		parsed = failureBody{}
	}
	f.name = bareName(firstOf(name, parsed.Code.text, parsed.Type.text))
	f.reason = firstOf(parsed.Reason.text, parsed.Error.reason)
	f.message = clean(firstOf(parsed.Message.text, parsed.MessageUpper.text, parsed.ErrorMessage.text, f.message))
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// bareName takes the name out of "ValidationException:http://..." and "com.amazon.aws.codewhisperer#ValidationException".
func bareName(name string) string {
	name, _, _ = strings.Cut(name, ":")
	return strings.TrimSpace(name[strings.LastIndexByte(name, '#')+1:])
}

// normalName is a name without the ending that one model of the service gives it and another does not, in lower case.
func normalName(name string) string {
	name = strings.ToLower(name)
	return strings.TrimSuffix(strings.TrimSuffix(name, "exception"), "error")
}

// clean makes the service's words fit to show: one line, of bounded length.
func clean(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
	if len(text) <= maxSaid {
		return text
	}
	return text[:boundary(text, maxSaid)] + "…"
}

// parseRetryAfter reads the header's two forms, seconds and a date. What cannot be read is unknown.
func parseRetryAfter(value string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if date, err := http.ParseTime(value); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
