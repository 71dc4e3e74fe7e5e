package amazonq

import (
	"errors"
	"fmt"
	"net"
	"net/url"
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

// serviceOf looks a service up. Hosts, regions and origin of Amazon Q: the official CLI.
func serviceOf(name account.Service) (service, error) {
	if name != account.AmazonQ {
		return service{}, fault.New(fault.Internal, "The account belongs to the service %q, which this version of AMQ2API does not know.", name)
	}
	return service{host: "q", domain: "amazonaws.com", regions: []string{"us-east-1", "eu-central-1"}, origin: "CLI"}, nil
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
	if c.override.covers(region) {
		return c.override.url
	}
	return "https://" + s.host + "." + region + "." + s.domain + "/"
}

// override replaces the services' hosts.
type override struct {
	url    string
	region string // the only one it is for; empty is every region
}

func (o *override) covers(region string) bool {
	return o != nil && (o.region == "" || o.region == region)
}

const awsDomain = ".amazonaws.com"

// parseOverride checks an override. One to a loopback address stands for every service and region; one to an AWS host only for the
// region in its name, so that an account elsewhere is not sent to a region that does not know it. No text is no override.
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
	switch {
	case web && isLoopback(host):
		return &override{url: parsed.String()}, nil
	case parsed.Scheme == "https" && strings.HasSuffix(host, awsDomain):
		labels := strings.Split(strings.TrimSuffix(host, awsDomain), ".")
		return &override{url: parsed.String(), region: labels[len(labels)-1]}, nil
	default:
		return nil, fmt.Errorf("the Amazon Q endpoint %q is refused, because it would be sent access tokens: only https on a host of amazonaws.com, or a loopback address, is accepted", text)
	}
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
