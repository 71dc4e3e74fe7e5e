package fault

// Said is a message for programs that have words of their own for it, the page first of all. The zero value says nothing besides the message.
type Said struct {
	Code  SaidCode `json:"code"`
	Name  string   `json:"name,omitempty"`  // of what it is about: an account, a tool, a model or a member
	Text  string   `json:"text,omitempty"`  // what needs no translation: an example, a code of Amazon's
	Count int64    `json:"count,omitempty"` // also seconds, a row, a line or an HTTP status, as the code has it
	Limit int64    `json:"limit,omitempty"`
}

// Saying adds what a message says to the fault that has it.
func (e *Error) Saying(said Said) *Error {
	e.Said = said
	return e
}

// Says is what the message says, or no more than the kind if nobody said it closer.
func (e *Error) Says() Said {
	if e.Said.Code == "" {
		return Said{Code: SaidCode(e.Kind.String())}
	}
	return e.Said
}

// OrNil is nil for the zero value.
func (s Said) OrNil() *Said {
	if s.Code == "" {
		return nil
	}
	return &s
}

// SaidCode is what a message says. Codes stay as they are once they are out.
type SaidCode string

// The codes.
const (
	// A member of what was sent: Name is the member.
	ValueMissing    SaidCode = "value_missing"
	ValueTooLong    SaidCode = "value_too_long"     // over Limit
	ValueOutOfRange SaidCode = "value_out_of_range" // from Count to Limit
	ValueForm       SaidCode = "value_form"         // must look like Text
	ValueChoice     SaidCode = "value_choice"       // must be one of Text
	ValueBroken     SaidCode = "value_broken"
	ValueNotHere    SaidCode = "value_not_here"
	ValueNotText    SaidCode = "value_not_text"
	ValueNotNumber  SaidCode = "value_not_number"
	ValueNotWhole   SaidCode = "value_not_whole"
	ValueNotTruth   SaidCode = "value_not_truth"
	ValueNotTime    SaidCode = "value_not_time"
	ValueTwice      SaidCode = "value_twice"

	// Accounts as text.
	RowRepeats       SaidCode = "row_repeats"     // row Count
	RowTokenTaken    SaidCode = "row_token_taken" // by Name
	RowTwoTokens     SaidCode = "row_two_tokens"
	RowContradicts   SaidCode = "row_contradicts"
	RowNoAccount     SaidCode = "row_no_account"
	RowQuotation     SaidCode = "row_quotation"
	RowCells         SaidCode = "row_cells"
	TextEmpty        SaidCode = "text_empty"
	TextTooLong      SaidCode = "text_too_long"
	TextNotUTF8      SaidCode = "text_not_utf8"
	TextTooMany      SaidCode = "text_too_many"
	TextUnknown      SaidCode = "text_unknown"
	TextNotJSON      SaidCode = "text_not_json" // line Count
	TextOfNewer      SaidCode = "text_of_newer"
	TextDamaged      SaidCode = "text_damaged"
	TextSealedForKey SaidCode = "text_sealed_for_key"
	PassphraseShort  SaidCode = "passphrase_short" // under Limit
	PassphraseNeeded SaidCode = "passphrase_needed"
	PassphraseWrong  SaidCode = "passphrase_wrong"

	// What other tools are signed in to: Name is the tool.
	FindGone       SaidCode = "find_gone"
	FindDamaged    SaidCode = "find_damaged"
	FindBusy       SaidCode = "find_busy"
	FindForbidden  SaidCode = "find_forbidden"
	FindUnreadable SaidCode = "find_unreadable"
	FindNoToken    SaidCode = "find_no_token"
	FindNoClient   SaidCode = "find_no_client"
	FindEnded      SaidCode = "find_ended"
	FindWrongValue SaidCode = "find_wrong_value" // in Text

	// Accounts and whose turn it is.
	NoAccount      SaidCode = "no_account"
	AccountsGone   SaidCode = "accounts_gone"
	AllTried       SaidCode = "all_tried"
	ModelUnknown   SaidCode = "model_unknown"     // Name
	ModelMissing   SaidCode = "model_missing"     // Name
	ModelNotForKey SaidCode = "model_not_for_key" // Name
	NobodyServes   SaidCode = "nobody_serves"
	NobodyForKey   SaidCode = "nobody_for_key"
	AllRest        SaidCode = "all_rest" // until Name returns in Count seconds
	AllBusy        SaidCode = "all_busy"
	PoolPaused     SaidCode = "pool_paused"
	AccountMoved   SaidCode = "account_moved"
	AccountGone    SaidCode = "account_gone"
	SecretsMissing SaidCode = "secrets_missing"
	RenewalStuck   SaidCode = "renewal_stuck"

	// Amazon and the way there. Text is Amazon's own code, Count an HTTP status.
	NetworkAway      SaidCode = "offline"
	Certificate      SaidCode = "certificate"
	Unreachable      SaidCode = "unreachable"
	NoAnswer         SaidCode = "no_answer"
	BrokeOff         SaidCode = "broke_off"
	ProxyLogin       SaidCode = "proxy_login"
	ProxyUnreachable SaidCode = "proxy_unreachable" // Text says why
	NameUnknown      SaidCode = "name_unknown"      // of a host
	AmazonTrouble    SaidCode = "amazon_trouble"
	AmazonSlowDown   SaidCode = "amazon_slow_down"
	AmazonOdd        SaidCode = "amazon_odd"

	// Sign-ins.
	SignInEnded     SaidCode = "sign_in_ended"
	ClientRefused   SaidCode = "client_refused"
	AccessDenied    SaidCode = "access_denied"
	StartURLUnknown SaidCode = "start_url_unknown"
	StartRefused    SaidCode = "start_refused"
	NoRefreshToken  SaidCode = "no_refresh_token"
	SignInWaits     SaidCode = "sign_in_waits"
	SignInLate      SaidCode = "sign_in_late"
	SignInDenied    SaidCode = "sign_in_denied"
	SignInRefused   SaidCode = "sign_in_refused"
	SignInUnknown   SaidCode = "sign_in_unknown"
	SignInsMany     SaidCode = "sign_ins_many" // Count of them
	SignInTooLate   SaidCode = "sign_in_too_late"
	SignInCutOff    SaidCode = "sign_in_cut_off"
	SignInCancelled SaidCode = "sign_in_cancelled"
	SignInUnasked   SaidCode = "sign_in_unasked"
	NoProfile       SaidCode = "no_profile"
	ProfileLate     SaidCode = "profile_late"
	RegionUnknown   SaidCode = "region_unknown" // Name

	// The vault.
	VaultSilent    SaidCode = "vault_silent"
	VaultUnread    SaidCode = "vault_unread"
	KeychainBusy   SaidCode = "keychain_busy"
	KeychainLocked SaidCode = "keychain_locked"
	KeychainRefuse SaidCode = "keychain_refuses"
	KeychainAbsent SaidCode = "keychain_absent"
	VaultDamaged   SaidCode = "vault_damaged"
	VaultUnwritten SaidCode = "vault_unwritten"

	// A kind of fault, of which nothing closer is known.
	OnlyInternal         SaidCode = "internal"
	OnlyInvalid          SaidCode = "invalid"
	OnlyTooLong          SaidCode = "too_long"
	OnlyTooLarge         SaidCode = "too_large"
	OnlyUnauthenticated  SaidCode = "unauthenticated"
	OnlyForbidden        SaidCode = "forbidden"
	OnlyNotFound         SaidCode = "not_found"
	OnlyLimited          SaidCode = "limited"
	OnlyThrottled        SaidCode = "throttled"
	OnlyExhausted        SaidCode = "exhausted"
	OnlyCredential       SaidCode = "credential"
	OnlySuspended        SaidCode = "suspended"
	OnlySuspicious       SaidCode = "suspicious"
	OnlyRefused          SaidCode = "refused"
	OnlyModelUnavailable SaidCode = "model_unavailable"
	OnlyOverloaded       SaidCode = "overloaded"
	OnlyUnavailable      SaidCode = "unavailable"
	OnlyLocked           SaidCode = "locked"
	OnlyConflict         SaidCode = "conflict"
	OnlyCanceled         SaidCode = "canceled"
)
