package account_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"amq2api/backend/amazonq/amazonqtest"
)

// reliabilityVariable set to "full" lets the reliability tests run as long as their figures need.
const reliabilityVariable = "AMQ2API_RELIABILITY"

func inFull() bool { return os.Getenv(reliabilityVariable) == "full" }

// How often the full form kills, at each point and at random moments, and by how many chains at a time.
const (
	killsAtEach   = 200
	killsAtRandom = 200
	chains        = 2
)

// The program is killed at both sides of every call that adding, renewing, editing and removing an account makes to the database, the
// vault and Amazon. After each kill it starts again: no account is lost, no secret is left over, and every token can be renewed.
func TestKilledAtAnyPointNoAccountIsLost(t *testing.T) {
	r := newRig(t)
	points := r.newChain(false).survey()
	if len(points) < 12 {
		t.Fatalf("only %d points: %q", len(points), points)
	}
	t.Logf("%d points: %q", len(points), points)
	r.share(slices.Concat(points, slices.Repeat([]string{atRandom}, 8)), false)
	r.expectNoReuse()
	t.Log(r.tally.line("file vault", len(points)))
}

// The full form does the same with a real keyring, many times over, and kills at random moments too.
func TestKilledOftenWithARealKeyringNoAccountIsLost(t *testing.T) {
	if !inFull() {
		t.Skipf("%s=full runs it", reliabilityVariable)
	}
	if !inKeyring(t) {
		return
	}
	r := newRig(t)
	points := distinct(r.newChain(true).survey())
	t.Logf("%d points: %q", len(points), points)
	r.share(slices.Concat(slices.Repeat(points, killsAtEach), slices.Repeat([]string{atRandom}, killsAtRandom)), true)
	r.expectNoReuse()
	t.Log(r.tally.line("keyring", len(points)))
}

// distinct leaves out the points where nothing on the disk, in the vault or at Amazon is different from the point before: those before a
// call, but for an operation's first, and those after a call that only reads.
func distinct(points []string) []string {
	begun := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(points), func(point string) bool {
		operation := operationOf(point)
		first := !begun[operation]
		begun[operation] = true
		return !first && (strings.HasSuffix(point, "/before") || reads(point))
	})
}

func reads(point string) bool {
	return slices.ContainsFunc([]string{"/vault.Get", "/store.Journal", "/store.Rows"}, func(call string) bool { return strings.Contains(point, call) })
}

func operationOf(point string) string {
	operation, _, _ := strings.Cut(point, "/")
	return operation
}

// atRandom stands for a kill at any moment of any operation.
const atRandom = everyOperation + "/random"

// rig is the made-up Amazon, which lives through all kills, and what the kills did.
type rig struct {
	t      *testing.T
	amazon *amazonqtest.Service
	url    string
	mu     sync.Mutex
	tally  tally
	chains int
	wrong  int // complaints

	rotation amazonqtest.Rotation // of the accounts to come
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, amazon: amazonqtest.New(amazonqtest.Options{Seed: 1, Keep: 1})}
	url, stop, err := r.amazon.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	r.url = url
	return r
}

func (r *rig) signIns(n int) []signIn {
	signed := make([]signIn, 0, n)
	for range n {
		person := r.amazon.AddIdentity(amazonqtest.IdentityOptions{Rotation: r.rotation})
		signed = append(signed, signIn{Client: person.ClientID, ClientSecret: person.ClientSecret.Reveal(), RefreshToken: person.RefreshToken().Reveal()})
	}
	return signed
}

// share deals the kills out to the chains, and looks at what the last kill of each left.
func (r *rig) share(kills []string, keyring bool) {
	r.t.Helper()
	var all sync.WaitGroup
	for first := range chains {
		c := r.newChain(keyring)
		all.Go(func() {
			for at := first; at < len(kills) && c.err == nil; at += chains {
				c.kill(kills[at])
			}
			c.visit()
			if c.err != nil {
				r.t.Errorf("after %s: %v", c.last, c.err)
			}
		})
	}
	all.Wait()
}

// complain fails the test, and says why the first few times. The caller holds the lock.
func (r *rig) complain(format string, args ...any) {
	r.t.Helper()
	const most = 20
	if r.wrong++; r.wrong > most {
		r.t.Fail()
		return
	}
	r.t.Errorf(format, args...)
}

// expectNoReuse checks that Amazon never saw a token again after it had seen its successor.
func (r *rig) expectNoReuse() {
	r.t.Helper()
	if reuses := r.amazon.Counters().Reuses; reuses > 0 {
		r.t.Errorf("Amazon saw %d replaced tokens again", reuses)
	}
}

// tally is what the kills did.
type tally struct {
	kills, random, lost, revived, orphans, unreadable, unfinished int
	inWindow                                                      int // sign-ins that a kill may cost
	repairs                                                       []time.Duration
}

func (s tally) line(where string, points int) string {
	return fmt.Sprintf("A1 | %s: %d kills at %d points + %d random | %d lost, %d revived, %d orphans, %d unreadable, %d unfinished | repair %s, worst %.2f s",
		where, s.kills, points, s.random, s.lost, s.revived, s.orphans, s.unreadable, s.unfinished, spreadOf(s.repairs), slices.Max(s.repairs).Seconds())
}

// any reports whether anything is wrong.
func (s tally) any() bool { return s.lost+s.revived+s.orphans+s.unreadable+s.unfinished > 0 }

func (s *tally) add(wrong tally, repair time.Duration) {
	s.lost += wrong.lost
	s.revived += wrong.revived
	s.orphans += wrong.orphans
	s.unreadable += wrong.unreadable
	s.unfinished += wrong.unfinished
	s.repairs = append(s.repairs, repair)
}
