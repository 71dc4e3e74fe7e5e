package access

import (
	"strings"
	"time"
	_ "time/tzdata" // Windows, and a container with nothing in it, have no time zones of their own
)

// zone is where a key's days begin. A name that is not known here, as after moving the database, is this computer's zone.
func (g *Gate) zone(k Key) *time.Location {
	if k.TimeZone == "" {
		return g.config.Zone
	}
	zone, err := loadZone(k.TimeZone)
	if err != nil {
		g.config.Log.Warn("a key's time zone is not known here; its days are this computer's", "key", k.Name, "zone", k.TimeZone, "err", err)
		return g.config.Zone
	}
	return zone
}

// loadZone finds an IANA name. "Local" is none: it means another zone on another computer.
func loadZone(name string) (*time.Location, error) {
	if strings.EqualFold(name, "local") {
		return nil, &time.ParseError{Value: name, Message: ": not a zone"}
	}
	return time.LoadLocation(name)
}
