package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// How many days of readings are answered with: unless asked for, and at most.
const (
	quotaDays     = 14
	quotaDaysMost = int(account.QuotaMemory / (24 * time.Hour))
)

func readDays(q url.Values) (int, *fault.Error) {
	asked := q.Get("days")
	if asked == "" {
		return quotaDays, nil
	}
	days, err := strconv.Atoi(asked)
	if err != nil || days < 1 || days > quotaDaysMost {
		return 0, invalid("days", "days must be from 1 to %d.", quotaDaysMost)
	}
	return days, nil
}

// quotaReadings answers with what was told of an account's quota, the oldest first.
func (d *desk) quotaReadings(w http.ResponseWriter, r *http.Request) {
	id, f := pathID(r)
	days, wrong := readDays(r.URL.Query())
	if f == nil {
		f = wrong
	}
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	readings, err := d.Accounts.Readings(r.Context(), id, d.Now().AddDate(0, 0, -days))
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	shown := make([]QuotaReading, 0, len(readings))
	for _, one := range readings {
		shown = append(shown, QuotaReading{At: one.At, Used: one.Used, Limit: one.Limit})
	}
	d.answer(w, http.StatusOK, shown)
}
