package access

import (
	"sort"
	"time"
)

// Span is the length of time that something is counted over.
type Span string

// The spans, both of the calendar in a key's time zone: a day is 23 to 25 hours long where clocks are changed.
const (
	Day   Span = "day"
	Month Span = "month"
)

const (
	// backstep is how far the clock may go back before the day goes back with it.
	backstep = 25 * time.Hour
	// mostKept is how many days, and months, are remembered for a clock that comes back to them.
	mostKept = 8
)

// bounds are the first instant of the day or month that t lies in, and that of the next one.
func (s Span) bounds(t time.Time, zone *time.Location) (start, end time.Time) {
	year, month, day := t.In(zone).Date()
	if s == Month {
		return midnight(year, month, 1, zone), midnight(year, month+1, 1, zone)
	}
	return midnight(year, month, day, zone), midnight(year, month, day+1, zone)
}

// midnight is the first instant of a date. It is searched for, because where clocks are changed at midnight there is no such time, or two.
func midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	const reach = 26 * 3600 // seconds
	wanted := number(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	from := time.Date(year, month, day, 0, 0, 0, 0, zone).Add(-reach * time.Second)
	seconds := sort.Search(2*reach, func(n int) bool { return number(from.Add(time.Duration(n)*time.Second)) >= wanted })
	return from.Add(time.Duration(seconds) * time.Second).UTC()
}

// number orders the dates of times.
func number(t time.Time) int {
	year, month, day := t.Date()
	return year*10000 + int(month)*100 + day
}

// period is one day or month, and what was counted in it.
type period struct {
	start, end time.Time
	own        Amount // counted in it
	held       Amount // estimates of the requests that run, which began in it
	running    int
	carried    Amount // counted elsewhere and held against it: the clock went back, or the key's zone was changed
	aside      Amount // what the store has for own and held; at least both, unless the store cannot be written
	noted      Amount // what the store has of carried
}

// used is all that counts against a limit.
func (p *period) used() Amount { return p.own.plus(p.held).plus(p.carried) }

// spent is used without what requests that run may give back.
func (p *period) spent() Amount { return p.own.plus(p.carried) }

// begin counts a request in and holds its estimate.
func (p *period) begin(estimate Amount) {
	p.own.Requests++
	p.held = p.held.plus(estimate)
	p.running++
}

// finish replaces a request's estimate by what it cost.
func (p *period) finish(estimate, cost Amount) {
	p.held = p.held.minus(estimate)
	p.own = p.own.plus(cost)
	p.running--
}

// short reports whether the store lacks something of what is counted, in the respects that the limits are about.
func (p *period) short(more Amount, l Limits) bool {
	total := p.own.plus(p.held).plus(more)
	return p.carried != p.noted || total.Requests > p.aside.Requests || l.CountsTokens() && (total.Tokens > p.aside.Tokens || total.Cost > p.aside.Cost)
}

// ledger counts by the day, or by the month. The clock may jump: the count of a period is kept, so that coming back to it does not start it
// anew, and going back in time never makes anything available again.
type ledger struct {
	span    Span
	current *period
	kept    []*period      // the current one last
	zone    *time.Location // that the current one was worked out in; nil after a start
	latest  time.Time      // the latest time seen
}

// restore takes over what the store has of a period; the last one restored is the one counted on. What was set aside counts as used.
func (l *ledger) restore(stored Period) {
	p := &period{start: stored.Start, end: stored.End, own: stored.Aside, aside: stored.Aside, carried: stored.Carried, noted: stored.Carried}
	l.kept = append(l.kept, p)
	l.current, l.latest = p, p.start
}

// roll moves on to the period of now. A clock that went back by less than 25 hours keeps the latest time seen; further back, the period is
// accepted and the count carried into it. In another zone what overlaps with the new period is carried.
func (l *ledger) roll(now time.Time, zone *time.Location) {
	now = now.Round(0) // the wall clock is meant, not the time that passed
	back := l.latest.Sub(now) >= backstep
	if !back && now.Before(l.latest) {
		now = l.latest
	}
	if l.current == nil || back || zone != l.zone || !now.Before(l.current.end) {
		start, end := l.span.bounds(now, zone)
		l.turn(start, end, back)
	}
	l.latest, l.zone = now, zone
}

// turn counts on another period from here on.
func (l *ledger) turn(start, end time.Time, back bool) {
	next := &period{start: start, end: end}
	var others []*period
	var carried Amount
	for _, p := range l.kept {
		if p.start.Equal(start) && p.end.Equal(end) {
			next = p
			continue
		}
		others = append(others, p)
		if p.start.Before(end) && start.Before(p.end) {
			carried = carried.plus(p.own).plus(p.held)
		}
	}
	if back && l.current != nil {
		carried = carried.most(l.current.used().minus(next.own).minus(next.held))
	}
	next.carried = next.carried.most(carried)
	l.kept = append(others[max(0, len(others)-mostKept+1):], next)
	l.current = next
}

// end is when the current period is over.
func (l *ledger) end() time.Time { return l.current.end }

// Period is what the store has of a key's day or month.
type Period struct {
	Span       Span
	Start, End time.Time
	Aside      Amount // counted in it or set aside for it
	Carried    Amount // counted elsewhere and held against it
}

// stored is a period as the store keeps it.
func (l *ledger) stored(p *period) Period {
	return Period{Span: l.span, Start: p.start, End: p.end, Aside: p.aside, Carried: p.carried}
}
