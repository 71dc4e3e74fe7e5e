package backend

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"amq2api/backend/gateway"
	"amq2api/backend/usage"
)

// metrics are the program's numbers for Prometheus. Their labels have few values: nothing that a client or an account is called.
type metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	tokens     *prometheus.CounterVec
	attempts   *prometheus.CounterVec
	firstEvent *prometheus.HistogramVec
	duration   *prometheus.HistogramVec
}

func newMetrics() *metrics {
	seconds := []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "amq2api_requests_total", Help: "Requests for a model's words, by how they ended."},
			[]string{"dialect", "status", "fault"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "amq2api_tokens_total", Help: "Tokens, measured or estimated."}, []string{"direction", "source"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "amq2api_attempts_total", Help: "Tries of accounts, by the fault they met."},
			[]string{"fault"}),
		firstEvent: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "amq2api_first_event_seconds", Help: "Time to the first event of an answer.", Buckets: seconds},
			[]string{"dialect"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "amq2api_request_seconds", Help: "Time to the end of an answer.", Buckets: seconds},
			[]string{"dialect"}),
	}
	m.registry.MustRegister(m.requests, m.tokens, m.attempts, m.firstEvent, m.duration,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// counting counts records on their way to the recorder.
type counting struct {
	*metrics
	next gateway.Recorder
}

// Record takes a record that has ended.
func (c counting) Record(r *usage.Record) {
	c.requests.WithLabelValues(r.Dialect, strconv.Itoa(r.Status), r.Fault).Inc()
	c.tokens.WithLabelValues("input", r.Usage.Source.String()).Add(float64(r.Usage.Input))
	c.tokens.WithLabelValues("output", r.Usage.Source.String()).Add(float64(r.Usage.Output))
	for _, attempt := range r.Attempts {
		c.attempts.WithLabelValues(attempt.Fault).Inc()
	}
	if r.FirstEvent > 0 {
		c.firstEvent.WithLabelValues(r.Dialect).Observe(r.FirstEvent.Seconds())
	}
	c.duration.WithLabelValues(r.Dialect).Observe(r.Duration.Seconds())
	c.next.Record(r)
}

// watch adds what is read when somebody asks.
func (m *metrics) watch(b *Backend) {
	gauge := func(name, help string, read func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read)
	}
	m.registry.MustRegister(
		gauge("amq2api_requests_in_flight", "Requests being answered now.", func() float64 { return float64(b.gateway.InFlight()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "amq2api_panics_total", Help: "Requests that ended in a panic."},
			func() float64 { return float64(b.gate.Panics() + b.gateway.Panics()) }),
		refusals{b.gate.Refused},
	)
}

// refusals are the gate's counters.
type refusals struct{ read func() map[string]int64 }

var refusedAtGate = prometheus.NewDesc("amq2api_gate_refused_total", "Requests refused at the gate, by reason.", []string{"reason"}, nil)

// Describe tells the registry what there is.
func (refusals) Describe(out chan<- *prometheus.Desc) { out <- refusedAtGate }

// Collect reads the counters.
func (r refusals) Collect(out chan<- prometheus.Metric) {
	for reason, count := range r.read() {
		out <- prometheus.MustNewConstMetric(refusedAtGate, prometheus.CounterValue, float64(count), reason)
	}
}

// handler answers in Prometheus' format.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true})
}
