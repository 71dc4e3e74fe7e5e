package access

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zoneOf(t rapid.TB, name string) *time.Location {
	t.Helper()
	zone, err := loadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestDaysBeginWhereTheZoneSaysAlsoWhenClocksAreChanged(t *testing.T) {
	for _, line := range []struct{ zone, at, start, end string }{
		{"UTC", "2026-03-10T12:00:00Z", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"},
		{"Asia/Shanghai", "2026-03-10T15:59:59Z", "2026-03-09T16:00:00Z", "2026-03-10T16:00:00Z"},
		{"Asia/Shanghai", "2026-03-10T16:00:00Z", "2026-03-10T16:00:00Z", "2026-03-11T16:00:00Z"},
		{"Asia/Kathmandu", "2026-03-10T18:15:00Z", "2026-03-10T18:15:00Z", "2026-03-11T18:15:00Z"},
		{"Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},    // 23 hours
		{"Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},    // 25 hours
		{"America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"}, // 25 hours
		{"Australia/Lord_Howe", "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"},
		{"Africa/Cairo", "2026-04-24T12:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"},      // has no midnight
		{"America/Havana", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},    // has two
		{"America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"}, // has none
		{"Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},      // and the 30th does not exist
		{"Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"Asia/Gaza", "2028-02-28T12:00:00Z", "2028-02-27T22:00:00Z", "2028-02-28T22:00:00Z"},
	} {
		start, end := Day.bounds(instant(t, line.at), zoneOf(t, line.zone))
		if !start.Equal(instant(t, line.start)) || !end.Equal(instant(t, line.end)) {
			t.Errorf("%s in %s: from %v to %v, want %s to %s", line.at, line.zone, start, end, line.start, line.end)
		}
	}
}

func TestMonthsBeginOnTheFirst(t *testing.T) {
	for at, want := range map[string][2]string{
		"2026-12-31T22:59:59Z": {"2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"},
		"2026-12-31T23:00:00Z": {"2026-12-31T23:00:00Z", "2027-01-31T23:00:00Z"},
		"2028-02-29T12:00:00Z": {"2028-01-31T23:00:00Z", "2028-02-29T23:00:00Z"},
		"2026-03-31T12:00:00Z": {"2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
	} {
		start, end := Month.bounds(instant(t, at), zoneOf(t, "Europe/Berlin"))
		if !start.Equal(instant(t, want[0])) || !end.Equal(instant(t, want[1])) {
			t.Errorf("%s: from %v to %v, want %v", at, start, end, want)
		}
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Every moment lies in one day, all of a day has its date, and where one day ends the next begins.
func TestDaysHaveNoGapsAndNoOverlaps(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana",
		"Asia/Beirut", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		zone := zoneOf(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(1_767_225_600, 2_082_758_400).Draw(t, "at"), 0) // 2026 to 2035
		for _, span := range []Span{Day, Month} {
			start, end := span.bounds(at, zone)
			if at.Before(start) || !at.Before(end) {
				t.Fatalf("%v is not from %v to %v", at, start, end)
			}
			if next, _ := span.bounds(end, zone); !next.Equal(end) {
				t.Fatalf("after %v comes %v", end, next)
			}
			if _, before := span.bounds(start.Add(-time.Second), zone); !before.Equal(start) {
				t.Fatalf("before %v comes %v", start, before)
			}
			if length := end.Sub(start); span == Day && (length < 23*time.Hour || length > 25*time.Hour) {
				t.Fatalf("the day of %v has %v", at, length)
			}
			if span == Day && number(start.In(zone)) != number(end.Add(-time.Second).In(zone)) {
				t.Fatalf("from %v to %v is more than one date", start, end)
			}
		}
	})
}

func TestCostsAreRoundedUp(t *testing.T) {
	for cost, want := range map[float64]int64{0: 0, -1: 0, 0.000001: 1, 0.0000011: 2, 1.5: 1_500_000, 0.1 + 0.2: 300_000} {
		if got := millionths(cost); got != want {
			t.Errorf("%v is %d millionths, want %d", cost, got, want)
		}
	}
	if got := millionths(1e300); got <= 0 {
		t.Errorf("a cost beyond all bounds is %d millionths", got)
	}
}
