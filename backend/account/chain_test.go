package account_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"amq2api/backend/account"
)

// chain is one profile that is killed again and again. Each victim first looks at what the kill before it left.
type chain struct {
	rig     *rig
	profile string
	service string
	spare   fortune // of the account that comes and goes
	kept    bool    // the account that stays has been added
	last    string  // where the victim was killed last
	err     error
}

// fortune is what must be true of an account after the next start.
type fortune uint8

const (
	gone fortune = iota
	there
	either // it was being added or removed
)

func (r *rig) newChain(keyring bool) *chain {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chains++
	c := &chain{rig: r, profile: r.t.TempDir(), last: "the beginning"}
	if keyring {
		c.service = fmt.Sprintf("amq2api/kill-%d", r.chains)
	} else {
		makeFileVault(r.t, c.profile)
	}
	return c
}

// survey lets every operation end once, and answers with all the points they came by.
func (c *chain) survey() (points []string) {
	c.rig.t.Helper()
	for _, operation := range []string{operationAdd, operationRotate, operationEdit, operationRemove} {
		words := c.run(job{Operation: operation, SignIns: c.rig.signIns(2)}, func(*exec.Cmd) {})
		c.expect(words, operation+"/")
		for _, w := range words {
			points = append(points, w.Points...)
		}
	}
	c.visit()
	if c.err != nil {
		c.rig.t.Fatal(c.err)
	}
	return points
}

// kill lets a victim die at a point.
func (c *chain) kill(point string) {
	work := job{Operation: operationOf(point), Point: point, SignIns: c.rig.signIns(2)}
	after := func(*exec.Cmd) {}
	if point == atRandom {
		work.Point, work.SignIns = "", c.rig.signIns(64)
		after = func(victim *exec.Cmd) {
			time.Sleep(rand.N(200 * time.Millisecond))
			_ = victim.Process.Kill() // one that has failed by now says so
		}
	}
	words := c.run(work, after)
	if c.err != nil {
		return
	}
	c.last = point
	c.expect(words, point)
	c.rig.mu.Lock()
	defer c.rig.mu.Unlock()
	if point == atRandom {
		c.rig.tally.random++
	} else {
		c.rig.tally.kills++
	}
}

// visit starts a victim only to look.
func (c *chain) visit() {
	if c.err == nil {
		c.run(job{}, func(*exec.Cmd) {})
	}
}

// expect works out from a victim's last words what must be true after the next start.
func (c *chain) expect(words []word, point string) {
	c.spare = settled(c.spare, point)
	for _, w := range words {
		switch w.Begun + w.Done {
		case operationAdd, operationRemove:
			c.spare = outcome(w, point)
		}
	}
}

// settled is the spare account's fortune once a victim has made ready for an operation.
func settled(before fortune, point string) fortune {
	switch operationOf(point) {
	case everyOperation:
		return before
	case operationRemove:
		return there
	default:
		return gone
	}
}

// outcome is the spare account's fortune after a word about it. An account counts, and ceases to count, with the one update of its row.
func outcome(w word, point string) fortune {
	counted := slices.Contains([]string{operationAdd, operationRemove}, w.Done) || w.Begun != "" && afterUpdate(point)
	switch operation := w.Begun + w.Done; {
	case counted && operation == operationAdd:
		return there
	case counted && operation == operationRemove:
		return gone
	case operation == operationRemove && point == operationRemove+"/store.Update/before":
		return there
	default:
		return either
	}
}

// afterUpdate reports whether the row's state had been written when the victim died. What comes after that is the clearing up of a
// removal; of an addition it is the end.
func afterUpdate(point string) bool {
	operation, call, _ := strings.Cut(point, "/")
	return call == "store.Update/after" || operation == operationRemove && call != "store.Update/before" && call != "random"
}

// run starts a victim, hears what it says until it ends, and checks its report. When it has reported, after is called.
func (c *chain) run(work job, after func(*exec.Cmd)) (words []word) {
	work.Profile, work.Service, work.Amazon = c.profile, c.service, c.rig.url
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimVariable+"=1")
	told, err := json.Marshal(work)
	if err != nil {
		c.err = err
		return nil
	}
	var moan strings.Builder
	victim.Stdin, victim.Stderr = strings.NewReader(string(told)), &moan
	out, err := victim.StdoutPipe()
	if err == nil {
		err = victim.Start()
	}
	if err != nil {
		c.err = err
		return nil
	}
	for lines := json.NewDecoder(out); ; {
		var w word
		if err := lines.Decode(&w); err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				c.err = err
			}
			break
		}
		if words = append(words, w); w.Report != nil {
			c.judge(w.Report)
			after(victim)
		}
	}
	c.expectEnd(victim, work, words, moan.String)
	return words
}

// expectEnd checks that the victim was killed if it was to be, and ended well if not.
func (c *chain) expectEnd(victim *exec.Cmd, work job, words []word, moan func() string) {
	err := victim.Wait()
	killed := err != nil && moan() == ""
	toBeKilled := work.Point != "" || work.Operation == everyOperation
	if killed != toBeKilled || len(words) == 0 || !killed && err != nil {
		c.err = errors.Join(c.err, fmt.Errorf("the victim of %q %q ended with %v after %d words: %s", work.Operation, work.Point, err, len(words), moan()))
	}
}

// judge counts what a report says is wrong.
func (c *chain) judge(found *report) {
	c.rig.mu.Lock()
	defer c.rig.mu.Unlock()
	kept, spare := slices.Contains(found.Accounts, keptName), slices.Contains(found.Accounts, spareName)
	wrong := tally{orphans: len(found.Stray), unreadable: len(found.Unrenewed)}
	if c.rig.inWindow(c.last) {
		c.rig.tally.inWindow += wrong.unreadable
		wrong.unreadable = 0
	}
	for _, f := range found.Findings {
		switch {
		case f.Grave:
			wrong.unreadable++
		case f.Code == account.OrphanSecret:
			wrong.orphans++
		default:
			wrong.unfinished++
		}
	}
	if c.kept && !kept || c.spare == there && !spare {
		wrong.lost++
	}
	if c.spare == gone && spare {
		wrong.revived++
	}
	if wrong.any() {
		c.rig.complain("after a kill at %s: %+v", c.last, *found)
	}
	c.rig.tally.add(wrong, found.Repair)
	c.kept, c.spare = c.kept || kept, gone
	if spare {
		c.spare = there
	}
}
