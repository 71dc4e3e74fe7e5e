//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// shape is one kind of load.
type shape struct {
	name     string
	clients  int
	requests int // of each client
	events   int // in each answer
	body     []byte
}

// reading is what a target cost under a shape.
type reading struct {
	cpuPerRequest float64 // seconds
	cpuPerEvent   float64 // seconds
	perSecond     float64 // requests
}

// drive runs a shape against a target and reads the CPU time of its process before and after.
func (s shape) drive(ctx context.Context, t *target) (reading, error) {
	before, err := cpuSeconds(t.process.Process.Pid)
	if err != nil {
		return reading{}, err
	}
	started := time.Now()
	if err := s.send(ctx, t); err != nil {
		return reading{}, fmt.Errorf("%s against %s: %w", s.name, t.name, err)
	}
	took := time.Since(started).Seconds()
	after, err := cpuSeconds(t.process.Process.Pid)
	if err != nil {
		return reading{}, err
	}
	requests := float64(s.clients * s.requests)
	cpu := after - before
	return reading{cpuPerRequest: cpu / requests, cpuPerEvent: cpu / (requests * float64(s.events)), perSecond: requests / took}, nil
}

func (s shape) send(ctx context.Context, t *target) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: s.clients, DisableCompression: true}}
	errs := make([]error, s.clients)
	var done sync.WaitGroup
	for i := range s.clients {
		done.Go(func() {
			for range s.requests {
				if errs[i] = s.one(ctx, client, t); errs[i] != nil {
					return
				}
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// one sends a request and insists on every event of the answer.
func (s shape) one(ctx context.Context, client *http.Client, t *target) error {
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url+"/v1/messages", bytes.NewReader(s.body))
	if err != nil {
		return err
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("X-Api-Key", t.key)
	answer, err := client.Do(call)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if got := bytes.Count(text, []byte("text_delta")); got != s.events || !bytes.Contains(text, []byte("message_stop")) {
		return fmt.Errorf("status %d with %d of %d events: %.300s", answer.StatusCode, got, s.events, text)
	}
	return nil
}

// question is a request of about 1 KB: instructions and one message.
func question() []byte {
	return fmt.Appendf(nil, `{"model":"claude-sonnet-4-5","max_tokens":4096,"stream":true,"system":"%s","messages":[{"role":"user","content":"%s"}]}`,
		prose(300), prose(550))
}

// conversation is a request of about 200 KB, as an agent sends it in the middle of its work: long instructions, 30 tools, and turns with
// calls and results.
func conversation() []byte {
	const tools, turns = 30, 30
	var b strings.Builder
	fmt.Fprintf(&b, `{"model":"claude-sonnet-4-5","max_tokens":32000,"stream":true,"system":[{"type":"text","text":"%s","cache_control":{"type":"ephemeral"}}],"tools":[`, prose(12_000))
	for i := range tools {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"tool_%d","description":"%s","input_schema":{"type":"object","properties":{"path":{"type":"string","description":"%s"},`+
			`"edits":{"type":"array","items":{"type":"object","properties":{"old":{"type":"string"},"new":{"type":"string"}}}}},"required":["path"]}}`,
			i, prose(1400), prose(600))
	}
	b.WriteString(`],"messages":[`)
	for i := range turns {
		fmt.Fprintf(&b, `{"role":"user","content":[{"type":"text","text":"%s"}]},{"role":"assistant","content":[{"type":"text","text":"%s"},`+
			`{"type":"tool_use","id":"toolu_%d","name":"tool_%d","input":{"path":"part%d.go"}}]},`+
			`{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":[{"type":"text","text":"%s"}]}]},`+
			`{"role":"assistant","content":"Done."},`, prose(400), prose(350), i, i%tools, i, i, prose(2500))
	}
	b.WriteString(`{"role":"user","content":"Summarise."}]}`)
	return []byte(b.String())
}

// prose is at least size bytes of text as it stands between the quotes of a JSON string, with an escape now and then.
func prose(size int) string {
	const lines = `The function returns an error when the value is nil, so\nwe check it before calling \"handler\", then update\n\tthe test of package server and the naïve one. `
	return strings.Repeat(lines, 1+size/len(lines))
}

// clockTicks is the unit of CPU time in /proc, the same on every Linux that Go runs on.
const clockTicks = 100

// cpuSeconds reads a process's user and system time.
func cpuSeconds(pid int) (float64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, err := strconv.ParseFloat(fields[11], 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseFloat(fields[12], 64)
	return (user + system) / clockTicks, err
}

// residentMiB reads how much memory a process holds.
func residentMiB(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS for process %d", pid)
}
