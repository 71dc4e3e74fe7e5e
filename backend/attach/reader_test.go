package attach

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// library is a reader whose documents are read by a function of the test.
func library(open func(raw string) (string, error)) (*reader, *atomic.Int32) {
	r, readings := newReader(nil), new(atomic.Int32)
	r.read.now = time.Now
	r.open = func(_ context.Context, raw []byte, _ string) (string, error) {
		readings.Add(1)
		return open(string(raw))
	}
	return r, readings
}

func (r *reader) says(t *testing.T, document, want string) {
	t.Helper()
	text, err := r.text(t.Context(), []byte("%PDF-"+document), "")
	if err != nil {
		text = err.Error()
	}
	if !strings.Contains(text, want) {
		t.Errorf("%s became %q, want %q", document, text, want)
	}
}

func TestWhatCameOfADocumentIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, readings := library(func(raw string) (string, error) {
			if strings.HasSuffix(raw, "bad") {
				return "", errors.New("it is bad")
			}
			return "text of " + raw, nil
		})
		for range 3 {
			r.says(t, "good", "text of")
			r.says(t, "bad", "it is bad")
		}
		if readings.Load() != 2 {
			t.Errorf("there were %d readings", readings.Load())
		}
		time.Sleep(documentLife)
		r.says(t, "good", "text of")
		if readings.Load() != 3 {
			t.Errorf("there were %d readings an hour later", readings.Load())
		}
	})
}

func TestADocumentThatIsNeverReadIsGivenUpOnceAndStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r, readings := library(func(raw string) (string, error) {
			if strings.Contains(raw, "hangs") {
				<-release
			}
			return "read after all", nil
		})
		for _, document := range []string{"hangs 1", "hangs 2", "hangs 3"} {
			r.says(t, document, "took too long")
			began := time.Now()
			r.says(t, document, "took too long")
			if time.Since(began) != 0 {
				t.Errorf("%s was tried again", document)
			}
		}
		r.says(t, "another", "read after all")
		if text, err := r.text(t.Context(), []byte("plain"), "text/plain"); err != nil || text != "plain" {
			t.Errorf("plain text: %q, %v", text, err)
		}
		r.says(t, "hangs 4", "took too long")
		r.says(t, "a fifth", "too many broken documents")
		close(release)
		synctest.Wait()
		r.says(t, "hangs 1", "read after all")
		r.says(t, "a fifth", "read after all")
		if readings.Load() != 6 {
			t.Errorf("there were %d readings", readings.Load())
		}
	})
}

func TestOnlySoManyDocumentsAreReadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		r, _ := library(func(string) (string, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return "text", nil
		})
		done := make(chan struct{})
		for i := range 6 {
			go func() { r.says(t, string(rune('a'+i)), "text"); done <- struct{}{} }()
		}
		for range 6 {
			<-done
		}
		if most.Load() != readAtOnce {
			t.Errorf("%d at once", most.Load())
		}
	})
}

func TestAReaderThatPanicsSaysThatTheDocumentIsDamaged(t *testing.T) {
	r, _ := library(func(string) (string, error) { panic("index out of range") })
	r.says(t, "x", "it is damaged")
}

func TestAClientThatLeavesDoesNotSpoilADocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := library(func(string) (string, error) {
			time.Sleep(time.Second)
			return "text", nil
		})
		ctx, leave := context.WithCancel(t.Context())
		leave()
		_, _ = r.text(ctx, []byte("%PDF-x"), "")
		time.Sleep(2 * time.Second)
		r.says(t, "x", "text")
	})
}

func TestACacheForgetsTheOldestAndTheOld(t *testing.T) {
	now := time.Now()
	c := newCache[string, int](100, time.Minute)
	c.now = func() time.Time { return now }
	for i, key := range []string{"a", "b", "c"} {
		c.put(key, i, 40)
	}
	if _, ok := c.get("a"); ok {
		t.Error("the oldest is still there")
	}
	if got, ok := c.get("c"); !ok || got != 2 {
		t.Errorf("the newest is %d, %v", got, ok)
	}
	c.put("huge", 9, 60)
	if _, ok := c.get("huge"); ok {
		t.Error("one took more than half of everything")
	}
	c.put("b", 7, 50)
	if got, ok := c.get("b"); !ok || got != 7 || c.size > c.limit {
		t.Errorf("put again it is %d, %v, in %d bytes", got, ok, c.size)
	}
	now = now.Add(time.Minute)
	if _, ok := c.get("b"); ok {
		t.Error("it lives for ever")
	}
}
