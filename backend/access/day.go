package access

import "time"

const (
	dayLength = 24 * time.Hour
	// backstep is how far the clock may go back before the day goes back with it.
	backstep = 25 * time.Hour
)

// dayCount counts the requests of a UTC day. The clock may jump: the count of a day is kept, so that coming back to it does not start it anew,
// and going back in time never makes requests available again.
type dayCount struct {
	day      int64         // the day counted on, in days since 1970
	used     int           // requests counted on it
	reserved int           // what the store has for it; at least used, unless the store cannot be written or the count was carried
	latest   time.Time     // the latest time seen
	kept     map[int64]int // the counts of other days
}

// restore takes over what the store has of a day; the last one restored is the day counted on. What was set aside counts as used.
func (c *dayCount) restore(d Day) {
	c.kept[d.Day] = d.Reserved
	c.day, c.used, c.reserved = d.Day, d.Reserved, d.Reserved
	c.latest = c.end().Add(-dayLength)
}

// roll moves on to the day of now. A clock that went back by less than 25 hours keeps the latest day seen; further back, the day is accepted
// and the count carried into it.
func (c *dayCount) roll(now time.Time) {
	now = now.Round(0) // the wall clock is meant, not the time that passed
	today := now.Unix() / int64(dayLength/time.Second)
	switch {
	case today > c.day:
		c.turn(today, 0)
	case today < c.day && c.latest.Sub(now) >= backstep:
		c.turn(today, c.used)
		c.latest = now
	}
	if now.After(c.latest) {
		c.latest = now
	}
}

// turn counts on another day from here on.
func (c *dayCount) turn(day int64, carried int) {
	c.kept[c.day] = c.used
	c.day, c.reserved = day, c.kept[day]
	c.used = max(carried, c.reserved)
}

// end is the midnight at which the day is over.
func (c *dayCount) end() time.Time { return time.Unix((c.day+1)*int64(dayLength/time.Second), 0).UTC() }
