package store

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"amq2api/backend/usage"
)

func insertGapAt(t *testing.T, db *DB, at time.Time, lost int) {
	t.Helper()
	if err := db.Usage().InsertBatch(t.Context(), nil, usage.Gap{From: at, To: at.Add(8 * time.Minute), Count: lost}); err != nil {
		t.Fatal(err)
	}
}

func TestGapsAreToldForTheTimeTheyTouch(t *testing.T) {
	db := opened(t)
	insertGapAt(t, db, noon, 1234)
	insertGapAt(t, db, noon.Add(time.Hour), 7)
	for _, story := range []struct {
		from, to time.Time
		lost     int
	}{
		{noon.Add(-time.Hour), noon, 0}, {noon.Add(-time.Hour), noon.Add(time.Minute), 1234}, {noon.Add(8 * time.Minute), noon.Add(time.Hour), 1234},
		{noon.Add(9 * time.Minute), noon.Add(time.Hour), 0}, {noon, noon.Add(2 * time.Hour), 1241},
	} {
		gaps, err := db.Usage().Gaps(t.Context(), story.from, story.to)
		lost := 0
		for _, gap := range gaps {
			lost += gap.Count
		}
		if err != nil || lost != story.lost {
			t.Errorf("from %s to %s: %v, %v", story.from, story.to, gaps, err)
		}
	}
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(text []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(text)
}

func (j *journal) wait(word string) {
	for {
		j.mu.Lock()
		found := strings.Contains(j.text.String(), word)
		j.mu.Unlock()
		if found {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func recordMany(r *usage.Recorder, name string, count int) {
	for n := range count {
		r.Record(record(fmt.Sprint(name, n), noon.Add(time.Duration(n)*time.Second)))
	}
}

func TestAFullDiskLosesNoCountOfWhatItLoses(t *testing.T) {
	db, log := opened(t), new(journal)
	r := usage.NewRecorder(usage.Config{Sink: db.Usage(), Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.MultiWriter(log), nil))})
	recordMany(r, "before", 256)
	for requestIDs(t, db, 1, "") == "" {
		time.Sleep(time.Millisecond)
	}
	setPages(t, db, 1) // as many as there are
	recordMany(r, "lost", 700)
	log.wait("usage is not recorded")
	setPages(t, db, 1<<30)
	recordMany(r, "after", 100)
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, lost := 0, 0
	if err := db.read.QueryRowContext(t.Context(), `SELECT count(*) FROM requests WHERE fault <> 'not_recorded'`).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	gaps, err := db.Usage().Gaps(t.Context(), noon.Add(-time.Hour), noon.Add(24*time.Hour))
	for _, gap := range gaps {
		lost += gap.Count
	}
	if err != nil || rows+lost != 256+700+100 || lost < 256 {
		t.Errorf("%d rows and %d lost in %v, %v", rows, lost, gaps, err)
	}
	sums, err := db.Usage().Sums(t.Context(), usage.Question{From: noon.AddDate(0, 0, -1), To: noon.AddDate(0, 0, 2), Zone: db.zone})
	if err != nil || len(sums) != 1 || sums[0].Requests != int64(rows) {
		t.Errorf("the sums have %v, want %d, %v", sums, rows, err)
	}
}

// setPages makes the disk as large as so many pages, or as what is used already.
func setPages(t *testing.T, db *DB, most int) {
	t.Helper()
	if _, err := db.write.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", most)); err != nil {
		t.Fatal(err)
	}
}
