package attach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// errNotPublic is what a connection fails with that would not go to the public internet.
var errNotPublic = errors.New("the address is not on the public internet")

// isPublic tells whether an address is one of the public internet, where there is nothing that only this computer or its network can
// reach. Of IPv6 that is what is handed out for use (2000::/3), without the parts that carry IPv4 addresses inside or are for examples;
// private addresses, 64:ff9b::/96 and fd00:ec2::254 are outside of it. Source: IANA's registries of special-purpose addresses.
func isPublic(address netip.Addr) bool {
	switch {
	case !address.IsValid() || address.Is4In6() || address.Zone() != "":
		return false
	case address.Is4():
		return !inAny(address, "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
			"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
			"168.63.129.16/32") // what Azure tells its machines
	default:
		return inAny(address, "2000::/3") && !inAny(address, "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
	}
}

func inAny(address netip.Addr, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if netip.MustParsePrefix(prefix).Contains(address) {
			return true
		}
	}
	return false
}

// wholeNetwork is the longest prefix of a network of IPv6: an address that a server handed out stands alone, but its neighbours do not.
const wholeNetwork = 64

// beyond tells whether a public address is outside of the networks that this computer itself is in, of which interfaces are the addresses
// with their masks. With IPv6 every machine at home has a public address, behind a router that keeps strangers out but not us. If nobody
// knows the networks, nothing is outside.
func beyond(address netip.Addr, interfaces func() ([]net.Addr, error)) bool {
	own, err := interfaces()
	if err != nil {
		return false
	}
	for _, each := range own {
		network, err := netip.ParsePrefix(each.String())
		if err != nil {
			continue // not of the internet
		}
		bits := network.Bits()
		if network.Addr().Is6() {
			bits = min(bits, wholeNetwork)
		}
		if netip.PrefixFrom(network.Addr(), bits).Masked().Contains(address) {
			return false
		}
	}
	return true
}

// control lets a dialer connect to allowed addresses only. It judges what a name was resolved to, right before the connection is made, so
// that a name which resolves to something else a moment later gains nothing.
func control(allowed func(netip.Addr) bool) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || !allowed(target.Addr()) {
			return errNotPublic
		}
		return nil
	}
}

// maxAddress bounds the length of an address, in bytes.
const maxAddress = 8 << 10

// inspect reads an address and says what is wrong with it, to follow "the address".
func inspect(address string) (*url.URL, error) {
	if len(address) > maxAddress {
		return nil, fmt.Errorf("is longer than %d bytes", maxAddress)
	}
	target, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return nil, errors.New("cannot be read")
	}
	literal, err := netip.ParseAddr(target.Hostname())
	switch {
	case target.Scheme != "https":
		return nil, errors.New("is not an https address")
	case target.Hostname() == "":
		return nil, errors.New("names no host")
	case target.User != nil:
		return nil, errors.New("contains a user name or a password")
	case err == nil && literal.Is4In6():
		return nil, errors.New("is not on the public internet")
	}
	target.Fragment, target.RawFragment = "", ""
	return target, nil
}
