// Package settings is what the user chose, and how a model's name is understood.
package settings

// Settings are the user's choices. Environment variables override some of them for one run without changing them.
type Settings struct {
	Port         int     `json:"port"`
	LogLevel     string  `json:"log_level"` // debug, info, warn or error
	DefaultModel string  `json:"default_model"`
	Aliases      []Alias `json:"aliases"`
	Language     string  `json:"language"` // en or zh-CN; empty follows the system
	Theme        string  `json:"theme"`    // light or dark; empty follows the system
	StartProxy   bool    `json:"start_proxy"`
	QueueWait    int     `json:"queue_wait_s"`  // seconds a request may wait for an account that rests
	FetchImages  bool    `json:"fetch_images"`  // get pictures and documents that clients name by an address
	BreakRepeats bool    `json:"break_repeats"` // tell a model that makes the same call over and over

	// Where clients reach us. Beyond loopback only with the user's word for it, and never the admin API.
	ListenOn        string   `json:"listen_on"`        // empty is this computer only; one of its addresses, or * for all of them
	ListenConfirmed bool     `json:"listen_confirmed"` // the user knows that others can then reach the proxy, and read what is said
	Hosts           []string `json:"hosts"`            // further names we answer to, for a reverse proxy: "name" or "name:port"

	// How Amazon is reached.
	UpstreamProxy   string `json:"upstream_proxy"`     // http, https or socks5 URL without a password; "direct" is none; empty follows the environment
	UpstreamSilence int    `json:"upstream_silence_s"` // seconds without a word from Amazon until a call is given up

	KeepResponses bool `json:"keep_responses"` // answers that clients may go on from are kept on disk, so that they survive a restart

	// What is kept of requests, and what they are taken to cost.
	UsageRetention  int     `json:"usage_retention_days"`  // days that single requests are kept; 0 is for ever
	RollupRetention int     `json:"rollup_retention_days"` // days that the sums of hours and days are kept; 0 is for ever
	Prices          []Price `json:"prices"`

	BackupEveryHours int `json:"backup_every_hours"` // a backup of the database so often; 0 is never
	BackupKeep       int `json:"backup_keep"`        // how many of them stay

	NoticeAcknowledged bool `json:"notice_acknowledged"` // the user knows that Amazon's terms apply, and what may happen
}

// Alias maps a name clients ask for to a model of the catalogue.
type Alias struct {
	Name  string `json:"name"` // with a * at its end it stands for every name that begins so
	Model string `json:"model"`

	// ThinkingTags lets the model think between tags in its text when a client asks for thinking, because the upstream has no field for it.
	ThinkingTags bool `json:"thinking_tags,omitempty"`
}

// Price is what tokens of a model would cost elsewhere, in US dollars for a million of them.
type Price struct {
	Model  string  `json:"model"` // with a * at its end it stands for every model that begins so
	Input  float64 `json:"input"`
	Output float64 `json:"output"`
}

// Defaults is what a new profile starts with.
func Defaults() Settings {
	return Settings{
		Port:         8080,
		LogLevel:     "info",
		DefaultModel: "claude-sonnet-4.5",
		Aliases: []Alias{
			{Name: "gpt-4", Model: "claude-sonnet-4"},
			{Name: "gpt-4-turbo", Model: "claude-sonnet-4.5"},
			{Name: "gpt-4o", Model: "claude-sonnet-4.5"},
			{Name: "gpt-4o-mini", Model: "claude-sonnet-4"},
			{Name: "gpt-3.5-turbo", Model: "claude-sonnet-4"},
		},
		StartProxy: true,
		QueueWait:  15,

		FetchImages: true,

		UpstreamSilence: 120,

		UsageRetention: 90, RollupRetention: 730,
		Prices: []Price{},

		BackupEveryHours: 24,
		BackupKeep:       7,
	}
}
