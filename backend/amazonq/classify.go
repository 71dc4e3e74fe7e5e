package amazonq

import (
	"net/http"
	"strings"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// suspiciousPause is how long to stay away after being called suspicious, if the service does not say.
const suspiciousPause = 10 * time.Minute

// classify turns a failure into a fault: by its reason, else by its name, else by its status, because the service uses one status for
// many causes and different ones for the same.
func (c *Client) classify(f failure, request *chat.Request) *fault.Error {
	kind, known := kindOfReason(f.reason)
	if !known {
		kind, known = kindOfName(normalName(f.name), strings.ToLower(f.message))
	}
	if !known {
		kind = kindOfStatus(f.status, strings.ToLower(f.message))
	}
	if kind == fault.Invalid && f.unexplained() && chat.Estimate(request) > c.window(request.Upstream) {
		kind = fault.TooLong // one message or result beyond a limit of its own; the client can compact, and nothing else helps
	}
	return c.explain(kind, f, request)
}

// kindOfReason knows the machine-readable reasons. Source: the official clients' models, and observed replies.
func kindOfReason(reason string) (kind fault.Kind, known bool) {
	switch reason {
	case "MONTHLY_REQUEST_COUNT", "OVERAGE_REQUEST_LIMIT_EXCEEDED", "DAILY_REQUEST_COUNT":
		return fault.Exhausted, true
	case "USER_REQUEST_RATE_EXCEEDED":
		return fault.Throttled, true
	case "TEMPORARILY_SUSPENDED":
		return fault.Suspended, true
	case "INSUFFICIENT_MODEL_CAPACITY", "MODEL_TEMPORARILY_UNAVAILABLE":
		return fault.Overloaded, true
	case "CONTENT_LENGTH_EXCEEDS_THRESHOLD":
		return fault.TooLong, true
	case "INVALID_MODEL_ID":
		return fault.ModelUnavailable, true
	case "CONVERSATION_LIMIT_EXCEEDED":
		return fault.Invalid, true
	default:
		return 0, false
	}
}

// kindOfName knows the exceptions, and the sentences in them that tell causes of one name apart.
func kindOfName(name, message string) (kind fault.Kind, known bool) {
	says := func(part string) bool { return strings.Contains(message, part) }
	switch name {
	case "throttling":
		return throttling(says), true
	case "servicequotaexceeded":
		return fault.Exhausted, true
	case "accessdenied":
		return denial(says), true
	case "expiredtoken", "unauthorized":
		return fault.Credential, true
	case "validation":
		return validation(says), true
	case "contentlengthexceeded":
		return fault.TooLong, true
	case "internalserver", "serviceunavailable":
		return breakdown(says), true
	case "resourcenotfound", "conflict":
		return fault.Refused, true
	default:
		return 0, false
	}
}

// kindOfStatus is for answers that name no exception we know.
func kindOfStatus(status int, message string) fault.Kind {
	says := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case status == http.StatusUnauthorized:
		return fault.Credential
	case status == http.StatusPaymentRequired:
		return fault.Exhausted
	case status == http.StatusForbidden:
		return denial(says)
	case status == http.StatusRequestEntityTooLarge:
		return fault.TooLong
	case status == http.StatusTooManyRequests:
		return throttling(says)
	case status == http.StatusRequestTimeout, status == http.StatusNotFound, status < http.StatusBadRequest:
		return fault.Unavailable
	case status >= http.StatusInternalServerError:
		return breakdown(says)
	default:
		return validation(says)
	}
}

func throttling(says func(string) bool) fault.Kind {
	switch {
	case says("suspicious activity"):
		return fault.Suspicious
	case says("reached for this month"):
		return fault.Exhausted
	case says("high load"):
		return fault.Overloaded
	default:
		return fault.Throttled
	}
}

func denial(says func(string) bool) fault.Kind {
	switch {
	case says("suspended"):
		return fault.Suspended
	case says("suspicious activity"):
		return fault.Suspicious
	case says("token") && (says("invalid") || says("expired")):
		return fault.Credential
	default:
		return fault.Refused
	}
}

func validation(says func(string) bool) fault.Kind {
	switch {
	case says("input is too long"), says("exceeded max chat context length"), says("length limit exceeded"):
		return fault.TooLong
	case says("invalid model"):
		return fault.ModelUnavailable
	default:
		return fault.Invalid
	}
}

func breakdown(says func(string) bool) fault.Kind {
	if says("high load") {
		return fault.Overloaded
	}
	return fault.Unavailable
}

// explain writes the sentence for the client and adds what is known about when the cause ends.
func (c *Client) explain(kind fault.Kind, f failure, request *chat.Request) *fault.Error {
	explained := fault.Wrap(kind, f, "%s", sentence(kind, f, request, c.window(request.Upstream)))
	explained.RetryAfter = f.retryAfter
	explained.Unexplained = kind == fault.Invalid && f.unexplained()
	switch {
	case kind == fault.Suspicious && f.retryAfter == 0:
		explained.RetryAfter = suspiciousPause
	case kind == fault.Exhausted && f.reason == "DAILY_REQUEST_COUNT":
		explained.Until = nextDay(c.now())
	case kind == fault.Exhausted:
		explained.Until = nextMonth(c.now())
	}
	return explained
}
