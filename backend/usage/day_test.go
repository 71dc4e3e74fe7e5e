package usage_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"amq2api/backend/usage"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestADayBeginsWhenItsZoneSaysAndLastsAsLong(t *testing.T) {
	for _, story := range []struct {
		zone, during, begins string
		lasts                time.Duration
	}{
		{"UTC", "2026-03-10T12:00:00Z", "2026-03-10T00:00:00Z", 24 * time.Hour},
		{"Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", 23 * time.Hour},
		{"Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-24T22:00:00Z", 25 * time.Hour},
		{"Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z", 25 * time.Hour},
		{"Asia/Kolkata", "2026-03-10T18:29:59Z", "2026-03-09T18:30:00Z", 24 * time.Hour},
		{"Asia/Kathmandu", "2026-03-10T18:15:00Z", "2026-03-10T18:15:00Z", 24 * time.Hour},
		{"Australia/Lord_Howe", "2026-04-05T10:00:00Z", "2026-04-04T13:00:00Z", 24*time.Hour + 30*time.Minute},
		// No midnight: the day begins at one o'clock.
		{"Africa/Cairo", "2026-04-24T10:00:00Z", "2026-04-23T22:00:00Z", 23 * time.Hour},
		{"Asia/Beirut", "2026-03-29T10:00:00Z", "2026-03-28T22:00:00Z", 23 * time.Hour},
		// Two midnights: the day begins with the first.
		{"America/Havana", "2026-11-01T18:00:00Z", "2026-11-01T04:00:00Z", 25 * time.Hour},
		// The clock goes back to eleven in the evening: the day before has 25 hours, this one begins at the second midnight.
		{"Asia/Beirut", "2026-10-25T10:00:00Z", "2026-10-24T22:00:00Z", 24 * time.Hour},
	} {
		zone, during := zoneOf(t, story.zone), instant(t, story.during)
		begins := usage.StartOfDay(during, zone)
		if !begins.Equal(instant(t, story.begins)) {
			t.Errorf("%s, %s: begins %s, want %s", story.zone, story.during, begins.UTC(), story.begins)
		}
		if lasts := usage.NextDay(during, zone).Sub(begins); lasts != story.lasts {
			t.Errorf("%s, %s: lasts %s, want %s", story.zone, story.during, lasts, story.lasts)
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

func TestEveryInstantIsInTheDayThatBeganBeforeIt(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Havana", "Asia/Beirut", "Africa/Cairo", "Asia/Kolkata", "Pacific/Chatham", "America/Santiago"} {
		zone := zoneOf(t, name)
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(15 * time.Minute) {
			begins, ends := usage.StartOfDay(at, zone), usage.NextDay(at, zone)
			if at.Before(begins) || !at.Before(ends) || begins.Add(-time.Millisecond).In(zone).Day() == at.In(zone).Day() || usage.StartOfDay(begins, zone) != begins {
				t.Fatalf("%s: %s is not in the day from %s to %s", name, at, begins, ends)
			}
		}
	}
}

func TestZonesAreToldApartByTheirDays(t *testing.T) {
	berlin, paris := usage.ZoneRules(zoneOf(t, "Europe/Berlin")), usage.ZoneRules(zoneOf(t, "Europe/Paris"))
	if berlin != paris {
		t.Error("Berlin and Paris have the same days")
	}
	for _, other := range []string{"UTC", "Africa/Lagos", "Europe/London", "Africa/Cairo", "Asia/Beirut"} {
		if usage.ZoneRules(zoneOf(t, other)) == berlin {
			t.Errorf("Berlin and %s have other days", other)
		}
	}
}
