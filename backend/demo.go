package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"amq2api/backend/access"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/secret"
	"amq2api/backend/vault"
)

// Demo is what a demo has besides the program: the simulated Amazon, and a key to try it with.
type Demo struct {
	Key        secret.String
	AdminToken secret.String
}

// demoPace is the time between the words of the simulated model.
const demoPace = 30 * time.Millisecond

const demoProfile = "amq2api-demo-"

// sweepDemos removes the profiles of demos that were killed: those whose lock nobody holds. One that is just being made, or that cannot be
// removed, stays.
func sweepDemos() {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), demoProfile+"*", lockFile))
	if err != nil {
		return // the pattern is ours
	}
	for _, path := range left {
		if status, err := os.Stat(path); err != nil || time.Since(status.ModTime()) < time.Minute {
			continue
		}
		lock := flock.New(path)
		if held, err := lock.TryLock(); err == nil && held {
			_ = errors.Join(lock.Unlock(), os.RemoveAll(filepath.Dir(path)))
		}
	}
}

// OpenDemo opens the program against a simulated Amazon, with an account and a key ready. Everything it keeps lies in a temporary profile
// that goes when it closes, and its secrets in memory; the user's own profile is not touched.
func OpenDemo(ctx context.Context, options Options) (*Backend, *Demo, error) {
	service := amazonqtest.New(amazonqtest.Options{Seed: 1, Pace: demoPace})
	url, stop, err := service.Listen()
	if err != nil {
		return nil, nil, fmt.Errorf("start the simulated Amazon: %w", err)
	}
	sweepDemos()
	dir, err := os.MkdirTemp("", demoProfile)
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("make a profile for the demo: %w", err)
	}
	cleanUp := func() error {
		stop()
		return os.RemoveAll(dir)
	}
	person := service.AddIdentity(amazonqtest.IdentityOptions{Name: "demo"})
	options.demo, options.Vault = true, new(vault.Memory)
	options.Environment.DatabasePath = filepath.Join(dir, "amq2api.db")
	if options.Environment.Home, options.Environment.Lookup, err = demoHome(dir); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("make a home for the demo: %w", err), cleanUp())
	}
	options.Environment.APIEndpoint, options.Environment.TokenEndpoint = url, url+"/token"
	options.Environment.Account = EnvironmentAccount{RefreshToken: person.RefreshToken(), ClientID: person.ClientID, ClientSecret: person.ClientSecret}

	b, err := Open(ctx, options)
	if err != nil {
		return nil, nil, errors.Join(err, cleanUp())
	}
	b.closing = slices.Insert(b.closing, 0, closer{"demo", func(context.Context) error { return cleanUp() }})
	demo, err := b.setUpDemo(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, b.Close(ctx))
	}
	return b, demo, nil
}

func (b *Backend) setUpDemo(ctx context.Context) (*Demo, error) {
	none := 0
	_, key, err := b.keys.Create(ctx, access.Draft{Name: "Demo", RequestsPerMinute: &none, RequestsPerDay: &none})
	if err != nil {
		return nil, fmt.Errorf("make the demo's key: %w", err)
	}
	return &Demo{Key: key, AdminToken: b.token}, nil
}

// Introduction tells a newcomer what to try. The secrets in it are good for the simulation only.
func (d *Demo) Introduction(address, code string) string {
	return fmt.Sprintf(`This is a demo. Answers come from a simulated Amazon Q; nothing is kept when it ends.

Dashboard:    %[1]s/admin/dashboard/#code=%[3]s
              (the link signs one browser in, within a minute)
Claude Code:  ANTHROPIC_BASE_URL=%[1]s ANTHROPIC_AUTH_TOKEN=%[2]s claude -p "hi"
OpenAI SDKs:  OPENAI_BASE_URL=%[1]s/v1 OPENAI_API_KEY=%[2]s
Admin API:    curl %[1]s/admin/accounts -H 'authorization: Bearer %[4]s'
curl:         curl -N %[1]s/v1/messages -H 'x-api-key: %[2]s' -H 'content-type: application/json' \
                -d '{"model":"claude-sonnet-4-5","max_tokens":200,"stream":true,"messages":[{"role":"user","content":"hi"}]}'

`, address, d.Key.Reveal(), code, d.AdminToken.Reveal())
}
