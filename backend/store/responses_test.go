package store

import (
	"fmt"
	"testing"
	"time"
)

func TestStoredResponsesAreForgottenInTime(t *testing.T) {
	kept := opened(t).Responses()
	save := func(id string, size int, now time.Time) {
		t.Helper()
		if err := kept.Save(t.Context(), id, make([]byte, size), now, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	has := func(id string, now time.Time) bool {
		t.Helper()
		_, _, found, err := kept.Load(t.Context(), id, now)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	save("a", 1, noon)
	if !has("a", noon.Add(59*time.Minute)) || has("a", noon.Add(time.Hour)) || has("b", noon) {
		t.Error("it is kept for another time than an hour")
	}
	save("large", maxResponseBytes-10, noon.Add(time.Minute))
	if !has("a", noon) {
		t.Error("what still had room is gone")
	}
	save("b", 10, noon.Add(2*time.Minute))
	if has("a", noon) || !has("large", noon) || !has("b", noon) {
		t.Error("the oldest did not give way to the newest")
	}
	for _, gone := range []bool{true, false} {
		if found, err := kept.Delete(t.Context(), "b"); err != nil || found != gone {
			t.Errorf("deleted %v, %v", found, err)
		}
	}
	if err := kept.Clear(t.Context()); err != nil || has("large", noon) {
		t.Errorf("cleared: %v", err)
	}
	for i := range 5 {
		save(fmt.Sprint(i), 1, noon.Add(time.Duration(i)*time.Hour))
	}
	rows := func(want int) {
		t.Helper()
		var rows int
		if err := kept.db.read.QueryRow(`SELECT count(*) FROM responses`).Scan(&rows); err != nil || rows != want {
			t.Errorf("%d rows are left, want %d, %v", rows, want, err)
		}
	}
	rows(1)
	if _, until, _, err := kept.Load(t.Context(), "4", noon); err != nil || !until.Equal(noon.Add(5*time.Hour)) {
		t.Errorf("it is kept until %v, %v", until, err)
	}
	for _, now := range []time.Time{noon.Add(5*time.Hour - time.Millisecond), noon.Add(5 * time.Hour)} {
		if err := kept.Purge(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	rows(0)
}
