package backend

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"amq2api/backend/secret"
)

// Environment is what the user set outside the program. Everything in it is optional.
type Environment struct {
	DatabasePath   string // the profile is its folder
	Port           int    // 0 is unset
	APIEndpoint    string
	TokenEndpoint  string
	Vault          string // keychain, file, or empty for the default
	PassphraseFile string
	AdminToken     secret.String // zero is unset
	Account        EnvironmentAccount
	Home           string              // the user's folder, where other tools keep their sign-ins; empty is nowhere
	Lookup         func(string) string // other tools' variables; nil is none
}

// EnvironmentAccount is the older way to name a single account; it is imported once.
type EnvironmentAccount struct {
	RefreshToken secret.String
	ClientID     string
	ClientSecret secret.String
	ProfileARN   string
	SignInRegion string // that of the token endpoint; empty is the usual one
}

// secretVariables are unset once they are read, so that no child process and no dump of the environment shows them.
var secretVariables = []string{"AMAZONQ_REFRESH_TOKEN", "AMAZONQ_CLIENT_SECRET", "AMQ2API_ADMIN_TOKEN"}

// minAdminToken is the shortest admin token a user may choose, in characters.
const minAdminToken = 16

// ReadEnvironment reads the documented variables and unsets the secret ones. It refuses values that cannot be meant.
func ReadEnvironment() (Environment, error) {
	env := Environment{
		DatabasePath:   os.Getenv("DATABASE_PATH"),
		APIEndpoint:    os.Getenv("AMAZONQ_API_ENDPOINT"),
		TokenEndpoint:  os.Getenv("AMAZONQ_TOKEN_ENDPOINT"),
		Vault:          os.Getenv("AMQ2API_VAULT"),
		PassphraseFile: os.Getenv("AMQ2API_VAULT_PASSPHRASE_FILE"),
		AdminToken:     secret.New(strings.TrimSpace(os.Getenv("AMQ2API_ADMIN_TOKEN"))),
		Account: EnvironmentAccount{
			RefreshToken: secret.New(os.Getenv("AMAZONQ_REFRESH_TOKEN")), ClientID: os.Getenv("AMAZONQ_CLIENT_ID"),
			ClientSecret: secret.New(os.Getenv("AMAZONQ_CLIENT_SECRET")), ProfileARN: os.Getenv("AMAZONQ_PROFILE_ARN"),
		},
	}
	env.Home, _ = os.UserHomeDir() // without one nothing is found there
	env.Lookup = os.Getenv
	for _, name := range secretVariables {
		if err := os.Unsetenv(name); err != nil {
			return env, fmt.Errorf("unset %s: %w", name, err)
		}
	}
	return env, env.complete()
}

// complete reads what the variables only point to, and checks the rest.
func (env *Environment) complete() error {
	env.Account.SignInRegion = regionOf(env.TokenEndpoint)
	if err := env.readPort(os.Getenv("PORT")); err != nil {
		return err
	}
	if err := env.readAdminToken(os.Getenv("AMQ2API_ADMIN_TOKEN_FILE")); err != nil {
		return err
	}
	switch env.Vault {
	case "", VaultKeychain, VaultFile:
	default:
		return fmt.Errorf("AMQ2API_VAULT is %q; it must be %s or %s", env.Vault, VaultKeychain, VaultFile)
	}
	if env.DatabasePath == "" {
		path, err := defaultDatabasePath()
		if err != nil {
			return err
		}
		env.DatabasePath = path
	}
	env.followProfile()
	return nil
}

// oidcHost is the name of a region's token service.
var oidcHost = regexp.MustCompile(`^oidc\.([a-z0-9-]+)\.amazonaws\.com$`)

// regionOf is the region in the name of a token endpoint's host; empty if there is none.
func regionOf(endpoint string) string {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	if found := oidcHost.FindStringSubmatch(strings.ToLower(parsed.Hostname())); found != nil {
		return found[1]
	}
	return ""
}

func (env *Environment) readPort(text string) error {
	if text == "" {
		return nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return fmt.Errorf("PORT is %q; it must be a number from 1 to 65535", text)
	}
	env.Port = port
	return nil
}

func (env *Environment) readAdminToken(file string) error {
	if file != "" && env.AdminToken.IsZero() {
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("AMQ2API_ADMIN_TOKEN_FILE: %w", err)
		}
		env.AdminToken = secret.New(strings.TrimSpace(string(text)))
		if env.AdminToken.IsZero() {
			return fmt.Errorf("AMQ2API_ADMIN_TOKEN_FILE is empty; put a token of at least %d characters in it", minAdminToken)
		}
	}
	if !env.AdminToken.IsZero() && len(env.AdminToken.Reveal()) < minAdminToken {
		return fmt.Errorf("the admin token has fewer than %d characters; choose a longer one, or unset it and one is made", minAdminToken)
	}
	return nil
}

// defaultDatabasePath is where the profile lives unless DATABASE_PATH says otherwise.
func defaultDatabasePath() (string, error) {
	const file = "amq2api.db"
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder (set DATABASE_PATH instead): %w", err)
	}
	switch runtime.GOOS {
	case "windows":
		if local := os.Getenv("LOCALAPPDATA"); local != "" {
			return filepath.Join(local, "AMQ2API", file), nil
		}
		return filepath.Join(home, "AppData", "Local", "AMQ2API", file), nil
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "AMQ2API", file), nil
	}
	if share := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(share) {
		return filepath.Join(share, "amq2api", file), nil
	}
	return filepath.Join(home, ".local", "share", "amq2api", file), nil
}

// ProfileDir is the folder of the profile.
func (env Environment) ProfileDir() string {
	dir, err := filepath.Abs(filepath.Dir(env.DatabasePath))
	if err != nil {
		return filepath.Dir(env.DatabasePath)
	}
	return dir
}
