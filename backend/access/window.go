package access

import (
	"time"
)

// minute is the length of the sliding window.
const minute = time.Minute

// window is when requests were admitted during the last minute, oldest first.
type window struct {
	at   []time.Duration
	head int // what is before it has left the window
}

// count is the number of requests in the minute that ends now, both ends included.
func (w *window) count(now time.Duration) int {
	for w.head < len(w.at) && now-w.at[w.head] > minute {
		w.head++
	}
	if w.head > len(w.at)/2 {
		w.at = w.at[:copy(w.at, w.at[w.head:])]
		w.head = 0
	}
	return len(w.at) - w.head
}

// wait is how long until another request keeps the window within the limit; 0 is now. A limit of 0 is none.
func (w *window) wait(now time.Duration, limit int) time.Duration {
	if limit == 0 || w.count(now) < limit {
		return 0
	}
	return w.at[len(w.at)-limit] + minute - now + 1
}

func (w *window) add(now time.Duration) { w.at = append(w.at, now) }

// Recent is a key's last minute as the store keeps it, so that a restart does not open it anew. The program's clock ends with the program, so
// ages are by the wall clock.
type Recent struct {
	At     time.Time // when it was written
	Spare  int       // requests that may have been admitted since
	Bursts []Burst   // oldest first
}

// Burst is requests of about the same age.
type Burst struct {
	Age   time.Duration // at the time of writing; rounded down, so that nothing is taken for older than it is
	Count int
}

// exactBursts is how many requests are kept to the millisecond; more of them are kept to the second.
const exactBursts = 600

// recent is the window as the store keeps it.
func (w *window) recent(wall time.Time, now time.Duration, spare int) Recent {
	r := Recent{At: wall, Spare: spare}
	grain := time.Millisecond
	if w.count(now) > exactBursts {
		grain = time.Second
	}
	for _, at := range w.at[w.head:] {
		age := (now - at).Truncate(grain)
		if last := len(r.Bursts) - 1; last >= 0 && r.Bursts[last].Age == age {
			r.Bursts[last].Count++
			continue
		}
		r.Bursts = append(r.Bursts, Burst{age, 1})
	}
	return r
}

// restore fills an empty window. What may have been admitted just before a crash is taken to have been admitted now.
func (w *window) restore(r Recent, wall time.Time, now time.Duration) {
	passed := max(0, wall.Round(0).Sub(r.At))
	for _, burst := range r.Bursts {
		if age := burst.Age + passed; age <= minute {
			w.addMany(now-age, burst.Count)
		}
	}
	w.addMany(now, r.Spare)
}

func (w *window) addMany(at time.Duration, count int) {
	for range count {
		w.add(at)
	}
}
