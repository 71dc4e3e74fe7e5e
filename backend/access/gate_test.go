package access_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
	"amq2api/backend/store"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// world is a gate on a real database, with clocks the test turns by hand.
type world struct {
	*access.Gate
	t       *testing.T
	db      *store.DB
	store   access.Store
	path    string
	now     time.Time
	elapsed time.Duration
	zone    *time.Location
	price   access.Price
	changes int
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, path: filepath.Join(t.TempDir(), "amq2api.db"), now: noon, zone: time.UTC}
	w.start()
	t.Cleanup(func() { w.end() })
	return w
}

func (w *world) start() {
	w.t.Helper()
	var err error
	if w.db, err = store.Open(context.Background(), w.path); err != nil {
		w.t.Fatal(err)
	}
	w.store = w.db.Keys()
	w.load()
}

// load makes the gate anew, as after a crash.
func (w *world) load() {
	w.t.Helper()
	var err error
	w.Gate, err = access.NewGate(context.Background(), access.Config{
		Store: w.store, Now: func() time.Time { return w.now }, Elapsed: func() time.Duration { return w.elapsed }, Zone: w.zone, Price: w.price,
		Changed: func() { w.changes++ },
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) end() {
	w.t.Helper()
	if err := w.db.Close(); err != nil {
		w.t.Error(err)
	}
}

// restart stops the program properly and starts it again.
func (w *world) restart() { w.restartAfter(0) }

// reload is restart without opening the database anew, for stories that are played many times.
func (w *world) reload() {
	w.t.Helper()
	if err := w.Close(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.load()
}

// forget takes a key out of the way of the next story.
func (w *world) forget(id int64) {
	w.t.Helper()
	if err := w.Delete(context.Background(), id); err != nil {
		w.t.Fatal(err)
	}
}

// restartAfter is restart with a pause between the two, of the wall clock only: the other one ends with the program.
func (w *world) restartAfter(pause time.Duration) {
	w.t.Helper()
	if err := w.Close(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.end()
	w.now = w.now.Add(pause)
	w.start()
}

// create makes a key with limits.
func (w *world) create(perMinute, perDay int) (access.View, secret.String) {
	w.t.Helper()
	view, text, err := w.Create(context.Background(), access.Draft{Name: "laptop", RequestsPerMinute: &perMinute, RequestsPerDay: &perDay})
	if err != nil {
		w.t.Fatal(err)
	}
	return view, text
}

// createWith makes a key with other limits than those on requests.
func (w *world) createWith(terms access.Terms) (access.View, secret.String) {
	w.t.Helper()
	none := 0
	view, text, err := w.Create(context.Background(), access.Draft{Name: "laptop", RequestsPerMinute: &none, RequestsPerDay: &none, Terms: terms})
	if err != nil {
		w.t.Fatal(err)
	}
	return view, text
}

// pass lets time go by.
func (w *world) pass(span time.Duration) { w.now, w.elapsed = w.now.Add(span), w.elapsed+span }

// begin admits a request that is estimated to take so many tokens.
func (w *world) begin(id int64, estimate int) (*access.Permit, *fault.Error) {
	w.t.Helper()
	permit, err := w.Admit(context.Background(), id, access.Ask{Model: "claude-sonnet-4.5", Estimate: chat.Usage{Input: estimate}})
	return permit, fault.Of(err)
}

// run is a whole request. It reports false if a limit refused it.
func (w *world) run(id int64, estimate, cost int) bool {
	w.t.Helper()
	permit, f := w.begin(id, estimate)
	if f != nil {
		if f.Kind != fault.Limited {
			w.t.Fatalf("refused with %v", f)
		}
		return false
	}
	permit.Spend(chat.Usage{Input: cost / 2, Output: cost - cost/2})
	permit.Done()
	return true
}

// admit tries once and reports whether it went through; any refusal but Limited ends the test.
func (w *world) admit(id int64) bool {
	w.t.Helper()
	permit, err := w.Admit(context.Background(), id, access.Ask{})
	if err == nil {
		permit.Done()
		return true
	}
	if fault.Of(err).Kind != fault.Limited {
		w.t.Fatalf("refused with %v", err)
	}
	return false
}

// admitAll tries until it is refused and says how often it went through.
func (w *world) admitAll(id int64) int {
	w.t.Helper()
	for n := 0; ; n++ {
		if !w.admit(id) {
			return n
		}
	}
}

func (w *world) get(id int64) access.View {
	w.t.Helper()
	view, err := w.Get(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return view
}

func (w *world) edit(id int64, edit access.Edit) access.View {
	w.t.Helper()
	view, err := w.Update(context.Background(), id, edit)
	if err != nil {
		w.t.Fatal(err)
	}
	return view
}

func refusal(t *testing.T, g *access.Gate, text string) *fault.Error {
	t.Helper()
	_, err := g.Identify(secret.New(text))
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Unauthenticated {
		t.Fatalf("got %v, want a refusal", err)
	}
	return f
}

func TestANewKeyOpensTheGateAndItsTextIsKeptNowhere(t *testing.T) {
	w := newWorld(t)
	made, text := w.create(60, 10000)
	if !regexp.MustCompile(`^amq-[0-9A-Za-z]{36}$`).MatchString(text.Reveal()) || !strings.HasPrefix(text.Reveal(), made.Prefix) || len(made.Prefix) != 8 {
		t.Errorf("the key has an odd form; it begins with %s", made.Prefix)
	}
	for range 2 {
		key, err := w.Identify(text)
		if err != nil || key.ID != made.ID || key.Name != "laptop" {
			t.Errorf("identified %+v, %v", key, err)
		}
		w.restart()
	}
	if view := w.get(made.ID); !reflect.DeepEqual(view, made) {
		t.Errorf("after a restart it is %+v, was %+v", view, made)
	}
	assertNowhere(t, w.path, text.Reveal()[len(made.Prefix):])
}

func TestADraftWithoutNumbersTakesTheDefaults(t *testing.T) {
	w := newWorld(t)
	view, _, err := w.Create(t.Context(), access.Draft{Name: "  laptop  "})
	if err != nil || view.Name != "laptop" || view.RequestsPerMinute != 60 || view.RequestsPerDay != 10000 || !view.ExpiresAt.IsZero() || !view.Active {
		t.Errorf("got %+v, %v", view, err)
	}
}

func TestEveryTextThatIsNoKeyGetsTheSameAnswer(t *testing.T) {
	w := newWorld(t)
	_, text := w.create(60, 10000)
	real := text.Reveal()
	want := refusal(t, w.Gate, "amq-0000000000000000000000000000000000000").Message
	for _, wrong := range []string{
		"x", "amq-", "sk-ant-api03-abc", real[:len(real)-1], real + "0", " " + real, real[:8], strings.Repeat("amq-", 100_000), "\x00\xff",
	} {
		if got := refusal(t, w.Gate, wrong).Message; got != want {
			t.Errorf("a wrong key is told %q, another %q", got, want)
		}
	}
	if got := refusal(t, w.Gate, "").Message; !strings.Contains(got, "no API key") {
		t.Errorf("no key at all is told %q", got)
	}
}

func TestOnlyTheWholeKeyIsToldThatItIsRevokedOrExpired(t *testing.T) {
	w := newWorld(t)
	days := 30
	expiring, expired, err := w.Create(t.Context(), access.Draft{Name: "for a month", ExpiresDays: &days})
	if err != nil {
		t.Fatal(err)
	}
	revoked, text := w.create(60, 10000)
	if _, err := w.Revoke(t.Context(), revoked.ID); err != nil {
		t.Fatal(err)
	}
	if got := refusal(t, w.Gate, text.Reveal()).Message; !strings.Contains(got, "revoked") {
		t.Errorf("a revoked key is told %q", got)
	}
	w.now = expiring.ExpiresAt.Add(-time.Millisecond)
	if _, err := w.Identify(expired); err != nil {
		t.Errorf("refused before its time: %v", err)
	}
	w.now = expiring.ExpiresAt
	if got := refusal(t, w.Gate, expired.Reveal()).Message; !strings.Contains(got, "expired on 2026-04-09") {
		t.Errorf("an expired key is told %q", got)
	}
	if _, err := w.Admit(t.Context(), expiring.ID, access.Ask{}); fault.Of(err).Kind != fault.Unauthenticated {
		t.Errorf("an expired key was admitted: %v", err)
	}
	if got := refusal(t, w.Gate, text.Reveal()[:20]).Message; strings.Contains(got, "revoked") {
		t.Errorf("half a key is told %q", got)
	}
}

func TestRevokingEndsWhatRunsAndStopsWhatComes(t *testing.T) {
	endings := map[string]func(w *world, id int64) error{
		"revoke": func(w *world, id int64) error { _, err := w.Revoke(t.Context(), id); return err },
		"deactivate": func(w *world, id int64) error {
			off := false
			_, err := w.Update(t.Context(), id, access.Edit{Active: &off})
			return err
		},
		"delete": func(w *world, id int64) error { return w.Delete(t.Context(), id) },
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			made, text := w.create(60, 10000)
			permit, err := w.Admit(t.Context(), made.ID, access.Ask{})
			if err != nil {
				t.Fatal(err)
			}
			if closed(permit.Revoked()) {
				t.Fatal("the permit ended by itself")
			}
			if err := end(w, made.ID); err != nil {
				t.Fatal(err)
			}
			if !closed(permit.Revoked()) {
				t.Error("what runs was not ended")
			}
			refusal(t, w.Gate, text.Reveal())
			if _, err := w.Admit(t.Context(), made.ID, access.Ask{}); fault.Of(err).Kind != fault.Unauthenticated {
				t.Errorf("admitted afterwards: %v", err)
			}
			w.restart()
			refusal(t, w.Gate, text.Reveal())
		})
	}
}

func TestAnEditDoesNotEndWhatRuns(t *testing.T) {
	w := newWorld(t)
	made, _ := w.create(60, 10000)
	permit, err := w.Admit(t.Context(), made.ID, access.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	name, limit := "desk", 5
	view := w.edit(made.ID, access.Edit{Name: &name, RequestsPerMinute: &limit})
	if closed(permit.Revoked()) || view.Name != "desk" || view.RequestsPerDay != 10000 || view.CurrentRPM != 1 {
		t.Errorf("after the edit: %+v", view)
	}
	if _, err := w.Revoke(t.Context(), made.ID); err != nil || !closed(permit.Revoked()) {
		t.Errorf("a permit from before the edit outlives the key, %v", err)
	}
}

func TestAKeyMadeActiveAgainWorksAgain(t *testing.T) {
	w := newWorld(t)
	made, text := w.create(60, 10000)
	for range 2 { // revoking twice is no mistake
		if _, err := w.Revoke(t.Context(), made.ID); err != nil {
			t.Fatal(err)
		}
	}
	on := true
	w.edit(made.ID, access.Edit{Active: &on})
	permit, err := w.Admit(t.Context(), made.ID, access.Ask{})
	if _, unknown := w.Identify(text); errors.Join(err, unknown) != nil || closed(permit.Revoked()) {
		t.Errorf("not let in again: %v, %v", err, unknown)
	}
}

func TestPermitsThatAreOutAreCountedUntilTheyAreDone(t *testing.T) {
	w := newWorld(t)
	made, _ := w.create(60, 10000)
	first, err := w.Admit(t.Context(), made.ID, access.Ask{})
	second, err2 := w.Admit(t.Context(), made.ID, access.Ask{})
	if err := errors.Join(err, err2); err != nil || w.InFlight() != 2 {
		t.Fatalf("%d in flight, %v", w.InFlight(), err)
	}
	first.Done()
	first.Done()
	if w.InFlight() != 1 {
		t.Errorf("%d in flight after one is done, twice over", w.InFlight())
	}
	second.Done()
	if w.InFlight() != 0 {
		t.Errorf("%d in flight at the end", w.InFlight())
	}
}

func TestEveryChangeIsAnnounced(t *testing.T) {
	w := newWorld(t)
	made, _ := w.create(60, 10000)
	w.edit(made.ID, access.Edit{})
	_, err := w.Revoke(t.Context(), made.ID)
	if err := errors.Join(err, w.Delete(t.Context(), made.ID)); err != nil || w.changes != 4 {
		t.Errorf("%d announcements, %v", w.changes, err)
	}
}

func TestAKeyThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	_, get := w.Get(t.Context(), 7)
	_, update := w.Update(t.Context(), 7, access.Edit{})
	_, revoke := w.Revoke(t.Context(), 7)
	for name, err := range map[string]error{"get": get, "update": update, "revoke": revoke, "delete": w.Delete(t.Context(), 7)} {
		if fault.Of(err) == nil || fault.Of(err).Kind != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.Admit(t.Context(), 7, access.Ask{}); fault.Of(err).Kind != fault.Unauthenticated {
		t.Errorf("admit: %v", err)
	}
}

func TestAFieldThatIsWrongIsNamed(t *testing.T) {
	w := newWorld(t)
	made, _ := w.create(60, 10000)
	number := func(n int) *int { return &n }
	text := func(s string) *string { return &s }
	for param, edits := range map[string][]access.Edit{
		"name":                {{Name: text("  ")}, {Name: text(strings.Repeat("é", 101))}},
		"description":         {{Description: text(strings.Repeat("é", 1001))}},
		"requests_per_minute": {{RequestsPerMinute: number(-1)}, {RequestsPerMinute: number(1_000_001)}},
		"requests_per_day":    {{RequestsPerDay: number(-1)}, {RequestsPerDay: number(1_000_001)}},
		"expires_days":        {{ExpiresDays: number(-1)}, {ExpiresDays: number(36501)}},
	} {
		for _, edit := range edits {
			_, updating := w.Update(t.Context(), made.ID, edit)
			draft := access.Draft{Name: "laptop", RequestsPerMinute: edit.RequestsPerMinute, RequestsPerDay: edit.RequestsPerDay, ExpiresDays: edit.ExpiresDays}
			if edit.Name != nil {
				draft.Name = *edit.Name
			}
			if edit.Description != nil {
				draft.Description = *edit.Description
			}
			_, _, creating := w.Create(t.Context(), draft)
			for _, err := range []error{updating, creating} {
				if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Param != param {
					t.Errorf("%s: got %v", param, err)
				}
			}
		}
	}
	if view := w.get(made.ID); !reflect.DeepEqual(view, made) {
		t.Errorf("a refused edit changed the key to %+v", view)
	}
}

func TestZeroDaysIsNeverInAnEditAndAMistakeInADraft(t *testing.T) {
	w := newWorld(t)
	zero, ten := 0, 10
	if _, _, err := w.Create(t.Context(), access.Draft{Name: "laptop", ExpiresDays: &zero}); fault.Of(err) == nil || fault.Of(err).Param != "expires_days" {
		t.Errorf("got %v", err)
	}
	made, _, err := w.Create(t.Context(), access.Draft{Name: "laptop", ExpiresDays: &ten})
	if err != nil || !made.ExpiresAt.Equal(noon.AddDate(0, 0, 10)) {
		t.Errorf("expires %v, %v", made.ExpiresAt, err)
	}
	if view := w.edit(made.ID, access.Edit{ExpiresDays: &zero}); !view.ExpiresAt.IsZero() {
		t.Errorf("still expires %v", view.ExpiresAt)
	}
}

func TestTheWayThroughTheGateCostsNextToNothing(t *testing.T) {
	w := newWorld(t)
	key, text := w.create(0, 0)
	identify := testing.AllocsPerRun(200, func() {
		if _, err := w.Identify(text); err != nil {
			t.Fatal(err)
		}
	})
	w.admit(key.ID) // sets a block aside
	admit := testing.AllocsPerRun(90, func() { w.admit(key.ID) })
	if identify > 1 || admit > 5 {
		t.Errorf("%v allocations to identify, %v to admit", identify, admit)
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
