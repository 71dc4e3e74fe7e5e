//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// rounds are interleaved, and their medians compared, because shared machines are noisy.
const rounds = 5

// target is a process under load.
type target struct {
	name    string
	url     string
	key     string
	profile string // a folder to remove; none if empty
	process *exec.Cmd
}

// stop ends the process and waits for it, so that nothing is left behind.
func (t *target) stop() {
	_ = t.process.Process.Kill()
	_ = t.process.Wait() // the error says that it was killed
	if t.profile != "" {
		_ = os.RemoveAll(t.profile)
	}
}

// compare runs every shape against the reference and ours and prints the ratios.
func compare(ctx context.Context, binary string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	upstream, err := start(ctx, "upstream", 1, self, "upstream")
	if err != nil {
		return err
	}
	defer upstream.stop()
	reference, err := start(ctx, "reference", 0, self, "reference", upstream.url)
	if err != nil {
		return err
	}
	defer reference.stop()
	ours, err := startOurs(ctx, binary, upstream.url)
	if err != nil {
		return err
	}
	defer ours.stop()
	idle, err := residentMiB(ours.process.Process.Pid)
	if err != nil {
		return err
	}
	small, large := question(), conversation()
	fmt.Printf("%-34s %12s %12s %8s %8s\n", "", "reference", "ours", "ratio", "aim")
	for _, m := range []measure{
		{"T1 CPU per event, saturated", shape{"events", 32, 40, 50, small}, func(r reading) float64 { return r.cpuPerEvent * 1e6 }, "µs", "<= 1.3"},
		{"T4 CPU per request of 1 KB", shape{"small", 2, 1500, 1, small}, func(r reading) float64 { return r.cpuPerRequest * 1e6 }, "µs", "<= 1.5"},
		{"T5 CPU per request of 200 KB", shape{"large", 2, 400, 1, large}, func(r reading) float64 { return r.cpuPerRequest * 1e6 }, "µs", "<= 3.5"},
		{"T7 requests a second, 50 events", shape{"rate", 32, 40, 50, small}, func(r reading) float64 { return r.perSecond }, "/s", ">= 0.75"},
	} {
		if err := m.print(ctx, upstream, reference, ours); err != nil {
			return err
		}
	}
	fmt.Printf("%-34s %12s %9.1f MiB %8s %8s\n", "T10 resident memory, idle", "", idle, "", "<= 26")
	return nil
}

// measure is one line of the table.
type measure struct {
	name  string
	shape shape
	value func(reading) float64
	unit  string
	aim   string
}

func (m measure) print(ctx context.Context, upstream, reference, ours *target) error {
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/events?n=%d", upstream.url, m.shape.events), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		return err
	}
	_ = answer.Body.Close()
	var floor, own []float64
	for range rounds {
		for _, side := range []struct {
			target *target
			values *[]float64
		}{{reference, &floor}, {ours, &own}} {
			read, err := m.shape.drive(ctx, side.target)
			if err != nil {
				return err
			}
			*side.values = append(*side.values, m.value(read))
		}
	}
	a, b := median(floor), median(own)
	fmt.Printf("%-34s %9.1f %-3s %8.1f %-3s %7.2f %8s\n", m.name, a, m.unit, b, m.unit, b/a, m.aim)
	return nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// start runs a process on one core and waits for the address it prints.
func start(ctx context.Context, name string, core int, command string, args ...string) (*target, error) {
	process := exec.CommandContext(ctx, "taskset", append([]string{"-c", fmt.Sprint(core), command}, args...)...)
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	started := &target{name: name, process: process}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		started.stop()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	started.url = strings.TrimSpace(line)
	return started, nil
}

// adminToken opens the admin API of a process that lives for this run only.
const adminToken = "bench-admin-token-0123456789"

// startOurs runs the program with a fresh profile, one account without caps and one key without limits.
func startOurs(ctx context.Context, binary, upstream string) (*target, error) {
	profile, err := os.MkdirTemp("", "amq2api-bench")
	if err != nil {
		return nil, err
	}
	passphrase := filepath.Join(profile, "passphrase")
	if err := os.WriteFile(passphrase, []byte("bench"), 0o600); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	process := exec.CommandContext(ctx, "taskset", "-c", "0", binary, "serve")
	process.Env = append(os.Environ(), "DATABASE_PATH="+filepath.Join(profile, "amq2api.db"), fmt.Sprint("PORT=", port),
		"AMAZONQ_API_ENDPOINT="+upstream, "AMAZONQ_TOKEN_ENDPOINT="+upstream+"/token", "AMQ2API_VAULT=file",
		"AMQ2API_VAULT_PASSPHRASE_FILE="+passphrase, "AMQ2API_ADMIN_TOKEN="+adminToken,
		"AMAZONQ_REFRESH_TOKEN=bench", "AMAZONQ_CLIENT_ID=bench", "AMAZONQ_CLIENT_SECRET=bench")
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		return nil, err
	}
	ours := &target{name: "ours", url: fmt.Sprintf("http://127.0.0.1:%d", port), profile: profile, process: process}
	if err = ours.wait(ctx); err == nil {
		err = ours.setUp(ctx)
	}
	if err != nil {
		ours.stop()
		return nil, err
	}
	return ours, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

func (t *target) wait(ctx context.Context) error {
	for range 200 {
		answer, err := http.Get(t.url + "/health")
		if err == nil {
			return answer.Body.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s does not answer at %s", t.name, t.url)
}

// setUp lifts the account's caps and makes a key.
func (t *target) setUp(ctx context.Context) error {
	var accounts []struct {
		ID int64 `json:"id"`
	}
	if err := t.admin(ctx, http.MethodGet, "/admin/accounts", "", &accounts); err != nil {
		return err
	}
	if len(accounts) != 1 {
		return fmt.Errorf("%d accounts instead of the one from the environment", len(accounts))
	}
	path := fmt.Sprint("/admin/accounts/", accounts[0].ID)
	if err := t.admin(ctx, http.MethodPut, path, `{"requests_per_minute":0,"max_concurrent":0}`, nil); err != nil {
		return err
	}
	var key struct {
		Key string `json:"key"`
	}
	err := t.admin(ctx, http.MethodPost, "/admin/api-keys", `{"name":"bench","requests_per_minute":0,"requests_per_day":0}`, &key)
	t.key = key.Key
	return err
}

func (t *target) admin(ctx context.Context, method, path, body string, into any) error {
	call, err := http.NewRequestWithContext(ctx, method, t.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	call.Header.Set("Authorization", "Bearer "+adminToken)
	if body != "" {
		call.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s (%w)", method, path, answer.StatusCode, text, err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
