package login

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// The paths of the calls. Source: the public API model; the last is from observed calls.
const (
	tokenPath     = "/token"
	registerPath  = "/client/register"
	authorizePath = "/device_authorization"
	socialPath    = "/refreshToken"
)

const (
	awsDomain    = ".amazonaws.com"
	socialDomain = ".auth.desktop.kiro.dev"
)

var region = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)

// overrideHost is a name of the token service's own, also by way of a private network, with its region. Other names of AWS are anybody's:
// buckets, machines, load balancers. Source: the public API model and AWS's naming of endpoints.
var overrideHost = regexp.MustCompile(`^(?:vpce-[a-z0-9-]+\.)?oidc\.([a-z]{2}(?:-[a-z]+)+-[0-9])(?:\.vpce)?\.amazonaws\.com$`)

// address is where a region's token service takes a call. Source: the public API model.
func (c *Client) address(signIn, path string) (string, error) {
	signIn, err := checked(signIn)
	switch o := c.override; {
	case err != nil:
		return "", err
	case o != nil && (o.region == "" || o.region == signIn):
		return o.base.JoinPath(path).String(), nil
	default:
		return "https://oidc." + signIn + awsDomain + path, nil
	}
}

// socialAddress is where social tokens of a region are renewed. They know nothing of AWS hosts, so only a loopback override takes them.
func (c *Client) socialAddress(signIn string) (string, error) {
	signIn, err := checked(signIn)
	switch {
	case err != nil:
		return "", err
	case c.override.isLoopback():
		return c.override.base.JoinPath(socialPath).String(), nil
	default:
		return "https://prod." + signIn + socialDomain + socialPath, nil
	}
}

// checked is a region that can be put into the name of a host; no text is the default one.
func checked(signIn string) (string, error) {
	if signIn == "" {
		return account.DefaultRegion, nil
	}
	if !region.MatchString(signIn) {
		return "", fault.New(fault.Unavailable, "The account's sign-in region %q is not the name of a region. Correct it in the account.", signIn).Saying(fault.Said{Code: fault.RegionUnknown, Name: signIn})
	}
	return signIn, nil
}

// override replaces the token services' own addresses.
type override struct {
	base     *url.URL // without the path of a call
	region   string   // the only one it is for; empty, of a loopback address, is every region
	loopback bool
}

// isLoopback reports whether the override stands for everything. There may be none.
func (o *override) isLoopback() bool { return o != nil && o.loopback }

// parseOverride checks an override. One to a loopback address stands for every service and region; one to the token service's host
// only for the region in its name, so that no account's token is sent to a region that does not know it. No text is no override.
func parseOverride(text string) (*override, error) {
	if text == "" {
		return nil, nil
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the token endpoint %q is not a URL: %w", text, err)
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, errors.New("the token endpoint must not contain a user, a query or a fragment")
	}
	if strings.HasSuffix(parsed.Path, tokenPath) {
		parsed = parsed.JoinPath("..")
	}
	host := strings.ToLower(parsed.Hostname())
	own := overrideHost.FindStringSubmatch(host)
	switch {
	case (parsed.Scheme == "http" || parsed.Scheme == "https") && isLoopback(host):
		return &override{base: parsed, loopback: true}, nil
	case parsed.Scheme == "https" && own != nil:
		return &override{base: parsed, region: own[1]}, nil
	default:
		return nil, fmt.Errorf("the token endpoint %q is refused, because it would be sent refresh tokens: only https on oidc.REGION.amazonaws.com, or a loopback address, is accepted", text)
	}
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
