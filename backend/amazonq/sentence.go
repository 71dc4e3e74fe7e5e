package amazonq

import (
	"fmt"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// sentence says what happened and what to do, with the service's own words where they tell more than ours.
func sentence(kind fault.Kind, f failure, request *chat.Request, window int) string {
	switch kind {
	case fault.TooLong:
		return tooLong(request, window)
	case fault.Throttled:
		return "Amazon Q is throttling this account." + f.says()
	case fault.Exhausted:
		return "This account's Amazon Q quota is used up." + f.says()
	case fault.Suspended:
		return "Amazon suspended this account. Sign in to Amazon Q to find out why, then enable the account again; the request was not moved to another one." + f.says()
	case fault.Suspicious:
		return "Amazon Q reports suspicious activity, so requests pause for a while." + f.says()
	case fault.Credential:
		return "Amazon Q does not accept this account's sign-in. Sign in again if this does not pass." + f.says()
	case fault.Refused:
		return "Amazon Q refuses this account." + f.says()
	case fault.ModelUnavailable:
		return fmt.Sprintf("This account does not have the model %q. Choose another one.", request.Upstream)
	case fault.Overloaded:
		return "The model is overloaded. Try again in a moment, or choose another model."
	case fault.Invalid:
		return invalid(f)
	default:
		return unavailable(f)
	}
}

// tooLong is the sentence coding clients look for to start compacting a conversation; its form is Anthropic's.
func tooLong(request *chat.Request, window int) string {
	return fmt.Sprintf("prompt is too long: %d tokens > %d maximum", max(chat.Estimate(request), window+1), window)
}

// invalid adds what can be done about the service's most frequent and least helpful answer.
func invalid(f failure) string {
	said := "Amazon Q did not accept the request." + f.says()
	switch {
	case f.reason == "CONVERSATION_LIMIT_EXCEEDED":
		return said + " Start a new conversation."
	case f.unexplained():
		return said + " Amazon Q does not tell what is wrong. Leave out what was added last (a tool, a picture, a file) or start a new conversation, and report it" + withID(f)
	default:
		return said
	}
}

func withID(f failure) string {
	if f.requestID == "" {
		return "."
	}
	return " with Amazon's request id " + f.requestID + "."
}

func unavailable(f failure) string {
	switch {
	case f.status >= 300 && f.status < 400:
		return "Amazon Q's host answered with a redirect, which is never followed. Check the endpoint and any proxy."
	case f.status == 200:
		return "Amazon Q's host answered with something that is not an event stream. Check the endpoint and any proxy."
	default:
		return "Amazon Q has a problem. Try again." + f.says()
	}
}

// nextDay and nextMonth are when the service's quotas start anew, in UTC.
func nextDay(now time.Time) time.Time {
	year, month, day := now.UTC().Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC)
}

func nextMonth(now time.Time) time.Time {
	year, month, _ := now.UTC().Date()
	return time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC)
}
