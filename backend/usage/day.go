package usage

import (
	"fmt"
	"strings"
	"time"
)

// StartOfDay is the first instant of the day of at in a zone. That need not be midnight: where the clock is put forward at midnight there is
// none, and where it is put back to it there are two.
func StartOfDay(at time.Time, zone *time.Location) time.Time {
	year, month, day := at.In(zone).Date()
	return startOf(year, month, day, zone)
}

// NextDay is the first instant of the day after that of at.
func NextDay(at time.Time, zone *time.Location) time.Time {
	return AddDays(at, 1, zone)
}

// AddDays is the first instant of the day that comes days after that of at.
func AddDays(at time.Time, days int, zone *time.Location) time.Time {
	year, month, day := at.In(zone).Date()
	return startOf(year, month, day+days, zone)
}

func startOf(year int, month time.Month, day int, zone *time.Location) time.Time {
	noon := time.Date(year, month, day, 12, 0, 0, 0, zone)
	start := midnight(noon, noon)
	changed, _ := noon.ZoneBounds()
	if changed.IsZero() {
		return start
	}
	if before := midnight(noon, changed.Add(-time.Nanosecond)); before.Before(changed) {
		return before // the clock was changed during the day
	}
	if start.Before(changed) {
		return changed
	}
	return start
}

// midnight is the beginning of a day if the clock showed what it does at another time.
func midnight(day, at time.Time) time.Time {
	year, month, number := day.Date()
	return time.Date(year, month, number, 0, 0, 0, 0, time.FixedZone(at.Zone())).In(day.Location())
}

// The years whose changes of the clock tell zones apart.
var firstChange, lastChange = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)

// ZoneRules is a text that two zones share exactly if they have the same days: what the clock shows, and when that changes. The computer's own zone
// may have no name that could tell.
func ZoneRules(zone *time.Location) string {
	var rules strings.Builder
	for at := firstChange.In(zone); at.Before(lastChange); {
		_, offset := at.Zone()
		_, end := at.ZoneBounds()
		if end.IsZero() {
			end = lastChange
		}
		fmt.Fprintf(&rules, "%d until %d;", offset, end.Unix())
		at = end
	}
	return rules.String()
}
