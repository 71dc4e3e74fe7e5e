package access_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

func TestARotatedKeyHasTwoTextsUntilTheGraceIsOver(t *testing.T) {
	w := newWorld(t)
	made, old := w.create(0, 3)
	w.admit(made.ID)
	permit, err := w.Admit(t.Context(), made.ID, access.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	view, fresh, err := w.Rotate(t.Context(), made.ID, time.Hour)
	if err != nil || view.Prefix == made.Prefix || !strings.HasPrefix(fresh.Reveal(), view.Prefix) || view.Previous.Prefix != made.Prefix || closed(permit.Revoked()) {
		t.Fatalf("rotated to %+v, %v", view, err)
	}
	assertNowhere(t, w.path, fresh.Reveal()[len(view.Prefix):])
	for range 2 {
		one, err := w.Identify(old)
		two, err2 := w.Identify(fresh)
		if err != nil || err2 != nil || one.ID != made.ID || two.ID != made.ID {
			t.Fatalf("during the grace: %v, %v", err, err2)
		}
		w.restart()
	}
	if got := w.admitAll(made.ID); got != 1 {
		t.Errorf("%d more went through: the texts do not share the limit", got)
	}
	w.now = w.now.Add(time.Hour - time.Millisecond)
	if _, err := w.Identify(old); err != nil {
		t.Errorf("ended before its time: %v", err)
	}
	w.now = w.now.Add(time.Millisecond)
	for range 2 {
		if got := refusal(t, w.Gate, old.Reveal()).Message; !strings.Contains(got, "was replaced by one that begins with "+view.Prefix) {
			t.Errorf("the old text is told %q", got)
		}
		if _, err := w.Identify(fresh); err != nil {
			t.Error(err)
		}
		w.restart()
	}
	if got := refusal(t, w.Gate, old.Reveal()[:30]).Message; strings.Contains(got, "replaced") {
		t.Errorf("a part of the old text is told %q", got)
	}
}

func TestARotationWithoutGraceEndsTheOldTextAtOnce(t *testing.T) {
	w := newWorld(t)
	made, first := w.create(0, 0)
	_, second, err := w.Rotate(t.Context(), made.ID, 7*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, third, err := w.Rotate(t.Context(), made.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	refusal(t, w.Gate, first.Reveal())
	refusal(t, w.Gate, second.Reveal())
	if _, err := w.Identify(third); err != nil {
		t.Error(err)
	}
}

func TestRotatingDoesNotBringAKeyBack(t *testing.T) {
	w := newWorld(t)
	made, old := w.create(0, 0)
	if _, err := w.Revoke(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	_, fresh, err := w.Rotate(t.Context(), made.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{old.Reveal(), fresh.Reveal()} {
		if got := refusal(t, w.Gate, text).Message; !strings.Contains(got, "revoked") {
			t.Errorf("told %q", got)
		}
	}
}

func TestAGraceHasItsBounds(t *testing.T) {
	w := newWorld(t)
	made, text := w.create(0, 0)
	for _, grace := range []time.Duration{-1, 7*24*time.Hour + 1} {
		if _, _, err := w.Rotate(t.Context(), made.ID, grace); fault.Of(err) == nil || fault.Of(err).Param != "grace_s" {
			t.Errorf("%v: %v", grace, err)
		}
	}
	if _, _, err := w.Rotate(t.Context(), 7, 0); fault.Of(err) == nil || fault.Of(err).Kind != fault.NotFound {
		t.Errorf("a key that is not there: %v", err)
	}
	if _, err := w.Identify(text); err != nil {
		t.Errorf("a refused rotation changed the key: %v", err)
	}
}

func TestATypingMistakeIsToldFromAKeyThatDoesNotExist(t *testing.T) {
	w := newWorld(t)
	_, text := w.create(0, 0)
	real := text.Reveal()
	mistyped := []byte(real)
	mistyped[10] = map[bool]byte{true: 'b', false: 'a'}[mistyped[10] == 'a']
	for text, says := range map[string]string{
		string(mistyped):      "typing mistake",
		strings.ToUpper(real): "does not know",
		real[:len(real)-1]:    "does not know",
		otherKey(t):           "does not know", // the checksum is right, the key is another gate's
	} {
		if got := refusal(t, w.Gate, text).Message; !strings.Contains(got, says) {
			t.Errorf("%.12s... is told %q", text, got)
		}
	}
}

// Whatever a client sends as its key, it is answered, and only the key opens the gate.
func FuzzIdentify(f *testing.F) {
	for _, seed := range []string{"", "amq-", "amq-0000000000000000000000000000000000000", "' OR 1=1 --", "\x00\xff", strings.Repeat("amq-", 1000)} {
		f.Add(seed)
	}
	gate, err := access.NewGate(f.Context(), access.Config{Store: noStore{}, Now: func() time.Time { return noon }})
	if err != nil {
		f.Fatal(err)
	}
	_, good, err := gate.Create(f.Context(), access.Draft{Name: "laptop"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := gate.Identify(secret.New(text))
		if (err == nil) != (text == good.Reveal()) || err != nil && fault.Of(err).Kind != fault.Unauthenticated {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// noStore keeps nothing.
type noStore struct{}

func (noStore) All(context.Context) ([]access.Key, error)         { return nil, nil }
func (noStore) Insert(context.Context, access.Key) (int64, error) { return 1, nil }
func (noStore) Update(context.Context, access.Key) error          { return nil }
func (noStore) Delete(context.Context, int64) error               { return nil }
func (noStore) Counts(context.Context) ([]access.Count, error)    { return nil, nil }
func (noStore) Reserve(context.Context, access.Count) error       { return nil }

// otherKey is a good key of somewhere else.
func otherKey(t *testing.T) string {
	t.Helper()
	_, text := newWorld(t).create(0, 0)
	return text.Reveal()
}

func TestTheOldTextCanBeEndedBeforeItsGraceIsOver(t *testing.T) {
	w := newWorld(t)
	made, old := w.create(0, 0)
	if view, err := w.EndPrevious(t.Context(), made.ID); err != nil || view.UpdatedAt != made.UpdatedAt {
		t.Errorf("without an old text: %+v, %v", view, err)
	}
	_, fresh, err := w.Rotate(t.Context(), made.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	view, err := w.EndPrevious(t.Context(), made.ID)
	if err != nil || w.now.Before(view.Previous.Until) {
		t.Fatalf("ended: %+v, %v", view.Previous, err)
	}
	for range 2 {
		if got := refusal(t, w.Gate, old.Reveal()).Message; !strings.Contains(got, "was replaced") {
			t.Errorf("the old text is told %q", got)
		}
		if _, err := w.Identify(fresh); err != nil {
			t.Error(err)
		}
		w.restart()
	}
	if _, err := w.EndPrevious(t.Context(), 99); fault.Of(err).Kind != fault.NotFound {
		t.Errorf("a key that is not there: %v", err)
	}
}
