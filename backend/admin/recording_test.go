package admin

import (
	"strings"
	"testing"

	"amq2api/backend/fault"
)

// noRecordings stands where nothing is recorded.
type noRecordings struct{}

func (noRecordings) State() Recording                    { return Recording{} }
func (noRecordings) Start(int, int64) (Recording, error) { return Recording{On: true}, nil }
func (noRecordings) Stop() error                         { return nil }
func (noRecordings) Delete() error                       { return nil }
func (noRecordings) Read(id string) (RequestBodies, error) {
	return RequestBodies{}, fault.New(fault.NotFound, "Nothing was recorded of the request %q.", id)
}

func TestARecordingIsOfAKeyThatThereIs(t *testing.T) {
	o := openOffice(t)
	for _, call := range []struct {
		body string
		want int
	}{{`{"minutes":5}`, 201}, {"", 201}, {`{"minutes":5,"key":404}`, 404}} {
		if got := o.asOwner("POST", "/admin/recording", call.body); got.Code != call.want {
			t.Errorf("%s: %d %s", call.body, got.Code, got.Body)
		}
	}
	if got := o.asOwner("GET", "/admin/requests/req_1/bodies", ""); got.Code != 404 || !strings.Contains(got.Body.String(), "Nothing was recorded") {
		t.Errorf("bodies: %d %s", got.Code, got.Body)
	}
}
