package backend

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"amq2api/backend/admin"
	"amq2api/backend/checkup"
	"amq2api/backend/store"
)

const (
	diagnosesWaiting = 64
	diagnosisTimeout = 5 * time.Second
)

// diagnoses keeps what was found out about failed requests, behind their answers' backs. One that the disk does not take is lost.
type diagnoses struct {
	kept    *store.Diagnoses
	log     *slog.Logger
	waiting chan diagnosed
	flush   chan chan<- struct{}
	ending  chan struct{}
	done    sync.WaitGroup
}

type diagnosed struct {
	requestID string
	diagnosis checkup.Diagnosis
}

func newDiagnoses(kept *store.Diagnoses, log *slog.Logger) *diagnoses {
	d := &diagnoses{kept: kept, log: log, waiting: make(chan diagnosed, diagnosesWaiting), flush: make(chan chan<- struct{}), ending: make(chan struct{})}
	d.done.Go(d.write)
	return d
}

// write keeps what comes, until the end, and then what is waiting.
func (d *diagnoses) write() {
	for {
		select {
		case one := <-d.waiting:
			d.save(one)
		case saved := <-d.flush:
			d.drain()
			saved <- struct{}{}
		case <-d.ending:
			d.drain()
			return
		}
	}
}

func (d *diagnoses) drain() {
	for len(d.waiting) > 0 {
		d.save(<-d.waiting)
	}
}

func (d *diagnoses) save(one diagnosed) {
	ctx, cancel := context.WithTimeout(context.Background(), diagnosisTimeout)
	defer cancel()
	encoded, err := json.Marshal(one.diagnosis)
	if err == nil {
		err = d.kept.Save(ctx, one.requestID, encoded)
	}
	if err != nil {
		d.log.Warn("a diagnosis could not be kept", "id", one.requestID, "err", err)
	}
}

// keep never waits: when too many requests fail at once, the first are enough.
func (d *diagnoses) keep(requestID string, diagnosis checkup.Diagnosis) {
	select {
	case d.waiting <- diagnosed{requestID, diagnosis}:
	default:
	}
}

// close keeps what is waiting. What comes later is lost.
func (d *diagnoses) close(context.Context) error {
	close(d.ending)
	d.done.Wait()
	return nil
}

// settle waits until what was found out before now is kept.
func (d *diagnoses) settle(ctx context.Context) {
	saved := make(chan struct{}, 1)
	select {
	case d.flush <- saved:
	case <-d.ending:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-saved:
	case <-ctx.Done():
	}
}

// Diagnosis is what was found out about a request, and false if nothing was.
func (d *diagnoses) Diagnosis(ctx context.Context, requestID string) (found admin.Diagnosis, known bool, err error) {
	d.settle(ctx)
	encoded, known, err := d.kept.Load(ctx, requestID)
	if err != nil || !known {
		return found, false, err
	}
	return found, true, json.Unmarshal(encoded, &found)
}
