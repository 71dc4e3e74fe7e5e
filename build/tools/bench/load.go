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
	before, err := cpuSeconds(t.pid)
	if err != nil {
		return reading{}, err
	}
	started := time.Now()
	if err := s.send(ctx, t); err != nil {
		return reading{}, fmt.Errorf("%s against %s: %w", s.name, t.name, err)
	}
	took := time.Since(started).Seconds()
	after, err := cpuSeconds(t.pid)
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

// conversation is a request of about size bytes with tools and turns, as an agent sends it.
func conversation(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"model":"claude-sonnet-4-5","max_tokens":32000,"stream":true,"system":"You are a careful engineer.","tools":[` +
		`{"name":"read_file","description":"Reads a file.","input_schema":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}],"messages":[`)
	for turn := 0; b.Len() < size-700; turn++ {
		fmt.Fprintf(&b, `{"role":"user","content":[{"type":"text","text":"Please look at part %d.\n%s"}]},`+
			`{"role":"assistant","content":[{"type":"text","text":"I will read it."},{"type":"tool_use","id":"toolu_%d","name":"read_file","input":{"path":"part%d.go"}}]},`+
			`{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":"%s"}]},{"role":"assistant","content":"Done."},`,
			turn, strings.Repeat("a line of prose, ", 20), turn, turn, turn, strings.Repeat(`func f() {\n\treturn \"x\"\n}\n`, 60))
	}
	b.WriteString(`{"role":"user","content":"Summarise."}]}`)
	return []byte(b.String())
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
