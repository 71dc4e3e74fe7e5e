package admin

import "time"

// The types of the admin API, as they go over the wire. Times are RFC 3339; null means never or unknown; a limit of 0 is no cap.

// Account is an account as the admin API shows it. Secrets are never part of it.
type Account struct {
	ID                int64      `json:"id"`
	Name              string     `json:"name"`
	Service           string     `json:"service"`
	Method            string     `json:"method"` // builder_id, identity_center, social, api_key
	Email             string     `json:"email"`  // empty is unknown
	ProfileARN        string     `json:"profile_arn"`
	StartURL          string     `json:"start_url"`
	SignInRegion      string     `json:"sign_in_region"`
	Origin            string     `json:"origin"` // empty is the service's usual one
	IsActive          bool       `json:"is_active"`
	IsHealthy         bool       `json:"is_healthy"`
	Status            string     `json:"status"` // ready, cooling_down, exhausted, needs_sign_in, suspended, disabled
	StatusReason      string     `json:"status_reason"`
	StatusKind        string     `json:"status_kind"` // fault kind behind the status; empty if ready
	CooldownUntil     *time.Time `json:"cooldown_until"`
	TotalRequests     int64      `json:"total_requests"`
	TotalTokens       int64      `json:"total_tokens"`
	LastUsed          *time.Time `json:"last_used"`
	LastHealthCheck   *time.Time `json:"last_health_check"`
	HealthCheckError  string     `json:"health_check_error"`
	RequestsPerMinute int        `json:"requests_per_minute"`
	MaxConcurrent     int        `json:"max_concurrent"`
	SpacingMS         int64      `json:"spacing_ms"`
	DailyCredits      float64    `json:"daily_credits"`
	ReserveCredits    float64    `json:"reserve_credits"`
	Priority          int        `json:"priority"`
	Weight            int        `json:"weight"`
	CurrentRPM        int        `json:"current_rpm"`
	InFlight          int        `json:"in_flight"`
	CreditsToday      float64    `json:"credits_today"`
	Load              float64    `json:"load"`          // from 0 to 1: how much of its envelope is in use
	LoadOf            string     `json:"load_of"`       // the cap that is nearest: rate, concurrency or daily_credits; empty without caps
	Quota             *Quota     `json:"quota"`         // null is unknown
	Models            []string   `json:"models"`        // empty is unknown
	Ends              []End      `json:"ends"`          // what of it comes to an end, the soonest first
	SignInAgain       bool       `json:"sign_in_again"` // POST /admin/accounts/login with its account_id mends it
	Successor         string     `json:"successor"`     // the service it should move to; empty if none
	Notes             string     `json:"notes"`
	Source            string     `json:"source"`
	CreatedAt         time.Time  `json:"created_at"`
	UpdatedAt         time.Time  `json:"updated_at"`
}

// Quota is what the provider tells about an account's plan. What is null or empty is unknown.
type Quota struct {
	Plan     string     `json:"plan"`
	Unit     string     `json:"unit"` // of used, limit and left, e.g. credit
	Used     *float64   `json:"used"`
	Limit    *float64   `json:"limit"`
	Left     *float64   `json:"left"`
	ResetsAt *time.Time `json:"resets_at"`
	Overage  bool       `json:"overage"` // more than the limit may be used, for money
	At       time.Time  `json:"at"`
}

// End is something of an account that comes to an end.
type End struct {
	What string    `json:"what"` // registration: it must sign in again then; service: its provider ends it
	At   time.Time `json:"at"`
	Soon bool      `json:"soon"` // it is time to do something about it
}

// AccountPace is how hard an account may be used. Absent numbers take their defaults, or stay as they are.
type AccountPace struct {
	RequestsPerMinute *int     `json:"requests_per_minute"`
	MaxConcurrent     *int     `json:"max_concurrent"`
	SpacingMS         *int     `json:"spacing_ms"`
	DailyCredits      *float64 `json:"daily_credits"`
	ReserveCredits    *float64 `json:"reserve_credits"`
	Priority          *int     `json:"priority"`
	Weight            *int     `json:"weight"`
}

// AccountCreate is the body of POST /admin/accounts.
type AccountCreate struct {
	Name         string `json:"name"`
	Service      string `json:"service"` // amazonq or kiro; empty is amazonq
	Method       string `json:"method"`  // builder_id, identity_center, social or api_key; empty is what the other members say
	RefreshToken string `json:"refresh_token"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	ProfileARN   string `json:"profile_arn"`
	StartURL     string `json:"start_url"`
	SignInRegion string `json:"sign_in_region"`
	Origin       string `json:"origin"`
	AccountPace
	Notes    string `json:"notes"`
	IsActive *bool  `json:"is_active"`
}

// AccountUpdate is the body of PUT /admin/accounts/{id}: what is absent stays as it is.
type AccountUpdate struct {
	Name         *string `json:"name"`
	RefreshToken *string `json:"refresh_token"`
	ClientID     *string `json:"client_id"`
	ClientSecret *string `json:"client_secret"`
	ProfileARN   *string `json:"profile_arn"`
	SignInRegion *string `json:"sign_in_region"`
	Origin       *string `json:"origin"`
	AccountPace
	Notes    *string `json:"notes"`
	IsActive *bool   `json:"is_active"`
}

// LoginStart is the body of POST /admin/accounts/login. With an account_id that account is signed in again, and what is absent is as it was.
type LoginStart struct {
	Service      string `json:"service"` // amazonq or kiro; empty is amazonq
	Method       string `json:"method"`  // builder_id or identity_center; empty is what start_url says
	StartURL     string `json:"start_url"`
	SignInRegion string `json:"sign_in_region"` // of the Identity Center
	Name         string `json:"name"`
	AccountID    int64  `json:"account_id"`
}

// LoginUpdate is the body of POST /admin/accounts/login/{login}/profile: which of the offered profiles to use.
type LoginUpdate struct {
	ProfileARN string `json:"profile_arn"`
}

// Login is a sign-in under way. It goes on by itself; a change is announced as the noun logins.
type Login struct {
	ID                      string    `json:"id"`
	State                   string    `json:"state"` // waiting, choosing, finishing, done, denied, expired, cancelled, failed
	Name                    string    `json:"name"`  // of the account that comes of it; empty leaves it to AMQ2API
	Service                 string    `json:"service"`
	Method                  string    `json:"method"`
	UserCode                string    `json:"user_code"`
	VerificationURI         string    `json:"verification_uri"`
	VerificationURIComplete string    `json:"verification_uri_complete"` // with the code in it, to open in a browser
	StartedAt               time.Time `json:"started_at"`
	ExpiresAt               time.Time `json:"expires_at"`
	Profiles                []Profile `json:"profiles"`   // to choose from, in the state choosing
	AccountID               int64     `json:"account_id"` // 0 for a new account until it is done
	Message                 string    `json:"message"`    // why it ended, if not well
}

// Profile is one that an Identity Center offers.
type Profile struct {
	ARN  string `json:"arn"`
	Name string `json:"name"`
}

// Find is an account that another tool on this computer is signed in to.
type Find struct {
	ID           string     `json:"id"`
	Tool         string     `json:"tool"`
	Path         string     `json:"path"`
	Name         string     `json:"name"`
	Service      string     `json:"service"`
	Method       string     `json:"method"`
	StartURL     string     `json:"start_url"`
	SignInRegion string     `json:"sign_in_region"`
	ExpiresAt    *time.Time `json:"expires_at"` // of its access token; null is unknown
	State        string     `json:"state"`      // valid, duplicate or broken
	Message      string     `json:"message"`    // why it is not valid
	Shares       bool       `json:"shares"`     // the tool and AMQ2API would share one rotating token, and one of them may be signed out by that
}

// ImportStart is the body of POST /admin/accounts/import: the ids of finds.
type ImportStart struct {
	IDs []string `json:"ids"`
}

// BulkStart is the body of POST /admin/accounts/bulk.
type BulkStart struct {
	Text       string `json:"text"`       // JSON, CSV with a header, or a file of POST /admin/accounts/export
	Passphrase string `json:"passphrase"` // of such a file
	Write      bool   `json:"write"`      // add the valid rows; without it nothing is written
}

// BulkRow says what became, or would become, of one row.
type BulkRow struct {
	Row       int    `json:"row"` // from 1; 0 for finds, which have no rows
	Name      string `json:"name"`
	State     string `json:"state"` // valid, duplicate, broken, added or failed
	Message   string `json:"message"`
	Field     string `json:"field"`
	AccountID int64  `json:"account_id"` // of a row that was added
}

// ExportStart is the body of POST /admin/accounts/export. The exported accounts are signed out here: a rotating token has one home.
type ExportStart struct {
	Passphrase string  `json:"passphrase"`
	IDs        []int64 `json:"ids"`
	All        bool    `json:"all"` // instead of ids
}

// Export is a sealed file that POST /admin/accounts/bulk takes on another machine.
type Export struct {
	Text     string `json:"text"`
	Accounts int    `json:"accounts"`
}

// Next answers GET /admin/accounts/next: who would serve a request now, and why each other account would not.
type Next struct {
	Model       string      `json:"model"`      // the upstream's id
	AccountID   int64       `json:"account_id"` // 0 if nobody could serve this moment
	Account     string      `json:"account"`
	Ground      string      `json:"ground"`  // turn, session or least_bad; empty if nobody could serve
	WaitS       int         `json:"wait_s"`  // how long a request would wait; 0 if not at all, or until another one ends
	Refusal     string      `json:"refusal"` // what a request would be told at once; empty if it would be served or wait
	RetryAfterS int         `json:"retry_after_s"`
	Waiting     int         `json:"waiting"`      // requests in the queue
	PausedUntil *time.Time  `json:"paused_until"` // POST /admin/accounts/resume ends it
	SlowUntil   *time.Time  `json:"slow_until"`
	Accounts    []Candidate `json:"accounts"` // in the order of their turns
}

// Candidate is one account as the scheduler sees it for one request.
type Candidate struct {
	AccountID  int64      `json:"account_id"`
	Account    string     `json:"account"`
	By         string     `json:"by"`     // what keeps it from serving, e.g. cooling_down; empty if nothing does
	Reason     string     `json:"reason"` // the same in a sentence
	Until      *time.Time `json:"until"`  // when time alone ends that
	CurrentRPM int        `json:"current_rpm"`
	InFlight   int        `json:"in_flight"`
}

// Key is a client key as the admin API shows it.
type Key struct {
	ID                int64      `json:"id"`
	Name              string     `json:"name"`
	Description       string     `json:"description"`
	KeyPrefix         string     `json:"key_prefix"`
	IsActive          bool       `json:"is_active"`
	TotalRequests     int64      `json:"total_requests"`
	LastUsed          *time.Time `json:"last_used"`
	RequestsPerMinute int        `json:"requests_per_minute"`
	RequestsPerDay    int        `json:"requests_per_day"`
	CurrentRPM        int        `json:"current_rpm"`
	CurrentRPD        int        `json:"current_rpd"`
	CreatedAt         time.Time  `json:"created_at"`
	UpdatedAt         time.Time  `json:"updated_at"`
	ExpiresAt         *time.Time `json:"expires_at"`
	DefaultModel      string     `json:"default_model"`  // stands in for a model there is not; empty is the one in the settings
	AllowedModels     []string   `json:"allowed_models"` // empty is all
}

// NewKey answers POST /admin/api-keys: the only time the key's text is shown.
type NewKey struct {
	Key
	Text string `json:"key"`
}

// KeyCreate is the body of POST /admin/api-keys.
type KeyCreate struct {
	Name              string `json:"name"`
	Description       string `json:"description"`
	RequestsPerMinute *int   `json:"requests_per_minute"`
	RequestsPerDay    *int   `json:"requests_per_day"`
	ExpiresDays       *int   `json:"expires_days"`

	DefaultModel  string   `json:"default_model"`
	AllowedModels []string `json:"allowed_models"` // with a * at its end a name stands for all that begin so
}

// KeyUpdate is the body of PUT /admin/api-keys/{id}: what is absent stays as it is.
type KeyUpdate struct {
	Name              *string `json:"name"`
	Description       *string `json:"description"`
	RequestsPerMinute *int    `json:"requests_per_minute"`
	RequestsPerDay    *int    `json:"requests_per_day"`
	ExpiresDays       Days    `json:"expires_days"` // counted from now; null or 0 means never

	DefaultModel  *string   `json:"default_model"`
	AllowedModels *[]string `json:"allowed_models"`
	IsActive      *bool     `json:"is_active"`
}

// Days is a number of days in a partial update, where null says something else than an absent member.
type Days struct {
	Given bool
	Count int // 0 for null
}

// AccountStats answers GET /admin/stats/accounts.
type AccountStats struct {
	TotalAccounts   int   `json:"total_accounts"`
	ActiveAccounts  int   `json:"active_accounts"`
	HealthyAccounts int   `json:"healthy_accounts"`
	TotalRequests   int64 `json:"total_requests"`
	TotalTokens     int64 `json:"total_tokens"`
}

// KeyStats answers GET /admin/stats/api-keys.
type KeyStats struct {
	TotalKeys     int   `json:"total_keys"`
	ActiveKeys    int   `json:"active_keys"`
	TotalRequests int64 `json:"total_requests"`
}

// Overview answers GET /admin/stats/overview: the numbers and the traffic of the dashboard.
type Overview struct {
	RequestsLastMinute int       `json:"requests_last_minute"`
	RequestsToday      int64     `json:"requests_today"` // since midnight UTC
	ErrorsToday        int64     `json:"errors_today"`
	InputTokensToday   int64     `json:"input_tokens_today"`
	OutputTokensToday  int64     `json:"output_tokens_today"`
	FirstEventP50MS    *int64    `json:"first_event_p50_ms"` // null without requests in the last hour
	FirstEventP95MS    *int64    `json:"first_event_p95_ms"`
	Traffic            []Traffic `json:"traffic"` // the last 60 minutes, oldest first, one entry a minute
}

// Traffic is one minute of requests.
type Traffic struct {
	At        time.Time `json:"at"`
	Succeeded int       `json:"succeeded"`
	Failed    int       `json:"failed"`
}

// Request is one line of GET /admin/requests, newest first.
type Request struct {
	ID           string    `json:"id"`
	At           time.Time `json:"at"`
	Key          string    `json:"key"`
	Client       string    `json:"client"`
	Dialect      string    `json:"dialect"`
	ModelAsked   string    `json:"model_asked"`
	ModelUsed    string    `json:"model_used"`
	Account      string    `json:"account"`
	Attempts     []Attempt `json:"attempts"` // in the order they were made
	Streaming    bool      `json:"streaming"`
	Status       int       `json:"status"`
	Fault        string    `json:"fault"`
	Message      string    `json:"message"`
	InputTokens  int       `json:"input_tokens"`
	OutputTokens int       `json:"output_tokens"`
	TokensSource string    `json:"tokens_source"` // measured, derived, estimated
	FirstEventMS int64     `json:"first_event_ms"`
	DurationMS   int64     `json:"duration_ms"`
}

// Attempt is one account's try at a request, and why it was that account.
type Attempt struct {
	AccountID  int64    `json:"account_id"`
	Account    string   `json:"account"`
	Fault      string   `json:"fault"` // empty if it answered
	DurationMS int64    `json:"duration_ms"`
	Ground     string   `json:"ground"`      // turn, session or least_bad
	PassedOver []Passed `json:"passed_over"` // accounts whose turn it would have been
}

// Passed is an account that could not serve when it would have been its turn.
type Passed struct {
	Account string `json:"account"`
	By      string `json:"by"`     // what kept it
	Kind    string `json:"kind"`   // the fault behind a cool-down
	WaitS   int64  `json:"wait_s"` // until it returned; 0 is unknown
}

// State answers GET /admin/state: the shell of the page.
type State struct {
	Capturing bool       `json:"capturing"` // a conversation is being kept with everything said in it
	Version   string     `json:"version"`
	Demo      bool       `json:"demo"`
	Proxy     ProxyState `json:"proxy"`
	StartedAt time.Time  `json:"started_at"`
	Vault     VaultState `json:"vault"`
}

// ProxyState is the listener's state. A headless process cannot be stopped through the API.
type ProxyState struct {
	Running    bool        `json:"running"`
	CanStop    bool        `json:"can_stop"`
	Port       int         `json:"port"`
	Addresses  []string    `json:"addresses"` // base URLs, e.g. http://127.0.0.1:8080
	InFlight   int         `json:"in_flight"` // generation requests being answered
	Error      *ProxyError `json:"error"`     // why the last start failed; null if it did not
	RunningFor int64       `json:"running_for_s"`
}

// ProxyError says why the listener could not start.
type ProxyError struct {
	Code     string `json:"code"` // port_in_use, port_forbidden, failed
	Message  string `json:"message"`
	Port     int    `json:"port"`
	SelfHeld bool   `json:"self_held"` // the port is held by another AMQ2API
	FreePort int    `json:"free_port"` // a port that is free right now; 0 if none was found
}

// ProxyStart is the body of POST /admin/proxy/start; port 0 keeps the setting.
type ProxyStart struct {
	Port int `json:"port"`
}

// VaultState says where secrets are kept and whether they can be reached.
type VaultState struct {
	Kind    string `json:"kind"` // keychain, file, memory
	Ready   bool   `json:"ready"`
	Message string `json:"message"`
}

// Change is one event of GET /admin/events: something of this noun changed, fetch it again.
type Change struct {
	Noun string `json:"noun"` // accounts, logins, api-keys, requests, proxy, settings
}

// Failure is the body of every error answer.
type Failure struct {
	Error FailureBody `json:"error"`
}

// FailureBody says what is wrong in a form programs and people can use.
type FailureBody struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

// SignIn is the body of POST /admin/session: the admin token, or a one-time code.
type SignIn struct {
	Token string `json:"token"`
	Code  string `json:"code"`
}

// Session answers GET and POST /admin/session.
type Session struct {
	SignedIn bool `json:"signed_in"`
	Window   bool `json:"window"` // the page is inside the app's own window
}

// HandoverCode answers POST /admin/session/handover: a code that signs one browser in, once, within a minute.
type HandoverCode struct {
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expires_at"`
}

// UpstreamProxy answers GET /admin/upstream-proxy.
type UpstreamProxy struct {
	URL         string `json:"url"` // as in the settings
	HasPassword bool   `json:"has_password"`
}

// ProxyPassword is the body of PUT /admin/upstream-proxy/password; an empty one is forgotten.
type ProxyPassword struct {
	Password string `json:"password"`
}

// UpstreamProxyTest is the body of POST /admin/upstream-proxy/test; what is left out is as in the settings.
type UpstreamProxyTest struct {
	URL      string `json:"url"`
	Password string `json:"password"`
}

// ProxyTrial says whether Amazon answered, and if not, how far the call got.
type ProxyTrial struct {
	OK           bool   `json:"ok"`
	Milliseconds int64  `json:"ms"`
	Message      string `json:"message"`
}

// Verdict is how a check came out.
type Verdict string

// The verdicts.
const (
	Healthy Verdict = "ok"
	Notable Verdict = "note" // nothing to do in a hurry
	Broken  Verdict = "fail"
)

// Check is one line of GET /admin/selftest, and of what `amq2api doctor` prints.
type Check struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Account string  `json:"account,omitempty"`
	Message string  `json:"message"`
	Mend    string  `json:"mend,omitempty"` // what to do; empty if nothing
}

// RequestDoctor answers GET /admin/requests/{id}/doctor.
type RequestDoctor struct {
	Diagnosis
	Request *Request `json:"request"` // null if it is not on record yet
}

// Diagnosis is why a request may have failed, the worst first.
type Diagnosis struct {
	Explanation string    `json:"explanation"`
	Findings    []Finding `json:"findings"`
	Figures     Figures   `json:"figures"` // zero if the request was not sent
	Repro       string    `json:"repro"`   // the request without its words, as JSON, to report it with; may be empty
}

// Finding is a rule of Amazon's that a request broke or came near to.
type Finding struct {
	Rule    string `json:"rule"`
	Level   string `json:"level"` // broken or near
	Place   string `json:"place"`
	Tool    string `json:"tool,omitempty"`
	Value   int    `json:"value,omitempty"`
	Limit   int    `json:"limit,omitempty"`
	Message string `json:"message"`
}

// Figures are the sizes of a request, in bytes where they are not counts.
type Figures struct {
	Bytes          int    `json:"bytes"`
	History        int    `json:"history"`
	Tools          int    `json:"tools"`
	Images         int    `json:"images"`
	LargestMessage int    `json:"largest_message"`
	MessagePlace   string `json:"largest_message_place"`
	LargestResult  int    `json:"largest_result"`
	ResultPlace    string `json:"largest_result_place"`
	LargestTool    int    `json:"largest_tool"`
	ToolName       string `json:"largest_tool_name"`
}

// CaptureStart is the body of POST /admin/captures.
type CaptureStart struct {
	Minutes int `json:"minutes"` // until it ends by itself; 10 if left out, at most 60
}

// Capture is a conversation that is or was kept with everything said in it.
type Capture struct {
	Name      string     `json:"name"`
	State     string     `json:"state"`     // waiting, recording, done or failed
	Until     *time.Time `json:"until"`     // null once it has ended
	Exchanges int        `json:"exchanges"` // 0 for one that has ended
	Bytes     int64      `json:"bytes"`
	At        time.Time  `json:"at"`
}
