package vault

import (
	"context"
	"errors"
	"testing"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

type anyVault interface {
	Get(ctx context.Context, name string) (secret.String, error)
	Set(ctx context.Context, name string, item secret.String) error
	Delete(ctx context.Context, name string) error
	State(ctx context.Context) State
}

// keeps plays the life of an item that every vault must give it.
func keeps(t *testing.T, v anyVault, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := v.Set(t.Context(), "account/1/refresh/1", secret.New(text)); err != nil {
			t.Fatalf("set %d bytes: %v", len(text), err)
		}
		wants(t, v, "account/1/refresh/1", text)
	}
	if err := v.Set(t.Context(), "account/2/refresh/1", secret.New("other")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := v.Delete(t.Context(), "account/1/refresh/1"); err != nil {
			t.Errorf("deleting must be no error, whether or not the item is there: %v", err)
		}
	}
	lacks(t, v, "account/1/refresh/1")
	wants(t, v, "account/2/refresh/1", "other")
	if err := v.Delete(t.Context(), "account/2/refresh/1"); err != nil {
		t.Error(err)
	}
	if state := v.State(t.Context()); !state.Ready || state.Message != "" {
		t.Errorf("state %+v, want ready", state)
	}
}

func wants(t *testing.T, v anyVault, name, text string) {
	t.Helper()
	item, err := v.Get(t.Context(), name)
	if err != nil || item.Reveal() != text {
		t.Errorf("get %s: %d bytes, %v; want the %d bytes that were set", name, len(item.Reveal()), err, len(text))
	}
}

func lacks(t *testing.T, v anyVault, name string) {
	t.Helper()
	if item, err := v.Get(t.Context(), name); !errors.Is(err, ErrNotFound) || !item.IsZero() {
		t.Errorf("get %s: %v, want ErrNotFound and nothing else", name, err)
	}
}

// says checks that err is of the kind and has a sentence for people.
func says(t *testing.T, err, want error) {
	t.Helper()
	var f *fault.Error
	if !errors.Is(err, want) || !errors.As(err, &f) || f.Message == "" {
		t.Errorf("error %v, want %v with a sentence", err, want)
	}
}

func TestMemoryKeepsItems(t *testing.T) {
	v := new(Memory)
	lacks(t, v, "nothing")
	keeps(t, v, "first", "second", "")
	if kind := v.State(t.Context()).Kind; kind != "memory" {
		t.Errorf("kind %q", kind)
	}
}
