package backend

import (
	"context"
	"slices"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/amazonq"
	"amq2api/backend/attach"
	"amq2api/backend/checkup"
	"amq2api/backend/dialect/anthropic"
	"amq2api/backend/dialect/openai"
	"amq2api/backend/dialect/responses"
	"amq2api/backend/emulate"
	"amq2api/backend/gateway"
	"amq2api/backend/relay"
	"amq2api/backend/secret"
	"amq2api/backend/server"
	"amq2api/backend/settings"
	"amq2api/backend/store"
	"amq2api/backend/usage"
)

// The adapters between packages that do not know each other.

// modelsSince stands for the models' creation dates, which the upstream does not tell.
var modelsSince = time.Date(2025, time.September, 29, 0, 0, 0, 0, time.UTC)

func anthropicDialect() gateway.Dialect {
	d := gateway.DialectOf("anthropic", anthropic.Decode, anthropic.Fault)
	d.Models, d.Model, d.CountTokens = anthropic.Models, anthropic.Model, anthropic.CountTokens
	return d
}

func openaiDialect() gateway.Dialect {
	d := gateway.DialectOf("openai", openai.Decode, openai.Fault)
	d.Models, d.Model = openai.Models, openai.Model
	return d
}

// What is kept of answers, so that a client can go on from them: for a while only, and in memory unless the user wants them on disk.
const (
	responsesKept  = 1000
	responsesBytes = 64 << 20
	responsesKeep  = time.Hour
)

func (b *Backend) responsesDialect() gateway.Dialect {
	spoken := &responses.Dialect{Store: &responses.Lasting{
		Memory:  responses.NewMemory(time.Now, responsesKept, responsesBytes, responsesKeep),
		Archive: responseArchive{b.database.Responses(), b.log},
		On:      func() bool { return b.settings.InForce().KeepResponses },
	}}
	return dialectOf(spoken)
}

// memoryResponses keeps nothing beyond the program's end.
func memoryResponses() gateway.Dialect {
	return dialectOf(&responses.Dialect{Store: responses.NewMemory(time.Now, responsesKept, responsesBytes, responsesKeep)})
}

func dialectOf(spoken *responses.Dialect) gateway.Dialect {
	d := gateway.DialectOf("responses", spoken.Decode, responses.Fault)
	d.Models, d.Model = openai.Models, openai.Model
	d.Stored, d.Delete = spoken.Stored, spoken.Delete
	return d
}

// sender is everything that a request goes through between the gateway and the accounts, from the gateway inwards.
func sender(accounts checkup.Sender, upstream *amazonq.Client, keep func(string, checkup.Diagnosis), options emulate.Options, attachments attach.Options) gateway.Sender {
	return attach.New(emulate.New(checkup.Doctor{Next: accounts, Encode: upstream.Body, Keep: keep}, options), attachments)
}

// lease keeps a nil lease from becoming an interface that is not nil.
func lease(l *account.Lease, err error) (relay.Lease, error) {
	if err != nil {
		return nil, err
	}
	return l, nil
}

// clientKeys lets the gateway see permits as its own interface.
type clientKeys struct{ gate *access.Gate }

func (k clientKeys) Identify(token secret.String) (access.Key, error) { return k.gate.Identify(token) }

func (k clientKeys) Admit(ctx context.Context, keyID int64, ask access.Ask) (gateway.Permit, error) {
	permit, err := k.gate.Admit(ctx, keyID, ask)
	if err != nil {
		return nil, err
	}
	return permit, nil
}

// catalogue resolves names by the settings in force, among the models that the accounts have. Until every account has told its own, what the
// service is known to offer counts too.
type catalogue struct {
	settings *settings.Choices
	pool     *account.Pool
}

func (b *Backend) models() catalogue { return catalogue{b.settings, b.roster.Pool()} }

func (c catalogue) List(accounts []int64) []string {
	told, complete := c.pool.ModelsOf(accounts)
	if complete {
		return told
	}
	models := slices.Clone(told)
	for _, known := range amazonq.Models() {
		if !slices.Contains(models, known) {
			models = append(models, known)
		}
	}
	return models
}

func (c catalogue) Resolve(asked string, accounts []int64) (settings.Resolution, error) {
	return c.settings.InForce().Resolve(asked, c.knows(accounts))
}

// knows tells whether some accounts, or all if there are none named, have a model.
func (c catalogue) knows(accounts []int64) func(model string) bool {
	models := c.List(accounts)
	return func(model string) bool { return slices.Contains(models, model) }
}

// ofAll is Resolve among the models of all accounts.
func (c catalogue) ofAll(asked string) (settings.Resolution, error) { return c.Resolve(asked, nil) }

func (b *Backend) adminConfig() admin.Config {
	config := admin.Config{
		Accounts: b.roster, Logins: logins{b.desk, b.roster}, Imports: b.imports(), Resolve: b.models().ofAll, Keys: b.keys,
		Usage: settledUsage{b.database.Usage(), b.recorder}, Doctor: b.doctor, Captures: captures{b.captures}, Recordings: recorder{b.recordings},
		Data: backups{b.keeping, b.database}, Settings: appliedSettings{b}, Upstream: b.network, SelfTest: b.SelfTest, Metrics: b.metrics.handler(),
		Playground: playground{b.gateway, b.captures}, Connect: b.openConnect(), Proxy: listener{b}, Changes: &b.changes, Token: b.token,
		Page: b.options.Page, Version: b.options.Version, Demo: b.options.demo, Started: b.started, Now: time.Now, Log: b.log,
		Vault: (&vaultState{ask: b.vault.state}).current,
	}
	if b.options.HasWindow {
		config.Window = windowShower{b}
	}
	return config
}

// settledUsage is the usage on record, with requests that have only just ended.
type settledUsage struct {
	*store.Usage
	recorder *usage.Recorder
}

func (u settledUsage) Request(ctx context.Context, id string) (usage.Record, bool, error) {
	record, known, err := u.Usage.Request(ctx, id)
	if known || err != nil {
		return record, known, err
	}
	u.recorder.Flush(ctx)
	return u.Usage.Request(ctx, id)
}

// listener is the proxy as the admin API sees it.
type listener struct{ backend *Backend }

func (l listener) Start(ctx context.Context, port int) error { return l.backend.Start(ctx, port) }
func (l listener) Stop(ctx context.Context) error            { return l.backend.Stop(ctx) }
func (l listener) State() admin.ProxyState                   { return l.backend.ProxyState() }

func showProxy(state server.State, now time.Time) admin.ProxyState {
	shown := admin.ProxyState{Running: state.Running, Port: state.Port, Addresses: append([]string{}, state.Addresses...)}
	if state.Running {
		shown.RunningFor = int64(now.Sub(state.StartedAt) / time.Second)
	}
	if e := state.Error; e != nil {
		shown.Error = &admin.ProxyError{Code: string(e.Code), Message: e.Message, Port: e.Port, SelfHeld: e.SelfHeld, FreePort: e.FreePort}
	}
	return shown
}

func (b *Backend) imports() imports { return imports{b.roster, b.finder} }
