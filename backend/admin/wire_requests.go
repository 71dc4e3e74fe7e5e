package admin

import "time"

// AccountStats answers GET /admin/stats/accounts.
type AccountStats struct {
	TotalAccounts   int   `json:"total_accounts"`
	ActiveAccounts  int   `json:"active_accounts"`
	HealthyAccounts int   `json:"healthy_accounts"`
	TotalRequests   int64 `json:"total_requests"`
	TotalTokens     int64 `json:"total_tokens"`

	From     time.Time    `json:"from"` // of the window that the next is about
	To       time.Time    `json:"to"`
	Accounts []UsageShare `json:"accounts"` // the most requests first
}

// KeyStats answers GET /admin/stats/api-keys.
type KeyStats struct {
	TotalKeys     int   `json:"total_keys"`
	ActiveKeys    int   `json:"active_keys"`
	TotalRequests int64 `json:"total_requests"`

	From time.Time    `json:"from"` // of the window that the next is about
	To   time.Time    `json:"to"`
	Keys []UsageShare `json:"keys"` // the most requests first
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
	KeyID        int64     `json:"key_id"`     // 0 is none
	AccountID    int64     `json:"account_id"` // 0 is none
	BytesIn      int64     `json:"bytes_in"`
	BytesOut     int64     `json:"bytes_out"`
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

// RequestDoctor answers GET /admin/requests/{id}/doctor.
type RequestDoctor struct {
	Diagnosis
	Request *Request `json:"request"` // null if it is not on record yet
}

// Diagnosis is why a request may have failed, the worst first.
type Diagnosis struct {
	Explanation string    `json:"explanation"`
	Findings    []Finding `json:"findings"`
	Figures     *Figures  `json:"figures"` // null if the request was not sent
	Repro       string    `json:"repro"`   // the request without its words, as JSON, to report it with; may be empty
}

// RuleCode names a rule, as package checkup has them. The page has words for each.
type RuleCode string

// Finding is a rule of Amazon's that a request broke or came near to.
type Finding struct {
	Rule    RuleCode `json:"rule"`
	Level   string   `json:"level"` // broken or near
	Place   string   `json:"place"`
	Tool    string   `json:"tool,omitempty"`
	Value   int      `json:"value,omitempty"`
	Limit   int      `json:"limit,omitempty"`
	Message string   `json:"message"`
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

// RecordingStart is the body of POST /admin/recording.
type RecordingStart struct {
	Minutes int   `json:"minutes"` // until it ends by itself; 15 if left out, at most 60
	Key     int64 `json:"key"`     // the id of the only key it is of; 0 is every key
}

// Recording is whether the bodies of requests are recorded, and what has been.
type Recording struct {
	On       bool       `json:"on"`
	Until    *time.Time `json:"until"`  // when it ends by itself; null if it is off
	KeyID    int64      `json:"key_id"` // 0 is every key
	Requests int        `json:"requests"`
	Bytes    int64      `json:"bytes"`
	Full     bool       `json:"full"`   // a bound was reached: nothing more is recorded until some is deleted
	Missed   int        `json:"missed"` // requests that the disk did not take
}

// RequestBodies are the recorded bodies of one request, without the secrets that were in them.
type RequestBodies struct {
	ID         string    `json:"id"`
	At         time.Time `json:"at"`         // when the request ended
	DeletedAt  time.Time `json:"deleted_at"` // when they are gone
	Request    string    `json:"request"`
	RequestCut bool      `json:"request_cut"` // it was longer
	Answer     string    `json:"answer"`
	AnswerCut  bool      `json:"answer_cut"`
	Redacted   int       `json:"redacted"` // secrets that were taken out
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
