package account_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"amq2api/backend/account"
)

// Whatever call to the database or the vault fails, however it fails, and even if the program dies there: after the next start every
// account that was there, or that somebody was told is there, can serve, and no secret is left that nobody owns.
func TestNoAccountIsLostWhicheverCallFails(t *testing.T) {
	operations := []struct {
		name string
		run  func(h *house, first int64) (gone, added int64, err error)
	}{
		{"add", func(h *house, _ int64) (gone, added int64, err error) {
			view, err := h.Add(context.Background(), h.draft("new"))
			return 0, view.ID, err
		}},
		{"rotate", func(h *house, first int64) (gone, added int64, err error) {
			_, err = h.lease(account.Want{}).Credential(context.Background())
			return 0, 0, err
		}},
		{"update", func(h *house, first int64) (gone, added int64, err error) {
			signed, name := h.amazon.signIn(), "renamed"
			_, err = h.Update(context.Background(), first, account.Edit{Name: &name, RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret})
			return 0, 0, err
		}},
		{"remove", func(h *house, first int64) (gone, added int64, err error) {
			err = h.Remove(context.Background(), first)
			return first, 0, err
		}},
	}
	for _, operation := range operations {
		for _, mode := range []mode{refused, unheard, killed} {
			t.Run(operation.name+" "+string(mode), func(t *testing.T) {
				n := 1
				for ; sweepOnce(t, n, mode, operation.run); n++ {
				}
				if t.Logf("%d calls", n-1); n < 4 {
					t.Errorf("only %d calls were struck", n-1)
				}
			})
		}
	}
}

// sweepOnce lets the nth call of an operation fail and reports whether there was an nth call.
func sweepOnce(t *testing.T, nth int, mode mode, run func(*house, int64) (gone, added int64, err error)) (struck bool) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		kept := []int64{h.add("first", 0, 0), h.add("second", 0, 0)}
		h.amazon.lifetime = 0                                    // every credential needs a renewal
		if _, err := h.Check(t.Context(), kept[0]); err != nil { // so that there is a token before the newest
			t.Fatal(err)
		}
		rotated := len(h.amazon.families)
		h.fate.strike(nth, mode)
		gone, added, err := run(h, kept[0])
		synctest.Wait()
		struck = h.fate.calls >= nth
		story := fmt.Sprintf("call %d %s, told %v", nth, mode, err)
		if err == nil && gone != 0 || h.mayBeRemoved(gone) {
			kept = slices.DeleteFunc(kept, func(id int64) bool { return id == gone })
		}
		if err == nil && added != 0 {
			kept = append(kept, added)
		}
		if mode != killed {
			h.fate.strike(0, "")
			h.expectServing(story+", later", kept)
		}
		h.fate.strike(0, "")
		h.reopen()
		h.expectTidy(story)
		if mode == killed && len(h.amazon.families) > rotated && h.lostWithTheProgram() {
			return // the program died between the answer and the vault: only this account has to sign in again
		}
		h.expectServing(story+", after a start", kept)
	})
	return struck
}

// A start that is cut off leaves what it repairs no worse: here it finds an account half removed, one half added, and a rotation that only
// the vault knows.
func TestAStartThatIsCutOffCanBeDoneAgain(t *testing.T) {
	for _, mode := range []mode{refused, unheard, killed} {
		t.Run(string(mode), func(t *testing.T) {
			for n, struck := 1, true; struck; n++ {
				synctest.Test(t, func(t *testing.T) { struck = cutOffStart(newHouse(t), n, mode) })
			}
		})
	}
}

func cutOffStart(h *house, nth int, mode mode) (struck bool) {
	h.t.Helper()
	h.amazon.lifetime = 0
	kept, removed := h.add("kept", 0, 0), h.add("removed", 0, 0)
	h.vault.lock(errFate)
	if err := h.Remove(context.Background(), removed); err != nil {
		h.t.Fatal(err)
	}
	h.vault.lock(nil)
	h.fate.strike(6, killed) // insert, then both secrets with their places
	if _, err := h.Add(context.Background(), h.draft("half added")); err == nil {
		h.t.Fatal("the draft was added")
	}
	h.fate.strike(6, killed) // two secrets read, the new one written with its place and read back; the row does not move any more
	if _, err := h.Check(context.Background(), kept); err == nil {
		h.t.Fatal("the rotation was finished")
	}
	h.fate.strike(0, "")
	h.close()

	h.fate.strike(nth, mode)
	err := h.open()
	struck = h.fate.calls >= nth
	h.fate.strike(0, "")
	if err == nil && mode != killed {
		h.expectServing(fmt.Sprintf("call %d %s", nth, mode), []int64{kept})
	}
	h.reopen()
	h.expectTidy(fmt.Sprintf("call %d %s, after another start", nth, mode))
	h.expectServing(fmt.Sprintf("call %d %s, after another start", nth, mode), []int64{kept})
	return struck
}

// mayBeRemoved reports whether an account is on its way out, though its removal was reported failed.
func (h *house) mayBeRemoved(id int64) bool {
	rows, err := h.db.Accounts().Rows(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return id != 0 && !slices.ContainsFunc(rows, func(row account.Row) bool { return row.ID == id && row.State == account.Active })
}

// lostWithTheProgram reports whether a rotated token reached us but never the vault.
func (h *house) lostWithTheProgram() bool {
	known := map[string]bool{}
	for _, item := range h.vault.items {
		known[item.Reveal()] = true
	}
	for _, f := range h.amazon.families {
		if f.serial > 0 && !f.dead && !known[f.current] {
			return true
		}
	}
	return false
}

func (h *house) expectServing(story string, ids []int64) {
	h.t.Helper()
	for _, id := range ids {
		view, err := h.Check(context.Background(), id)
		if err != nil {
			h.t.Errorf("%s: account %d: %v", story, id, err)
			continue
		}
		if view.Health.Status != account.Ready || view.Health.Error != "" {
			h.t.Errorf("%s: account %d is %+v", story, id, view.Health)
		}
	}
	if _, reuses := h.amazon.counts(); reuses > 0 {
		h.t.Errorf("%s: a refresh token was used twice", story)
	}
}

// expectTidy checks that every active row has readable secrets, every slot in the journal an owner, and every item in the vault a place in
// the journal.
func (h *house) expectTidy(story string) {
	h.t.Helper()
	rows, err := h.db.Accounts().Rows(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	owned := map[string]bool{}
	for _, row := range rows {
		if row.State != account.Active {
			h.t.Errorf("%s: account %d is still %s", story, row.ID, row.State)
		}
		needed := []string{
			fmt.Sprintf("account/%s/refresh-token/%d", row.Tag, row.RefreshVersion), fmt.Sprintf("account/%s/client-secret/%d", row.Tag, row.ClientVersion),
		}
		for _, name := range needed {
			owned[name] = true
			if _, err := h.vault.Get(context.Background(), name); err != nil {
				h.t.Errorf("%s: %v", story, err)
			}
		}
		owned[fmt.Sprintf("account/%s/refresh-token/%d", row.Tag, row.RefreshVersion-1)] = true
	}
	journal, err := h.db.Accounts().Journal(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	journalled := map[string]bool{}
	for _, slot := range journal {
		if journalled[slot.Name] = true; !owned[slot.Name] {
			h.t.Errorf("%s: nobody owns %s", story, slot.Name)
		}
	}
	for _, name := range h.vault.names() {
		if !journalled[name] {
			h.t.Errorf("%s: the journal does not know %s", story, name)
		}
	}
}
