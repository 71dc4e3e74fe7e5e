package access_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amq2api/backend/access"
)

const (
	hour = time.Hour
	day  = 24 * time.Hour
)

// scenario is what a clock does between bursts of requests. The program may crash, or be restarted, at each jump.
type scenario struct {
	name  string
	zone  string
	start string
	jumps []jump
}

// jump is a change of the wall clock, or of the key's zone; asleep and awake time passes alike on the wall.
type jump struct {
	by   time.Duration
	zone string
}

func to(by ...time.Duration) (jumps []jump) {
	for _, b := range by {
		jumps = append(jumps, jump{by: b})
	}
	return jumps
}

func scenarios() []scenario {
	list := []scenario{
		{"nothing", "UTC", "2026-03-10T12:00:00Z", to(0, 0)},
		{"an hour back", "UTC", "2026-03-10T12:00:00Z", to(-hour, hour)},
		{"an hour forward", "UTC", "2026-03-10T12:00:00Z", to(hour, -hour)},
		{"an hour back over midnight", "UTC", "2026-03-10T00:30:00Z", to(-hour, 30*time.Minute, hour)},
		{"an hour forward over midnight", "UTC", "2026-03-10T23:30:00Z", to(hour, -hour, hour)},
		{"a day back", "UTC", "2026-03-10T12:00:00Z", to(-day, day)},
		{"a day forward", "UTC", "2026-03-10T12:00:00Z", to(day, -day, day)},
		{"25 hours back", "UTC", "2026-03-10T12:00:00Z", to(-25*hour, 25*hour)},
		{"two days back", "UTC", "2026-03-10T12:00:00Z", to(-2*day, day, day)},
		{"five years back", "UTC", "2026-03-10T12:00:00Z", to(-5*365*day, 5*365*day, day)},
		{"five years forward", "UTC", "2026-03-10T12:00:00Z", to(5*365*day, -5*365*day, day)},
		{"asleep for eight hours", "Europe/Berlin", "2026-03-10T12:00:00Z", to(8*hour, 8*hour)},
		{"asleep over midnight", "Europe/Berlin", "2026-03-10T20:00:00Z", to(8 * hour)},
		{"back and forth", "UTC", "2026-03-10T12:00:00Z", to(-hour, hour, -day, day, -2*day, 2*day, -hour, hour)},
		{"to the new year and back", "Asia/Tokyo", "2026-12-31T14:30:00Z", to(hour, -2*hour, 3*hour)},
	}
	for _, change := range []struct{ name, zone, before string }{
		{"Berlin, spring", "Europe/Berlin", "2026-03-29T00:30:00Z"}, {"Berlin, autumn", "Europe/Berlin", "2026-10-25T00:30:00Z"},
		{"New York, spring", "America/New_York", "2026-03-08T06:30:00Z"}, {"New York, autumn", "America/New_York", "2026-11-01T05:30:00Z"},
		{"Cairo, without a midnight", "Africa/Cairo", "2026-04-23T21:30:00Z"}, {"Havana, with two", "America/Havana", "2026-11-01T04:30:00Z"},
		{"Lord Howe, half an hour", "Australia/Lord_Howe", "2026-04-04T14:30:00Z"},
	} {
		list = append(list,
			scenario{"clocks change in " + change.name, change.zone, change.before, to(30*time.Minute, hour, 12*hour, 12*hour, 12*hour)},
			scenario{"and are set an hour back in " + change.name, change.zone, change.before, to(hour, -hour, hour, 12*hour, 12*hour)})
	}
	for _, move := range [][2]string{
		{"UTC", "Asia/Tokyo"}, {"Asia/Tokyo", "UTC"}, {"Europe/Berlin", "America/New_York"}, {"America/New_York", "Europe/Berlin"},
		{"Pacific/Kiritimati", "Etc/GMT+12"}, {"Etc/GMT+12", "Pacific/Kiritimati"},
	} {
		list = append(list,
			scenario{"moving from " + move[0] + " to " + move[1], move[0], "2026-03-10T12:00:00Z", []jump{{zone: move[1]}, {by: 13 * hour}, {by: 13 * hour}}},
			scenario{"and back to " + move[0] + " from " + move[1], move[0], "2026-03-10T23:30:00Z", []jump{{by: hour, zone: move[1]}, {by: hour, zone: move[0]}, {by: day}}})
	}
	return list
}

// ended is how the program comes through a jump.
var ended = map[string]func(w *world){"running": func(*world) {}, "restarted": (*world).reload, "killed": (*world).load}

// A day's limit is spent before and after each change of the clock. However it jumps, no day of the key's zone gets more than the limit,
// and once it goes right nobody waits for more than the rest of a day.
func TestWhateverTheClockDoesNoDayGetsMoreThanItsLimit(t *testing.T) {
	ran := 0
	w := newWorld(t)
	for _, s := range scenarios() {
		for how, through := range ended {
			ran++
			t.Run(s.name+", "+how, func(t *testing.T) {
				var err error
				if w.now, err = time.Parse(time.RFC3339, s.start); err != nil {
					t.Fatal(err)
				}
				history := &history{limit: 10, zone: zoneNamed(t, s.zone)}
				key, _ := w.createWith(access.Terms{TimeZone: &s.zone})
				defer w.forget(key.ID)
				w.edit(key.ID, access.Edit{RequestsPerDay: &history.limit})
				history.spend(t, w, key.ID, 4)
				for _, j := range s.jumps {
					w.now = w.now.Add(j.by)
					if j.zone != "" {
						w.edit(key.ID, access.Edit{Terms: access.Terms{TimeZone: &j.zone}})
						history.zone = zoneNamed(t, j.zone)
					}
					through(w)
					history.spend(t, w, key.ID, 12)
				}
				view := w.get(key.ID)
				if wait := view.DayEnds.Sub(w.now); wait > 25*hour+history.behind(w.now) {
					t.Errorf("the day ends in %v", wait)
				}
				w.now = view.DayEnds
				if got := w.admitAll(key.ID); got != history.limit {
					t.Errorf("%d went through on the next day", got)
				}
			})
		}
	}
	t.Logf("A18 | %d scenarios of clocks x %d ways through: no day over its limit", ran/len(ended), len(ended))
}

// history is when requests went through.
type history struct {
	limit  int
	zone   *time.Location
	latest time.Time
	jumped bool // the clock went back
	at     []time.Time
	dates  map[string]bool // seen so far, in any zone
}

func (h *history) behind(now time.Time) time.Duration { return max(0, h.latest.Sub(now)) }

// spend tries many times. Whatever goes through must be within the limit: of the day in the zone that is in force, if the clock never went back;
// and in any case of all the dates there were.
func (h *history) spend(t rapid.TB, w *world, id int64, tries int) {
	t.Helper()
	h.see(w.now)
	for range tries {
		if !w.admit(id) {
			return
		}
		h.at = append(h.at, w.now)
		if n := h.today(w.now); !h.jumped && n > h.limit {
			t.Fatalf("%d requests on %v", n, w.now.In(h.zone))
		}
		if len(h.at) > h.limit*len(h.dates) {
			t.Fatalf("%d requests in %d days", len(h.at), len(h.dates))
		}
	}
}

// see notes what time the gate was shown.
func (h *history) see(now time.Time) {
	if h.dates == nil {
		h.dates = map[string]bool{}
	}
	h.dates[fmt.Sprint(h.zone, now.In(h.zone).Format(time.DateOnly))] = true
	h.jumped = h.jumped || now.Before(h.latest)
	if now.After(h.latest) {
		h.latest = now
	}
}

// today is how many went through in the day of the zone in force, up to now.
func (h *history) today(now time.Time) (n int) {
	for _, at := range h.at {
		if at.In(h.zone).Format(time.DateOnly) == now.In(h.zone).Format(time.DateOnly) {
			n++
		}
	}
	return n
}

// The same with clocks, zones and endings at random; now also that going back makes nothing available.
func TestAnyJumpsOfTheClockKeepTheDailyLimit(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "Etc/GMT+12"}
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		w.now = noon
		history := &history{limit: rapid.IntRange(1, 15).Draw(r, "limit"), zone: time.UTC}
		key, _ := w.create(0, history.limit)
		defer w.forget(key.ID)
		r.Repeat(map[string]func(*rapid.T){
			"ask": func(r *rapid.T) { history.spend(r, w, key.ID, rapid.IntRange(1, 20).Draw(r, "tries")) },
			"forward": func(r *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 30*3600).Draw(r, "seconds")) * time.Second)
			},
			"back": func(r *rapid.T) {
				before := w.get(key.ID).CurrentRPD
				history.see(w.now)
				w.now = w.now.Add(-time.Duration(rapid.IntRange(1, 80*3600).Draw(r, "seconds")) * time.Second)
				history.see(w.now)
				if after := w.get(key.ID).CurrentRPD; after < before {
					r.Fatalf("going back made %d requests available", before-after)
				}
			},
			"move": func(r *rapid.T) {
				history.see(w.now)
				zone := rapid.SampledFrom(zones).Draw(r, "zone")
				w.edit(key.ID, access.Edit{Terms: access.Terms{TimeZone: &zone}})
				history.zone = zoneNamed(t, zone)
			},
			"restart": func(*rapid.T) { history.see(w.now); w.reload() },
			"crash":   func(*rapid.T) { history.see(w.now); w.load() },
		})
	})
}

func TestTheMinuteGoesOnOverARestart(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(20, 0)
	for range 20 {
		w.admit(key.ID)
		w.pass(time.Second)
	}
	w.restartAfter(10 * time.Second)
	if got := w.get(key.ID).CurrentRPM; got != 20 || w.admit(key.ID) {
		t.Errorf("%d requests in the last minute", got)
	}
	w.pass(30*time.Second + 1) // the first one is a minute old
	if !w.admit(key.ID) || w.admit(key.ID) {
		t.Error("exactly one request must go through")
	}
	w.restartAfter(-time.Hour)
	if w.admit(key.ID) {
		t.Error("setting the clock back opened the minute")
	}
	w.pass(61 * time.Second)
	if got := w.admitAll(key.ID); got != 20 {
		t.Errorf("a minute later %d went through", got)
	}
}

func TestAfterACrashTheMinuteIsNeverExceededAndLosesABlockAtMost(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(60, 0)
	total := 0
	for range 4 {
		for range 7 {
			if w.admit(key.ID) {
				total++
			}
			w.pass(100 * time.Millisecond)
		}
		w.load()
	}
	total += w.admitAll(key.ID)
	if total > 60 || total < 60-4*10 {
		t.Errorf("%d went through", total)
	}
	w.pass(61 * time.Second)
	if got := w.admitAll(key.ID); got != 60 {
		t.Errorf("a minute later %d went through", got)
	}
}

func TestManyRequestsOfTheLastMinuteAreKeptToTheSecond(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(2000, 0)
	for range 2000 {
		w.admit(key.ID)
		w.pass(20 * time.Millisecond)
	}
	w.restart()
	if w.admit(key.ID) {
		t.Error("a restart opened the minute")
	}
	w.pass(21 * time.Second)
	if got := w.admitAll(key.ID); got < 1 || got > 60 {
		t.Errorf("a minute after the first ones %d went through", got)
	}
}
