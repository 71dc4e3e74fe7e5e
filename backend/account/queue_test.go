package account_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestARequestOverThePaceWaitsUntilTheMinuteHasPassed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 2, 0)
		h.serve(account.Want{}, nil)
		time.Sleep(20 * time.Second)
		h.serve(account.Want{}, nil)
		asked := time.Now()
		h.serve(account.Want{}, nil)
		if waited := time.Since(asked); waited != 40*time.Second {
			t.Errorf("it waited %s", waited)
		}
		asked = time.Now()
		h.serve(account.Want{}, nil)
		if waited := time.Since(asked); waited != 20*time.Second {
			t.Errorf("the next one waited %s", waited)
		}
	})
}

func TestARequestWaitsForAPlaceAndThenForThePace(t *testing.T) {
	// The place becomes free while the minute is still full: whoever waits must be woken again when the minute ends.
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 1, 1)
		running := h.lease(account.Want{})
		time.AfterFunc(10*time.Second, func() { running.Done(nil) })
		asked := time.Now()
		h.serve(account.Want{}, nil)
		if waited := time.Since(asked); waited != time.Minute {
			t.Errorf("it waited %s", waited)
		}
	})
}

func TestAPaceThatEndsWithTheQueuesPatienceStillServes(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 1, 0)
		h.serve(account.Want{}, nil)
		h.serve(account.Want{}, nil) // fails the test if the minute and the wait, equally long, end the wrong way round
	})
}

func TestAWaitingRequestTakesAnAccountWhoseCoolDownEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("busy", 0, 1)
		h.add("resting", 0, 0)
		running := h.lease(account.Want{})
		h.serve(account.Want{}, fault.New(fault.Throttled, "slow down"))
		asked := time.Now()
		if id := h.serve(account.Want{}, nil); id != 2 || time.Since(asked) != 30*time.Second {
			t.Errorf("account %d served after %s", id, time.Since(asked))
		}
		running.Done(nil)
	})
}

func TestTheQueueIsServedInTheOrderItFormed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 1)
		running := h.lease(account.Want{})
		var mu sync.Mutex
		var order []int
		for i := range 64 {
			go func() {
				lease, err := h.Pool().Lease(context.Background(), account.Want{})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				time.Sleep(500 * time.Millisecond)
				lease.Done(nil)
			}()
			synctest.Wait()
		}
		asked := time.Now()
		f := h.refusal(account.Want{})
		if f.Kind != fault.Throttled || f.RetryAfter <= 0 || time.Since(asked) != 0 {
			t.Errorf("the 65th was told %v after %s", f, time.Since(asked))
		}
		running.Done(nil)
		for i := range 70 { // newcomers all the while, who must not overtake
			time.Sleep(100 * time.Millisecond)
			go func() {
				if lease, err := h.Pool().Lease(context.Background(), account.Want{}); err == nil {
					mu.Lock()
					order = append(order, 1000+i)
					mu.Unlock()
					lease.Done(nil)
				}
			}()
		}
		time.Sleep(2 * time.Minute)
		mu.Lock()
		defer mu.Unlock()
		for i := range 64 {
			if order[i] != i {
				t.Fatalf("the order was %v", order)
			}
		}
	})
}

func TestARequestThatWaitedAMinuteIsToldSo(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 1)
		running := h.lease(account.Want{})
		asked := time.Now()
		if f := h.refusal(account.Want{}); f.Kind != fault.Throttled || f.RetryAfter <= 0 || time.Since(asked) != time.Minute {
			t.Errorf("it was told %v after %s", f, time.Since(asked))
		}
		running.Done(nil)
		running.Done(nil) // counts once
		if view := h.view(1); view.InFlight != 0 {
			t.Errorf("%d are in flight", view.InFlight)
		}
		h.serve(account.Want{}, nil)
	})
}

func TestAClientThatLeavesFreesItsPlaceInTheQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 1)
		running := h.lease(account.Want{})
		revoked := fault.New(fault.Unauthenticated, "this key was revoked")
		for i := range 200 {
			ctx, leave := context.WithCancelCause(context.Background())
			time.AfterFunc(time.Second, func() { leave(revoked) })
			if _, err := h.Pool().Lease(ctx, account.Want{}); !errors.Is(err, revoked) {
				t.Fatalf("client %d was told %v", i, err)
			}
		}
		ctx, leave := context.WithCancel(context.Background())
		leave()
		if _, err := h.Pool().Lease(ctx, account.Want{}); fault.Of(err).Kind != fault.Canceled {
			t.Errorf("a client that had left was told %v", err)
		}
		running.Done(nil)
		h.serve(account.Want{}, nil)
	})
}

func TestAPauseOfThePoolEmptiesTheQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 1)
		for round := range 70 { // more than the queue is long: nobody may be left behind in it
			running := h.lease(account.Want{})
			told := make(chan error)
			go func() {
				_, err := h.Pool().Lease(context.Background(), account.Want{})
				told <- err
			}()
			synctest.Wait()
			running.Done(&fault.Error{Kind: fault.Suspicious, Message: "suspicious activity", RetryAfter: time.Minute})
			if f := fault.Of(<-told); f.Kind != fault.Suspicious || f.RetryAfter < 10*time.Minute {
				t.Fatalf("round %d: who waited was told %v", round, f)
			}
			time.Sleep(2 * time.Hour)
		}
	})
}

func TestAnEditLetsTheQueueMove(t *testing.T) {
	edits := map[string]func(h *house) error{
		"a higher cap": func(h *house) error {
			more := 2
			_, err := h.Update(context.Background(), 1, account.Edit{Pace: account.EnvelopeEdit{MaxConcurrent: &more}})
			return err
		},
		"another account": func(h *house) error {
			_, err := h.Add(context.Background(), h.draft("two"))
			return err
		},
		"a cleared account": func(h *house) error {
			_, err := h.Clear(context.Background(), 2)
			return err
		},
		"a check that ends a need to sign in": func(h *house) error {
			_, err := h.Check(context.Background(), 2)
			return err
		},
		"a new sign-in": func(h *house) error {
			signed := h.amazon.signIn()
			_, err := h.Update(context.Background(), 2, account.Edit{RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret})
			return err
		},
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				h.add("one", 0, 1)
				h.add("signed out", 0, 0)
				h.serve(account.Want{Exclude: []int64{1}}, fault.New(fault.Credential, "no"))
				running := h.lease(account.Want{})
				served := make(chan time.Time, 1)
				go func() {
					h.serve(account.Want{}, nil)
					served <- time.Now()
				}()
				synctest.Wait()
				time.Sleep(7 * time.Second)
				edited := time.Now()
				if err := edit(h); err != nil {
					t.Fatal(err)
				}
				if at := <-served; !at.Equal(edited) {
					t.Errorf("who waited was served %s later", at.Sub(edited))
				}
				running.Done(nil)
			})
		})
	}
}

func TestRemovingTheLastAccountTellsWhoeverWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 1)
		running := h.lease(account.Want{})
		told := make(chan error)
		go func() {
			_, err := h.Pool().Lease(context.Background(), account.Want{})
			told <- err
		}()
		synctest.Wait()
		if err := h.Remove(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		if f := fault.Of(<-told); f.Kind != fault.Credential {
			t.Errorf("who waited was told %v", f)
		}
		running.Done(fmt.Errorf("read: %w", context.Canceled))
	})
}
