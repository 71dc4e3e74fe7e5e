// Package backend is the roof: it opens the whole program and closes it again. It is the only package that knows every concrete type.
package backend

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	mathrand "math/rand/v2"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/amazonq"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/attach"
	"amq2api/backend/capture"
	"amq2api/backend/donor"
	"amq2api/backend/emulate"
	"amq2api/backend/gateway"
	"amq2api/backend/relay"
	"amq2api/backend/secret"
	"amq2api/backend/server"
	"amq2api/backend/settings"
	"amq2api/backend/store"
	"amq2api/backend/usage"
)

// Options say how to open the program.
type Options struct {
	Environment Environment
	Version     string
	Page        fs.FS       // the built dashboard
	HasWindow   bool        // the proxy can be stopped and started while the program runs
	Vault       SecretStore // nil opens the one that the environment chose
	Executable  string      // this program's own file, which is started again for dangerous work; empty does it inside
	demo        bool
}

// Backend is the running program without its window.
type Backend struct {
	options  Options
	instance string // tells this process from other copies
	started  time.Time
	level    slog.LevelVar
	changes  admin.Changes
	window   atomic.Pointer[Window]

	profile    *Profile
	log        *slog.Logger
	keeping    *safekeeping
	database   *store.DB
	vault      vaultDoor
	token      secret.String // the admin's
	settings   *settings.Choices
	network    *network
	login      *login.Client
	upstream   *amazonq.Client
	captures   *capture.Shelf
	recordings *capture.Recorder
	roster     *account.Roster
	desk       *login.Desk
	finder     *donor.Finder
	keys       *access.Gate
	recorder   *usage.Recorder
	tidyNow    chan struct{} // wakes the clean-up of usage
	metrics    *metrics
	doctor     *diagnoses
	gateway    *gateway.Gateway
	admin      *admin.Door
	gate       *server.Gate
	proxy      *server.Proxy

	closing []closer // in the order they were opened
}

// closer undoes one step of Open.
type closer struct {
	name  string
	close func(context.Context) error
}

// Open opens everything in order, the listener excepted. What was opened is closed again if a later step fails.
func Open(ctx context.Context, options Options) (*Backend, error) {
	b := &Backend{options: options, instance: rand.Text(), started: time.Now(), tidyNow: make(chan struct{}, 1)}
	for _, step := range []struct {
		name string
		open func(context.Context) error
	}{
		{"profile", b.openProfile},
		{"database", b.openDatabase},
		{"vault", b.openVault},
		{"admin token", b.openAdminToken},
		{"settings", b.openSettings},
		{"network", b.openNetwork},
		{"upstream", b.openUpstream},
		{"accounts", b.openAccounts},
		{"keys", b.openKeys},
		{"usage", b.openUsage},
		{"doors", b.openDoors},
	} {
		if err := step.open(ctx); err != nil {
			return nil, errors.Join(err, b.Close(context.WithoutCancel(ctx)))
		}
	}
	debug.FreeOSMemory() // opening the file vault took a hundred times what the program needs from now on
	b.log.Info("opened", "version", options.Version, "profile", b.profile.Dir, "instance", b.instance, "vault", b.vault.state(ctx).Kind)
	return b, nil
}

// Close closes everything in reverse order. The deadline of ctx bounds how long running answers may go on.
func (b *Backend) Close(ctx context.Context) error {
	var failures error
	for i := len(b.closing) - 1; i >= 0; i-- {
		if err := b.closing[i].close(ctx); err != nil {
			failures = errors.Join(failures, fmt.Errorf("close the %s: %w", b.closing[i].name, err))
		}
	}
	b.closing = nil
	return failures
}

func (b *Backend) onClose(name string, close func(context.Context) error) {
	b.closing = append(b.closing, closer{name, close})
}

// closeWith is onClose for what needs no context.
func (b *Backend) closeWith(name string, c io.Closer) {
	b.onClose(name, func(context.Context) error { return c.Close() })
}

func (b *Backend) openProfile(context.Context) (err error) {
	if b.profile, err = OpenProfile(b.options.Environment.DatabasePath); err != nil {
		return err
	}
	b.closeWith("profile", b.profile)
	log, file, err := openLog(b.profile, &b.level)
	if err != nil {
		return err
	}
	b.log = log
	b.closeWith("log", file)
	return nil
}

// openDatabase opens the database, or, if it is damaged, an empty one in its place.
func (b *Backend) openDatabase(ctx context.Context) (err error) {
	if b.keeping, err = newSafekeeping(b.profile, time.Now, b.log); err != nil {
		return err
	}
	if b.database, err = b.keeping.openDatabase(ctx); err != nil {
		return err
	}
	b.onClose("database's flag", b.keeping.close)
	b.closeWith("database", b.database)
	return nil
}

func (b *Backend) openSettings(ctx context.Context) (err error) {
	b.settings, err = settings.Load(ctx, b.database.Settings(), func(changed settings.Settings) {
		b.level.Set(levelOf(changed.LogLevel))
		b.forgetResponses(changed)
		b.wakeUpkeep()
		b.announce("settings")
	})
	if err == nil {
		b.level.Set(levelOf(b.settings.InForce().LogLevel))
		if ignored := b.settings.Ignored(); len(ignored) > 0 {
			b.log.Warn("stored settings are not valid and have their defaults; save them again", "settings", ignored)
		}
		b.careForData()
	}
	return err
}

// careForData looks after the database until the program closes.
func (b *Backend) careForData() {
	b.keeping.settings, b.keeping.changed = b.settings.InForce, func() { b.announce("backups") }
	b.inBackground("care of the database", func(ctx context.Context) { b.keeping.tend(ctx, b.database) })
}

func (b *Backend) openUpstream(context.Context) (err error) {
	environment := b.options.Environment
	b.captures = capture.NewShelf(capture.Config{
		Folder: filepath.Join(b.profile.Dir, "captures"), Version: b.options.Version, Settings: b.settings.Current, Now: time.Now, Log: b.log,
		Changed: func() { b.announce("captures") }, SessionHeaders: gateway.SessionHeaders(),
	})
	b.upstream, err = amazonq.New(amazonq.Config{
		Endpoint: environment.APIEndpoint, Proxy: b.network.route, Silence: b.network.silence, Tap: b.captures.Transport, Version: b.options.Version, Log: b.log,
	})
	if err != nil {
		return err
	}
	b.login, err = login.New(login.Config{Endpoint: environment.TokenEndpoint, Proxy: b.network.route, Version: b.options.Version})
	return err
}

func (b *Backend) openAccounts(ctx context.Context) (err error) {
	b.roster, err = account.OpenRoster(ctx, account.RosterConfig{
		Store: b.database.Accounts(), Vault: b.vault, Renewer: b.login, Provider: b.upstream, Now: time.Now, Jitter: jitter, Log: b.log,
		Changed:  func() { b.announce("accounts") },
		Patience: func() time.Duration { return time.Duration(b.settings.InForce().QueueWait) * time.Second },
	})
	if err != nil {
		return err
	}
	b.onClose("accounts", b.roster.Close)
	b.desk = login.NewDesk(login.DeskConfig{
		Client: b.login, Profiles: b.upstream.Profiles, Keep: b.keepSignIn, Now: time.Now, Log: b.log, Changed: func() { b.announce("logins") },
	})
	b.onClose("sign-ins", b.desk.Close)
	b.finder = donor.New(donor.Config{Home: b.options.Environment.Home, Env: b.options.Environment.Lookup})
	if err := b.importEnvironment(ctx); err != nil {
		return err
	}
	b.careForAccounts()
	return nil
}

// careForAccounts looks after the accounts until the program closes.
func (b *Backend) careForAccounts() {
	b.inBackground("care of the accounts", func(ctx context.Context) {
		b.roster.Tend(ctx, b.closeIdle) // connections do not survive a sleep, and may not know it
	})
}

// inBackground runs something until the program closes; then its context ends, and it is waited for.
func (b *Backend) inBackground(name string, run func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	b.onClose(name, func(context.Context) error {
		stop()
		<-done
		return nil
	})
}

// jitter is a random duration in [0, limit).
func jitter(limit time.Duration) time.Duration { return mathrand.N(limit) }

// importEnvironment adds the account that the older variables name, the first time they are seen.
func (b *Backend) importEnvironment(ctx context.Context) error {
	given := b.options.Environment.Account
	if given.RefreshToken.IsZero() || b.keeping.safe() { // a restore brings the account back, with a newer token than this one
		return nil
	}
	draft := account.Draft{
		Name: "Environment", Source: "environment", ClientID: given.ClientID, ProfileARN: given.ProfileARN, SignInRegion: given.SignInRegion,
		Secrets: account.Secrets{RefreshToken: given.RefreshToken, ClientSecret: given.ClientSecret},
	}
	if b.options.demo {
		none := 0
		draft.Name, draft.Source, draft.Pace = "Demo", "demo", account.EnvelopeEdit{RequestsPerMinute: &none, MaxConcurrent: &none}
	}
	added, err := b.roster.Import(ctx, draft)
	if err != nil {
		return fmt.Errorf("import the account of the AMAZONQ_ variables: %w", err)
	}
	if added {
		b.log.Info("an account was imported", "source", draft.Source)
	}
	return nil
}

func (b *Backend) openKeys(ctx context.Context) (err error) {
	b.keys, err = access.NewGate(ctx, access.Config{
		Store: b.database.Keys(), Now: time.Now, Log: b.log, Changed: func() { b.announce("api-keys") }, Price: b.price,
	})
	if err == nil {
		b.onClose("keys", b.keys.Close)
	}
	return err
}

func (b *Backend) openUsage(context.Context) error {
	kept := b.gapFile()
	lost := kept.Read()
	if err := kept.Keep(lost); err != nil {
		b.log.Warn("there is no place to keep a gap in the usage", "err", err)
	}
	b.recorder = usage.NewRecorder(usage.Config{Sink: b.database.Usage(), Now: time.Now, Log: b.log, Lost: lost, Keep: kept.Keep, Changed: func() {
		for _, noun := range []string{"requests", "accounts", "api-keys"} {
			b.announce(noun)
		}
	}})
	b.onClose("usage", b.recorder.Close)
	b.inBackground("stored responses", responseArchive{b.database.Responses(), b.log}.purge)
	b.keepUsage()
	b.doctor = newDiagnoses(b.database.Diagnoses(), b.log)
	b.onClose("diagnoses", b.doctor.close)
	return nil
}

func (b *Backend) openDoors(context.Context) error {
	pool := b.roster.Pool()
	accounts := relay.New(relay.Config{
		Lease:    func(ctx context.Context, want account.Want) (relay.Lease, error) { return lease(pool.Lease(ctx, want)) },
		Upstream: b.upstream,
		Now:      time.Now,
		Jitter:   jitter,
	})
	b.openRecorder()
	b.metrics = newMetrics()
	apart := b.apart()
	b.gateway = gateway.New(gateway.Config{
		Anthropic: anthropicDialect(), OpenAI: openaiDialect(), Responses: b.responsesDialect(), Keys: clientKeys{b.keys}, Models: b.models(),
		Sender: sender(accounts, b.upstream, b.doctor.keep,
			emulate.Options{BreakRepeats: func() bool { return b.settings.InForce().BreakRepeats }, Apart: apart, Log: b.log},
			attach.Options{FetchImages: func() bool { return b.settings.InForce().FetchImages }, Apart: apart}),
		Recorder: counting{b.metrics, b.recorder}, Instance: b.instance, Version: b.options.Version, Since: modelsSince, Now: time.Now, NewID: rand.Text, Log: b.log,
	})
	b.admin = admin.New(b.adminConfig())
	b.gate = server.NewGate(server.GateConfig{Admin: b.admin, Clients: b.recordings.Door(b.captures.Door(b.gateway)), Repair: b.repairSignals, Log: b.log})
	b.gate.AnswerTo(b.settings.InForce().Hosts)
	b.metrics.watch(b)
	b.proxy = server.NewProxy(server.ProxyConfig{
		Gate:  b.gate,
		Grace: b.grace(), Now: time.Now, Log: b.log, OnChange: func(server.State) { b.announce("proxy") },
	})
	b.onClose("proxy", b.proxy.Stop)
	return nil
}

// How long running answers may go on after a stop: the switch in a window is expected to act, a service's end can wait.
const (
	windowGrace = 10 * time.Second
	serveGrace  = 30 * time.Second
)

func (b *Backend) grace() time.Duration {
	if b.options.HasWindow {
		return windowGrace
	}
	return serveGrace
}
