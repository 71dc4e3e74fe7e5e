package account_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"pgregory.net/rapid"
)

// visit is one request: when it comes, how long it takes, and how it ends.
type visit struct {
	Comes, Takes, Patience time.Duration
	Session                string
	Outcome                fault.Kind // Internal stands for success
}

type caps struct{ PerMinute, Concurrent int }

func visits(t *rapid.T) []visit {
	seconds := func(most int) *rapid.Generator[time.Duration] {
		return rapid.Map(rapid.IntRange(0, most*10), func(n int) time.Duration { return time.Duration(n) * 100 * time.Millisecond })
	}
	one := rapid.Custom(func(t *rapid.T) visit {
		return visit{
			Comes: seconds(300).Draw(t, "comes"), Takes: seconds(40).Draw(t, "takes"), Patience: seconds(90).Draw(t, "patience"),
			Session: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "session"),
			Outcome: rapid.SampledFrom([]fault.Kind{
				fault.Internal, fault.Internal, fault.Internal, fault.Throttled, fault.Unavailable, fault.Refused, fault.Canceled, fault.Invalid,
			}).Draw(t, "outcome"),
		}
	})
	return rapid.SliceOfN(one, 1, 150).Draw(t, "visits")
}

// Whatever comes, an account never has more requests at a time or within a minute than it may, nobody waits longer than a minute, and in
// the end nothing is in flight.
func TestCapsHoldUnderAnySchedule(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		accounts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) caps {
			return caps{rapid.IntRange(0, 12).Draw(t, "per minute"), rapid.IntRange(0, 3).Draw(t, "concurrent")}
		}), 1, 3).Draw(rt, "accounts")
		schedule := visits(rt)
		var broken []string
		inBubble(t, func(_ *testing.T, h *house) {
			for i, c := range accounts {
				h.add(fmt.Sprint(i), c.PerMinute, c.Concurrent)
			}
			broken = play(h, accounts, schedule)
		})
		if len(broken) > 0 {
			rt.Fatal(broken)
		}
	})
}

// ledger is what the visits saw.
type ledger struct {
	mu       sync.Mutex
	began    map[int64][]time.Time
	inFlight map[int64]int
	broken   []string
}

func (l *ledger) complain(format string, args ...any) {
	l.broken = append(l.broken, fmt.Sprintf(format, args...))
}

func play(h *house, accounts []caps, schedule []visit) []string {
	l := &ledger{began: map[int64][]time.Time{}, inFlight: map[int64]int{}}
	var guests sync.WaitGroup
	for _, v := range schedule {
		guests.Go(func() {
			time.Sleep(v.Comes)
			v.call(h, l, accounts)
		})
	}
	guests.Wait()
	synctest.Wait()
	for i := range accounts {
		if view := h.view(int64(i + 1)); view.InFlight != 0 {
			l.complain("%d requests of account %d are still in flight", view.InFlight, view.ID)
		}
	}
	return l.broken
}

func (v visit) call(h *house, l *ledger, accounts []caps) {
	ctx, cancel := context.WithTimeout(context.Background(), v.Patience)
	defer cancel()
	asked := time.Now()
	lease, err := h.Pool().Lease(ctx, account.Want{Session: v.Session})
	l.mu.Lock()
	if waited := time.Since(asked); waited > min(v.Patience, time.Minute) {
		l.complain("a request waited %s", waited)
	}
	if err != nil {
		if f := fault.Of(err); f.Kind == fault.Throttled && f.RetryAfter <= 0 {
			l.complain("a refusal without a time to return: %v", f)
		}
		l.mu.Unlock()
		return
	}
	l.begin(lease.Account().ID, accounts)
	l.mu.Unlock()
	time.Sleep(v.Takes)
	l.mu.Lock()
	l.inFlight[lease.Account().ID]--
	l.mu.Unlock()
	if v.Outcome == fault.Internal {
		lease.Done(nil)
		return
	}
	lease.Done(fault.New(v.Outcome, "no"))
}

func (l *ledger) begin(id int64, accounts []caps) {
	limit, now := accounts[id-1], time.Now()
	l.inFlight[id]++
	l.began[id] = append(l.began[id], now)
	if limit.Concurrent > 0 && l.inFlight[id] > limit.Concurrent {
		l.complain("account %d has %d requests at a time", id, l.inFlight[id])
	}
	if n := len(l.began[id]); limit.PerMinute > 0 && n > limit.PerMinute && now.Sub(l.began[id][n-1-limit.PerMinute]) < time.Minute {
		l.complain("account %d has %d requests within a minute", id, limit.PerMinute+1)
	}
}
