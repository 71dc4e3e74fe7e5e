package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"amq2api/backend/fault"
)

func TestOfAlwaysAnswers(t *testing.T) {
	if fault.Of(nil) != nil {
		t.Error("no error is no fault")
	}
	inside := fault.New(fault.Throttled, "slow down")
	if fault.Of(fmt.Errorf("send: %w", inside)) != inside {
		t.Error("a fault inside an error must be found")
	}
	if got := fault.Of(fmt.Errorf("read: %w", context.Canceled)); got.Kind != fault.Canceled {
		t.Errorf("a cancelled context is %v", got.Kind)
	}
	if got := fault.Of(errors.New("db at /home/me is broken")); got.Kind != fault.Internal || got.Message == "" || errors.Unwrap(got) == nil {
		t.Errorf("an unknown error is %+v", got)
	}
}

func TestEveryKindHasANameAndAStatus(t *testing.T) {
	for kind := fault.Internal; kind <= fault.Canceled; kind++ {
		var read fault.Kind
		if err := read.UnmarshalText([]byte(kind.String())); err != nil || read != kind {
			t.Errorf("kind %d: name %q reads back as %v, %v", kind, kind, read, err)
		}
		if status := kind.Status(); status < 400 || status > 599 {
			t.Errorf("%v has status %d", kind, status)
		}
	}
}

func TestUnauthenticatedIsTheOnly401(t *testing.T) {
	// A client takes 401 as "my key is wrong" and some retry for minutes: an account's trouble must never look like it.
	for kind := fault.Internal; kind <= fault.Canceled; kind++ {
		if (kind.Status() == 401) != (kind == fault.Unauthenticated) {
			t.Errorf("%v has status %d", kind, kind.Status())
		}
	}
}
