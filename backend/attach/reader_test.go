package attach

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/chat"
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

// That there was no time for a file says nothing about it.
func TestWhatWasNotBegunIsTriedAgain(t *testing.T) {
	busy := true
	work := func(_ context.Context, kind string, input []byte) ([]byte, error) {
		if busy {
			return nil, fmt.Errorf("%w: too many processes", ErrNotBegun)
		}
		return Work(kind, input), nil
	}
	r, s := newReader(work), newStudio(work)
	wide := chat.Image{Data: base64.StdEncoding.EncodeToString(photo(t, 9000, 1, binary.BigEndian))}
	r.says(t, "x", "no time for it")
	if _, err := s.fit(t.Context(), wide); err == nil {
		t.Error("a picture was drawn by nobody")
	}
	busy = false
	r.says(t, "x", "damaged")
	if _, err := s.fit(t.Context(), wide); err != nil {
		t.Errorf("the picture is given up: %v", err)
	}
}
