package login

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"sync"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// DeskConfig is what a Desk needs. All of it but Changed must be there.
type DeskConfig struct {
	Client   *Client
	Profiles func(ctx context.Context, c account.Credential) ([]account.Profile, error) // what an Identity Center offers its user
	Keep     func(ctx context.Context, o Outcome) (accountID int64, err error)          // stores what a sign-in brought
	Now      func() time.Time
	Log      *slog.Logger
	Changed  func() // is called after every change that Get or List show; nil is nobody
}

// Desk has the sign-ins that are under way, and for a while those that ended. It is safe for concurrent use.
type Desk struct {
	config DeskConfig

	polling     context.Context // ends when the Desk closes
	stopPolling context.CancelFunc
	keeping     context.Context // ends only when closing takes too long, because tokens that are not kept are lost
	stopKeeping context.CancelFunc

	mu       sync.Mutex
	closed   bool
	starting int        // sign-ins that Start is at work on
	attempts []*attempt // the oldest first
	work     sync.WaitGroup
}

// What a Desk takes on, and how long it remembers what ended.
const (
	maxUnderWay = 8
	maxEnded    = 32
	remember    = 15 * time.Minute
)

// NewDesk makes a Desk without sign-ins. Close it in the end.
func NewDesk(config DeskConfig) *Desk {
	if config.Changed == nil {
		config.Changed = func() {}
	}
	d := &Desk{config: config}
	d.polling, d.stopPolling = context.WithCancel(context.Background())
	d.keeping, d.stopKeeping = context.WithCancel(context.Background())
	return d
}

// Close cancels every sign-in that waits for somebody and waits until those that are approved are kept. If ctx ends before, they are
// given up, and its error is returned.
func (d *Desk) Close(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.stopPolling()
	defer d.stopKeeping()
	idle := make(chan struct{})
	go func() {
		d.work.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Start begins a sign-in and returns it once its person can act. From then on it goes its way without ctx. A request that cannot be
// right is fault.Invalid, one too many is fault.Conflict; the other kinds are those of Client.
func (d *Desk) Start(ctx context.Context, r Request) (SignIn, error) {
	r, err := r.carriedOut()
	if err != nil {
		return SignIn{}, err
	}
	if err := d.admit(); err != nil {
		return SignIn{}, err
	}
	defer d.work.Done()
	a, err := d.begin(ctx, r)
	d.mu.Lock()
	d.starting--
	if err != nil {
		d.mu.Unlock()
		return SignIn{}, err
	}
	d.attempts = append(d.attempts, a)
	shown := a.shown.copied()
	d.work.Go(func() { d.run(a) })
	d.mu.Unlock()
	d.config.Changed()
	return shown, nil
}

// admit makes room for one more sign-in. What it admits is at work until Done.
func (d *Desk) admit() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return fault.New(fault.Unavailable, "AMQ2API is closing. Sign in after it has started again.")
	}
	underWay := d.starting
	for _, a := range d.attempts {
		if !a.shown.State.Ended() {
			underWay++
		}
	}
	if underWay >= maxUnderWay {
		return fault.New(fault.Conflict, "%d sign-ins are under way already. Finish or cancel one of them first.", maxUnderWay).Saying(fault.Said{Code: fault.SignInsMany, Count: maxUnderWay})
	}
	d.starting++
	d.work.Add(1)
	return nil
}

// begin makes the calls that come before there is anything to show.
func (d *Desk) begin(ctx context.Context, r Request) (*attempt, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.polling, cancel)()
	client := d.config.Client
	registration, err := client.Register(ctx, r.Region, r.Service)
	if err != nil {
		return nil, err
	}
	authorization, err := client.Authorize(ctx, r.Region, registration, r.StartURL)
	if err != nil {
		return nil, err
	}
	now := d.config.Now()
	a := &attempt{request: r, registration: registration, deviceCode: authorization.DeviceCode, interval: authorization.Interval, chosen: make(chan string, 1)}
	a.patience, a.giveUp = context.WithCancel(d.polling)
	a.shown = SignIn{
		ID: rand.Text(), State: Waiting, Name: r.Name, AccountID: r.AccountID, Service: r.Service, Method: r.Method, UserCode: authorization.UserCode,
		VerificationURI: authorization.VerificationURI, VerificationURIComplete: authorization.VerificationURIComplete,
		StartedAt: now, ExpiresAt: now.Add(authorization.ExpiresIn),
	}
	return a, nil
}

// Get finds a sign-in; fault.NotFound if there is none, or no longer.
func (d *Desk) Get(id string) (SignIn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, err := d.find(id)
	if err != nil {
		return SignIn{}, err
	}
	return a.shown.copied(), nil
}

// List has every sign-in, the newest first.
func (d *Desk) List() []SignIn {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	list := make([]SignIn, 0, len(d.attempts))
	for _, a := range slices.Backward(d.attempts) {
		list = append(list, a.shown.copied())
	}
	return list
}

// find is the attempt of an id. The caller holds the mutex.
func (d *Desk) find(id string) (*attempt, error) {
	d.forget()
	for _, a := range d.attempts {
		if a.shown.ID == id {
			return a, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such sign-in, or it ended a while ago. Start a new one.").Saying(fault.Said{Code: fault.SignInUnknown})
}

// forget lets go of what ended long ago, and of what ended first if there is too much. The caller holds the mutex.
func (d *Desk) forget() {
	now := d.config.Now()
	d.attempts = slices.DeleteFunc(d.attempts, func(a *attempt) bool {
		return a.shown.State.Ended() && now.Sub(a.endedAt) >= remember
	})
	var ended []*attempt
	for _, a := range d.attempts {
		if a.shown.State.Ended() {
			ended = append(ended, a)
		}
	}
	slices.SortStableFunc(ended, func(a, b *attempt) int { return a.endedAt.Compare(b.endedAt) })
	surplus := ended[:max(0, len(ended)-maxEnded)]
	d.attempts = slices.DeleteFunc(d.attempts, func(a *attempt) bool { return slices.Contains(surplus, a) })
}
