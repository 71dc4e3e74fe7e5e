package access_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/store"
)

const (
	victimPath          = "AMQ2API_TEST_VICTIM"
	reliabilityVariable = "AMQ2API_RELIABILITY"
)

// TestMain is also the program that the tests below kill.
func TestMain(m *testing.M) {
	path := os.Getenv(victimPath)
	if path == "" {
		flag.Parse()
		checks := "40"
		if isFull() {
			checks = "5000"
		}
		_ = flag.Set("rapid.checks", checks)
		os.Exit(m.Run())
	}
	if err := admitForever(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func isFull() bool { return os.Getenv(reliabilityVariable) == "full" }

// kills is how often a program is killed.
func kills() int {
	if isFull() {
		return 200
	}
	return 20
}

// What a request of the victim is estimated to use, and uses.
const (
	victimEstimate = 100
	victimCost     = 150
)

// admitForever says for every request of the first key when it was admitted, and that it has ended, and another word when it is over the limit.
func admitForever(path string) error {
	db, err := store.Open(context.Background(), path)
	if err != nil {
		return err
	}
	gate, err := access.NewGate(context.Background(), access.Config{Store: db.Keys(), Now: time.Now, Zone: time.UTC})
	if err != nil {
		return err
	}
	for {
		permit, err := gate.Admit(context.Background(), 1, access.Ask{Estimate: chat.Usage{Input: victimEstimate}})
		switch {
		case err == nil:
			fmt.Println("admitted", time.Now().UnixNano())
			permit.Spend(chat.Usage{Input: victimEstimate, Output: victimCost - victimEstimate})
			permit.Done()
			fmt.Println("ended")
		case fault.Of(err).Kind == fault.Limited:
			fmt.Println("limited")
			select {}
		default:
			return err
		}
	}
}

// story is what victims said before they were killed.
type story struct {
	admitted []time.Time
	ended    int
}

// storyOf runs victims with a key of these limits, kills each at some point, and the last one when it is limited.
func storyOf(t *testing.T, limits access.Limits, most int) story {
	t.Helper()
	path := filepath.Join(t.TempDir(), "amq2api.db")
	w := &world{t: t, path: path, now: noon, zone: time.UTC}
	w.start()
	key, _ := w.createWith(access.Terms{})
	impose(w, key.ID, limits)
	w.end()
	var told story
	for range kills() {
		told.add(t, path, 1+rand.IntN(most))
	}
	told.add(t, path, 1<<30)
	return told
}

func TestKilledAtAnyMomentTheDailyLimitHolds(t *testing.T) {
	limit := 100 * kills()
	inOneDay(t)
	told := storyOf(t, access.Limits{RequestsPerDay: limit}, 60)
	if n := len(told.admitted); n > limit || n < limit-10*kills() {
		t.Errorf("%d requests went through, the limit is %d", n, limit)
	}
	t.Logf("A17 | killed %d times: %d of %d requests a day went through, %d lost a kill", kills(), len(told.admitted), limit, (limit-len(told.admitted))/kills())
}

func TestKilledAtAnyMomentTheMinuteHolds(t *testing.T) {
	limit := 60 * kills()
	told := storyOf(t, access.Limits{RequestsPerMinute: limit}, 60)
	const late = 50 * time.Millisecond // between being admitted and saying so
	for i := limit; i < len(told.admitted); i++ {
		if span := told.admitted[i].Sub(told.admitted[i-limit]); span < time.Minute-late {
			t.Fatalf("%d requests in %v", limit+1, span)
		}
	}
	if took := told.admitted[len(told.admitted)-1].Sub(told.admitted[0]); took < time.Minute && len(told.admitted) < limit-10*kills() {
		t.Errorf("only %d of %d requests went through in %v", len(told.admitted), limit, took)
	}
	t.Logf("A17 | killed %d times: %d requests went through, never more than %d in a minute", kills(), len(told.admitted), limit)
}

func TestKilledAtAnyMomentTheTokensHold(t *testing.T) {
	const block = 10*victimCost + victimCost // what is set aside, and what ran
	limit := 15_000 * kills()
	inOneDay(t)
	told := storyOf(t, access.Limits{TokensPerDay: int64(limit)}, 60)
	spent := told.ended * victimCost
	if spent > limit+victimCost-victimEstimate || spent < limit-block*(kills()+1) {
		t.Errorf("%d tokens went through, the limit is %d", spent, limit)
	}
	t.Logf("A17 | killed %d times: %d of %d tokens a day went through", kills(), spent, limit)
}

// inOneDay waits if the day is about to end: the victims' clock is the real one.
func inOneDay(t *testing.T) {
	t.Helper()
	if left := time.Until(time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)); left < 3*time.Minute {
		t.Skipf("the day ends in %v", left)
	}
}

// add runs the victim until it has admitted some requests or is limited, and kills it.
func (s *story) add(t *testing.T, path string, most int) {
	t.Helper()
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimPath+"="+path)
	victim.Stderr = os.Stderr
	output, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	admitted, killed := 0, false
	for lines := bufio.NewScanner(output); lines.Scan(); {
		word, at, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "admitted":
			nanos, err := strconv.ParseInt(at, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			admitted++
			s.admitted = append(s.admitted, time.Unix(0, nanos))
		case "ended":
			s.ended++
		}
		if !killed && (word == "limited" || admitted >= most) {
			killed = true
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := victim.Wait(); err == nil || !killed {
		t.Fatalf("the victim ended by itself after %d requests: %v", admitted, err)
	}
}
