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

const (
	tokenPath = "/token"
	awsDomain = ".amazonaws.com"
)

var region = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)

// address is where a token of a region is renewed. Source: the public API model.
func (c *Client) address(signIn string) (string, error) {
	if signIn == "" {
		signIn = account.DefaultRegion
	}
	if !region.MatchString(signIn) {
		return "", fault.New(fault.Unavailable, "The account's sign-in region %q is not the name of a region. Correct it in the account.", signIn)
	}
	if o := c.override; o != nil && (o.region == "" || o.region == signIn) {
		return o.url, nil
	}
	return "https://oidc." + signIn + awsDomain + tokenPath, nil
}

// override replaces the token services' own addresses.
type override struct {
	url    string
	region string // the only one it is for; empty is every region
}

// parseOverride checks an override. One to a loopback address stands for every region; one to an AWS host only for the region in its
// name, so that no account's token is sent to a region that does not know it. No text is no override.
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
	if !strings.HasSuffix(parsed.Path, tokenPath) {
		parsed = parsed.JoinPath(tokenPath)
	}
	host := strings.ToLower(parsed.Hostname())
	switch {
	case (parsed.Scheme == "http" || parsed.Scheme == "https") && isLoopback(host):
		return &override{url: parsed.String()}, nil
	case parsed.Scheme == "https" && strings.HasSuffix(host, awsDomain):
		return &override{url: parsed.String(), region: regionIn(host)}, nil
	default:
		return nil, fmt.Errorf("the token endpoint %q is refused, because it would be sent refresh tokens: only https on a host of amazonaws.com, or a loopback address, is accepted", text)
	}
}

// regionIn finds the region in the name of an AWS host; empty if there is none.
func regionIn(host string) string {
	for label := range strings.SplitSeq(host, ".") {
		if region.MatchString(label) {
			return label
		}
	}
	return ""
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
