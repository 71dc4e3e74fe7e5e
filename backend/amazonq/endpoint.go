package amazonq

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// service is what tells one upstream service from another that speaks the same protocol.
type service struct {
	host    string   // before the region
	domain  string   // after it
	regions []string // where the service exists, its home first
	origin  string   // the product whose models and quota a request draws on
}

// serviceOf looks a service up. Source: the official CLI for Amazon Q, observed clients for Kiro.
func serviceOf(name account.Service) (service, error) {
	regions := []string{"us-east-1", "eu-central-1"}
	switch name {
	case account.AmazonQ:
		return service{host: "q", domain: "amazonaws.com", regions: regions, origin: "CLI"}, nil
	case account.Kiro:
		return service{host: "runtime", domain: "kiro.dev", regions: regions, origin: "AI_EDITOR"}, nil
	default:
		return service{}, fault.New(fault.Internal, "The account belongs to the service %q, which this version of AMQ2API does not know.", name)
	}
}

// of is the service as a credential wants it used: an account may have another origin than is usual.
func (s service) of(credential account.Credential) service {
	if credential.Origin != "" {
		s.origin = credential.Origin
	}
	return s
}

// in is the region the service is asked in: its home where it does not exist in the wanted one, as the official CLI has it.
func (s service) in(region string) string {
	if slices.Contains(s.regions, region) {
		return region
	}
	return s.regions[0]
}

// address is where a call for an account in region goes.
func (c *Client) address(s service, region string) string {
	region = s.in(region)
	if c.override.covers(s, region) {
		return c.override.url
	}
	return "https://" + s.host + "." + region + "." + s.domain + "/"
}

// override replaces the services' hosts.
type override struct {
	url    string
	region string // the only one it is for, of the services on AWS hosts; empty is every region of every service
}

func (o *override) covers(s service, region string) bool {
	return o != nil && (o.region == "" || o.region == region && "."+s.domain == awsDomain)
}

const awsDomain = ".amazonaws.com"

// overrideHost is a name of the service's own on AWS, also by way of a private network, with its region. Other names there are anybody's:
// buckets, machines, load balancers. Source: the official CLI and AWS's naming of endpoints.
var overrideHost = regexp.MustCompile(`^(?:vpce-[a-z0-9-]+\.)?(?:q|codewhisperer)\.([a-z]{2}(?:-[a-z]+)+-[0-9])(?:\.vpce)?\.amazonaws\.com$`)

// parseOverride checks an override. One to a loopback address stands for every service and region; one to the service's host only for the services
// on AWS and the region in its name, so that an account elsewhere is not sent to a host that does not know it. No text is no override.
func parseOverride(text string) (*override, error) {
	if text == "" {
		return nil, nil
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the Amazon Q endpoint %q is not a URL: %w", text, err)
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, errors.New("the Amazon Q endpoint must not contain a user, a query or a fragment")
	}
	if parsed.Path == "" {
		parsed.Path = "/"
	}
	host := strings.ToLower(parsed.Hostname())
	web := parsed.Scheme == "http" || parsed.Scheme == "https"
	own := overrideHost.FindStringSubmatch(host)
	switch {
	case web && isLoopback(host):
		return &override{url: parsed.String()}, nil
	case parsed.Scheme == "https" && own != nil:
		return &override{url: parsed.String(), region: own[1]}, nil
	default:
		return nil, fmt.Errorf("the Amazon Q endpoint %q is refused, because it would be sent access tokens: only https on q.REGION.amazonaws.com or codewhisperer.REGION.amazonaws.com, or a loopback address, is accepted", text)
	}
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
