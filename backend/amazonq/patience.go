package amazonq

import (
	"context"
	"time"

	"amq2api/backend/fault"
)

// How long the service may be silent, before its first event and between events, and how long a whole answer may take. Silence of a
// minute and more is normal while a large tool call is written.
const (
	usualSilence = 120 * time.Second
	maxAnswer    = 30 * time.Minute
)

var errEndless = fault.New(fault.Unavailable, "Amazon Q had not finished after half an hour, so the answer was cut off. Ask for less at once.")

func errSilent(silence time.Duration) error {
	return fault.New(fault.Unavailable, "Amazon Q sent nothing for %.0f seconds, so the call was given up. Try again.", silence.Seconds())
}

// patience cancels a call that makes no progress. Its clock runs only while we wait for the service, never while a slow client reads.
type patience struct {
	limit   time.Duration
	silence *time.Timer
	cancel  context.CancelCauseFunc
	stop    context.CancelFunc
}

// newPatience starts waiting. The context it returns ends when patience does, with the fault as its cause.
func newPatience(parent context.Context, limit time.Duration) (context.Context, *patience) {
	ctx, stop := context.WithTimeoutCause(parent, maxAnswer, errEndless)
	ctx, cancel := context.WithCancelCause(ctx)
	silence := time.AfterFunc(limit, func() { cancel(errSilent(limit)) })
	return ctx, &patience{limit: limit, silence: silence, cancel: cancel, stop: stop}
}

// start runs the clock, from zero.
func (p *patience) start() { p.silence.Reset(p.limit) }

// pause stops the clock until start.
func (p *patience) pause() { p.silence.Stop() }

// end releases everything and cancels what is still running.
func (p *patience) end() {
	p.silence.Stop()
	p.cancel(errLeft)
	p.stop()
}
