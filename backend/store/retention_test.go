package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"amq2api/backend/usage"
)

func TestTheSumsOfOldDaysStayWhenTheirRowsAreForgotten(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	db := openedIn(t, "Europe/Berlin")
	records := someRecords(t, db, random, 300)
	forgetRows(t, db, noon.AddDate(0, 0, 100))
	if left := requestIDs(t, db, 10, ""); left != "" {
		t.Fatalf("left: %s", left)
	}
	for _, by := range everyDimension {
		q := usage.Question{From: usage.StartOfDay(noon, db.zone), To: usage.AddDays(noon, 45, db.zone), By: []usage.Dimension{by, usage.ByDay}, Zone: db.zone}
		assertSums(t, db, records, q)
		q.Zone = zoneOf(t, "America/New_York") // hours are enough
		assertSums(t, db, records, q)
	}
	moveTo(t, db, "America/New_York")
	q := usage.Question{From: usage.StartOfDay(noon, db.zone), To: usage.AddDays(noon, 45, db.zone), By: []usage.Dimension{usage.ByDay}, Zone: db.zone}
	assertSums(t, db, records, q)
}

func forgetRows(t *testing.T, db *DB, before time.Time) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = db.Usage().ForgetRows(t.Context(), before); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOldSumsAreForgottenDayByDay(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	db := openedIn(t, "Asia/Kolkata")
	records := someRecords(t, db, random, 300)
	insertGapAt(t, db, noon.AddDate(0, 0, -1), 5)
	limit, steps := noon.AddDate(0, 0, 10), 0
	forgetRows(t, db, limit)
	for more := true; more; steps++ {
		var err error
		if more, err = db.Usage().ForgetSums(t.Context(), limit); err != nil {
			t.Fatal(err)
		}
	}
	if steps < 9 || steps > 12 {
		t.Errorf("forgotten in %d steps", steps)
	}
	begins := usage.StartOfDay(limit, db.zone)
	younger := slices.DeleteFunc(slices.Clone(records), func(r *usage.Record) bool { return r.At.Before(begins) })
	assertSums(t, db, younger, usage.Question{From: usage.StartOfDay(noon, db.zone), To: usage.AddDays(noon, 60, db.zone), By: []usage.Dimension{usage.ByDay, usage.ByModel}, Zone: db.zone})
	gaps, err := db.Usage().Gaps(t.Context(), noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0))
	if err != nil || len(gaps) != 0 {
		t.Errorf("gaps: %v, %v", gaps, err)
	}
}

func TestRowsAreForgottenInShortStepsBetweenWhichOthersWrite(t *testing.T) {
	db := opened(t)
	var old []*usage.Record
	for n := range 1200 {
		old = append(old, record(fmt.Sprint(n), noon))
	}
	insert(t, db, old...)
	steps := 0
	for more := true; more; steps++ {
		var err error
		if more, err = db.Usage().ForgetRows(t.Context(), noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		insert(t, db, record(fmt.Sprint("new", steps), noon.Add(2*time.Hour)))
	}
	if left := requestIDs(t, db, 100, ""); left != "new5 new4 new3 new2 new1 new0" {
		t.Errorf("left after %d steps: %s", steps, left)
	}
}
