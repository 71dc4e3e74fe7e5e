package amazonq

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"syscall"

	"amq2api/backend/fault"
)

// wsaNetUnreachable is what Windows says for ENETUNREACH, which package syscall does not translate.
const wsaNetUnreachable = syscall.Errno(10051)

// unreachable explains why there was no answer at all.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if ended := whyEnded(ctx); ended != nil {
		return ended
	}
	var untrusted *tls.CertificateVerificationError
	switch {
	case c.isOffline(err):
		return fault.Wrap(fault.Offline, err, "This computer has no network connection. Connect it, then try again.").Saying(fault.Said{Code: fault.NetworkAway})
	case errors.As(err, &untrusted):
		return fault.Wrap(fault.Unavailable, err, "The certificate of Amazon Q's host could not be verified. Check the computer's clock, and any proxy or security software that opens encrypted connections.").Saying(fault.Said{Code: fault.Certificate})
	default:
		return fault.Wrap(fault.Unavailable, err, "Amazon Q could not be reached. Check the network connection, then try again.").Saying(fault.Said{Code: fault.Unreachable})
	}
}

// broken explains why an answer stopped before its end.
func broken(ctx context.Context, err error) error {
	if ended := whyEnded(ctx); ended != nil {
		return ended
	}
	return fault.Wrap(fault.Unavailable, err, "Amazon Q's answer broke off before its end. Try again.").Saying(fault.Said{Code: fault.BrokeOff})
}

// whyEnded is the fault that ended the context: our patience, the client that left, a deadline of the caller's; nil if it did not end.
func whyEnded(ctx context.Context) error {
	cause := context.Cause(ctx)
	switch {
	case cause == nil:
		return nil
	case errors.Is(cause, context.DeadlineExceeded):
		return fault.Wrap(fault.Unavailable, cause, "Amazon Q did not answer in time. Try again.").Saying(fault.Said{Code: fault.NoAnswer})
	default:
		return fault.Of(cause)
	}
}

// isOffline tells "no network here" from "that host cannot be reached": no route to any network, or names cannot be looked up and
// no interface has an address to do it from.
func (c *Client) isOffline(err error) bool {
	var lookup *net.DNSError
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, wsaNetUnreachable) || errors.As(err, &lookup) && !c.online()
}

// hasAddress reports whether any interface has an address that leads out of this computer. Not knowing counts as yes.
func hasAddress() bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
			return true
		}
	}
	return false
}
