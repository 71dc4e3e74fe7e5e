package checkup

import (
	"context"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// Sender answers requests.
type Sender interface {
	Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream
}

// Doctor is a stage that examines the requests which fail for a reason of their own. The others cost nothing.
type Doctor struct {
	Next   Sender
	Encode func(*chat.Request) ([]byte, error)         // the request as it was sent
	Keep   func(requestID string, diagnosis Diagnosis) // must not block
}

// Send passes a request on. A refusal that says nothing gets the diagnosis' explanation.
func (d Doctor) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		for event, err := range d.Next.Send(ctx, request, record) {
			if err != nil {
				err = d.examine(fault.Of(err), request, record)
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

// aboutRequest tells the failures that the request may have caused. The others come in storms, and say themselves what they are.
func aboutRequest(kind fault.Kind) bool {
	switch kind {
	case fault.Invalid, fault.TooLong, fault.Unavailable, fault.Internal:
		return true
	default:
		return false
	}
}

func (d Doctor) examine(failure *fault.Error, request *chat.Request, record *usage.Record) *fault.Error {
	if !aboutRequest(failure.Kind) {
		return failure
	}
	sent, err := d.Encode(request)
	if err != nil {
		return failure // it was never sent
	}
	diagnosis, err := Examine(sent, request.Tools)
	if err != nil {
		return failure
	}
	d.Keep(record.ID, diagnosis)
	if !failure.Unexplained {
		return failure
	}
	explained := *failure
	explained.Message += " " + diagnosis.Explanation
	if len(diagnosis.Findings) == 0 {
		explained.Message += " See GET /admin/requests/" + record.ID + "/doctor."
	}
	return &explained
}
