package admin

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // zones by their names, also on computers that have none

	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// What a window covers unless asked for: so many days, of which today is the last, or so many hours.
const (
	usualDays  = 30
	usualHours = 24
	mostGroups = 4000 // hours or days that one answer has
)

// period is the time from an instant to before another, and whose days it is counted in.
type period struct {
	from, to time.Time
	zone     *time.Location
}

// readPeriod reads from, to and zone. What is not there is zero; the zone is then the computer's.
func readPeriod(q url.Values) (p period, f *fault.Error) {
	if p.zone, f = readZone(q); f != nil {
		return p, f
	}
	if p.from, f = readInstant(q, "from", p.zone); f != nil {
		return p, f
	}
	if p.to, f = readInstant(q, "to", p.zone); f != nil {
		return p, f
	}
	if !p.from.IsZero() && !p.to.IsZero() && !p.from.Before(p.to) {
		return p, invalid("from", "from must be before to.")
	}
	return p, nil
}

// readWindow is readPeriod with the usual window for what is not there: of hours up to the present one, or of days up to today.
func readWindow(q url.Values, now time.Time, by usage.Dimension) (period, *fault.Error) {
	p, f := readPeriod(q)
	if f != nil {
		return p, f
	}
	hourly := by == usage.ByHour
	if p.to.IsZero() {
		if p.to = usage.NextDay(now, p.zone); hourly {
			p.to = now.Truncate(time.Hour).Add(time.Hour)
		}
		if !p.from.Before(p.to) {
			p.to = p.from.Add(time.Hour) // it asks about the future
		}
	}
	if p.from.IsZero() {
		if p.from = usage.AddDays(p.to.Add(-time.Nanosecond), 1-usualDays, p.zone); hourly {
			p.from = p.to.Add(-usualHours * time.Hour)
		}
	}
	span := p.to.Sub(p.from)
	if hourly && span > mostGroups*time.Hour || by == usage.ByDay && span > mostGroups*24*time.Hour {
		return p, invalid("by", "From %s to %s there are over %d groups. Ask for a shorter time, or by longer ones.", p.from.Format(time.DateOnly), p.to.Format(time.DateOnly), mostGroups)
	}
	return p, nil
}

func readZone(q url.Values) (*time.Location, *fault.Error) {
	name := q.Get("zone")
	if name == "" {
		return time.Local, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, invalid("zone", "There is no time zone %.60q. Name one like Europe/Berlin or UTC, or none for this computer's.", name)
	}
	return zone, nil
}

// readInstant reads a time as RFC 3339 has it, or a date: the day's first instant for a beginning, the next day's for an end.
func readInstant(q url.Values, name string, zone *time.Location) (time.Time, *fault.Error) {
	text := q.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+")) // a plus that nobody escaped
	if date, isDate := time.Parse(time.DateOnly, text); isDate == nil {
		noon := time.Date(date.Year(), date.Month(), date.Day(), 12, 0, 0, 0, zone)
		if at, err = usage.StartOfDay(noon, zone), nil; name == "to" {
			at = usage.NextDay(noon, zone)
		}
	}
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		return time.Time{}, invalid(name, "%s must be a date like 2026-03-10 or a time like 2026-03-10T15:00:00Z.", name)
	}
	return at.Truncate(time.Millisecond), nil
}

// readCompared reads the window to compare with: the one just before, or one as long that begins at a date or time. Whole days are compared
// with as many whole days.
func readCompared(q url.Values, p period) (*period, *fault.Error) {
	asked := q.Get("compare")
	if asked == "" {
		return nil, nil
	}
	before, days := period{zone: p.zone}, wholeDays(p)
	if asked == "previous" {
		if before.to, before.from = p.from, p.from.Add(-p.to.Sub(p.from)); days > 0 {
			before.from = usage.AddDays(p.from, -days, p.zone)
		}
		return &before, nil
	}
	var f *fault.Error
	if before.from, f = readInstant(q, "compare", p.zone); f != nil {
		return nil, invalid("compare", "compare must be previous, or the date or time at which the other window begins.")
	}
	if before.to = before.from.Add(p.to.Sub(p.from)); days > 0 && usage.StartOfDay(before.from, p.zone).Equal(before.from) {
		before.to = usage.AddDays(before.from, days, p.zone)
	}
	return &before, nil
}

// wholeDays is how many days a period consists of, 0 if it is not made of whole ones.
func wholeDays(p period) int {
	if !usage.StartOfDay(p.from, p.zone).Equal(p.from) || !usage.StartOfDay(p.to, p.zone).Equal(p.to) {
		return 0
	}
	return int((p.to.Sub(p.from) + 12*time.Hour) / (24 * time.Hour))
}

// groups are the hours or the days of a period, and the end of the last; nil for what is not about time.
func (p period) groups(by usage.Dimension) (starts []time.Time) {
	switch by {
	case usage.ByHour:
		for at := p.from.Truncate(time.Hour); ; at = at.Add(time.Hour) {
			if starts = append(starts, at); !at.Before(p.to) {
				return starts
			}
		}
	case usage.ByDay:
		for at := usage.StartOfDay(p.from, p.zone); ; at = usage.NextDay(at, p.zone) {
			if starts = append(starts, at); !at.Before(p.to) {
				return starts
			}
		}
	}
	return nil
}

func invalid(param, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
