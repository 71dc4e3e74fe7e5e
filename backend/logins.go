package backend

import (
	"context"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/amazonq/login"
)

// logins is the desk of sign-ins as the admin API sees it.
type logins struct {
	desk   *login.Desk
	roster *account.Roster
}

// Start begins a sign-in. For an account that is there it asks for what that account was, unless the body says otherwise.
func (l logins) Start(ctx context.Context, wanted admin.LoginStart) (admin.Login, error) {
	request := login.Request{
		Service: account.Service(wanted.Service), Method: account.Method(wanted.Method), StartURL: wanted.StartURL, Region: wanted.SignInRegion,
		Name: wanted.Name, AccountID: wanted.AccountID,
	}
	if wanted.AccountID != 0 {
		view, err := l.roster.Get(ctx, wanted.AccountID)
		if err != nil {
			return admin.Login{}, err
		}
		request = again(request, view.Account)
	}
	if request.Method == "" {
		request.Method = account.BuilderID
		if request.StartURL != "" && request.StartURL != account.BuilderIDStartURL {
			request.Method = account.IdentityCenter
		}
	}
	return showLogin(l.desk.Start(ctx, request))
}

// again fills a request to sign an account in again with what the account was. Another method takes nothing over.
func again(r login.Request, was account.Account) login.Request {
	if r.Service == "" {
		r.Service = was.Service
	}
	if r.Method == "" && r.StartURL == "" {
		r.Method, r.StartURL, r.Region = was.Method, was.StartURL, was.SignInRegion
	}
	return r
}

// List is every sign-in that is under way or ended a short while ago, the newest first.
func (l logins) List() []admin.Login {
	shown := []admin.Login{}
	for _, s := range l.desk.List() {
		one, _ := showLogin(s, nil)
		shown = append(shown, one)
	}
	return shown
}

// Get is one sign-in.
func (l logins) Get(id string) (admin.Login, error) { return showLogin(l.desk.Get(id)) }

// Choose goes on with a profile.
func (l logins) Choose(ctx context.Context, id, profileARN string) (admin.Login, error) {
	if err := l.desk.Choose(ctx, id, profileARN); err != nil {
		return admin.Login{}, err
	}
	return l.Get(id)
}

// Cancel ends a sign-in that waits for somebody.
func (l logins) Cancel(id string) (admin.Login, error) {
	if err := l.desk.Cancel(id); err != nil {
		return admin.Login{}, err
	}
	return l.Get(id)
}

func showLogin(s login.SignIn, err error) (admin.Login, error) {
	shown := admin.Login{
		ID: s.ID, State: string(s.State), Name: s.Name, Service: string(s.Service), Method: string(s.Method), UserCode: s.UserCode, VerificationURI: s.VerificationURI,
		VerificationURIComplete: s.VerificationURIComplete, StartedAt: s.StartedAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), Profiles: []admin.Profile{},
		AccountID: s.AccountID, Message: s.Message, Said: s.Said.OrNil(),
	}
	for _, p := range s.Profiles {
		shown.Profiles = append(shown.Profiles, admin.Profile{ARN: p.ARN, Name: p.Name})
	}
	return shown, err
}

// signInPerMinute is the pace of an account that somebody signed in to, who sees it and can change it.
const signInPerMinute = 30

// keepSignIn makes an account of what a sign-in brought, or signs in again the account that it was for.
func (b *Backend) keepSignIn(ctx context.Context, o login.Outcome) (accountID int64, err error) {
	startURL, expires := o.StartURL, o.Registration.ExpiresAt
	if o.Method == account.BuilderID {
		startURL = ""
	}
	if o.AccountID != 0 {
		return o.AccountID, b.signInAgain(ctx, o, startURL, expires)
	}
	perMinute := signInPerMinute
	view, err := b.roster.Add(ctx, account.Draft{
		Name: nameOf(o), Service: o.Service, Method: o.Method, StartURL: startURL, SignInRegion: o.Region, ProfileARN: o.ProfileARN,
		ClientID: o.Registration.ClientID, ClientExpiresAt: expires, Source: account.SourceSignIn, Pace: account.EnvelopeEdit{RequestsPerMinute: &perMinute},
		Secrets: account.Secrets{RefreshToken: o.Tokens.RefreshToken, ClientSecret: o.Registration.ClientSecret},
	})
	return view.ID, err
}

func (b *Backend) signInAgain(ctx context.Context, o login.Outcome, startURL string, expires time.Time) error {
	unknown := "" // whose it is the provider tells
	edit := account.Edit{
		Email: &unknown, Service: &o.Service, Method: &o.Method, StartURL: &startURL, SignInRegion: &o.Region, ProfileARN: &o.ProfileARN, ClientID: &o.Registration.ClientID,
		ClientExpiresAt: &expires, RefreshToken: &o.Tokens.RefreshToken, ClientSecret: &o.Registration.ClientSecret,
	}
	if was, err := b.roster.Get(ctx, o.AccountID); err == nil && was.Service != o.Service {
		usual := ""
		edit.Origin = &usual // what it was set to belongs to the other service
	}
	_, err := b.roster.Update(ctx, o.AccountID, edit)
	return err
}

// nameOf is the name that the user gave a sign-in, or one that says what it is.
func nameOf(o login.Outcome) string {
	switch {
	case o.Name != "":
		return o.Name
	case o.Service == account.Kiro:
		return "Kiro"
	case o.Method == account.IdentityCenter:
		return "Amazon Q (company)"
	default:
		return "Amazon Q"
	}
}
