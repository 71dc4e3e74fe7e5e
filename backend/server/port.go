package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// Code is the sort of a StartError.
type Code string

// The codes.
const (
	PortInUse     Code = "port_in_use"
	PortForbidden Code = "port_forbidden"
	NoAddress     Code = "no_address"
	Failed        Code = "failed"
)

// StartError says why the proxy does not listen, and what to do.
type StartError struct {
	Code     Code
	Message  string // for people
	Port     int    // the one that was asked for
	SelfHeld bool   // the port is held by another AMQ2API
	FreePort int    // one that was free a moment ago; 0 if none was found
	Err      error  // for the log
}

// Error is for logs.
func (e *StartError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err) }

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }

// Windows has numbers of its own for these. Source: the Windows Sockets error codes.
const (
	winAddressInUse = syscall.Errno(10048)
	winAccessDenied = syscall.Errno(10013)
	winNotAvailable = syscall.Errno(10049)
)

func inUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, winAddressInUse)
}

func forbidden(err error) bool {
	return errors.Is(err, syscall.EACCES) || errors.Is(err, winAccessDenied)
}

// Where a search for a free port begins if the one asked for is reserved, and where any may.
const (
	usual      = 8080
	unreserved = 1024
)

// diagnose finds out why a port cannot be had.
func (p *Proxy) diagnose(ctx context.Context, at Place, cause error) *StartError {
	port := at.Port
	failed := &StartError{Code: Failed, Port: port, Err: cause}
	switch {
	case inUse(cause):
		failed.Code = PortInUse
		failed.SelfHeld = anotherCopy(ctx, addressOf(cause, port))
		failed.FreePort = p.free(ctx, max(port+1, unreserved))
		failed.Message = failed.inUseMessage()
	case errors.Is(cause, syscall.EADDRNOTAVAIL), errors.Is(cause, winNotAvailable):
		failed.Code = NoAddress
		failed.Message = fmt.Sprintf("This computer does not have the address %s now. Choose one that it has, or only itself.", at.Beyond)
	case forbidden(cause):
		failed.Code = PortForbidden
		failed.FreePort = p.free(ctx, usual)
		failed.Message = fmt.Sprintf("Port %d is reserved by the operating system. Use one from %d up%s.", port, unreserved, failed.offer(", for example %d"))
	default:
		failed.Message = fmt.Sprintf("The proxy cannot listen on port %d: %v.", port, cause)
	}
	return failed
}

func (e *StartError) inUseMessage() string {
	if e.SelfHeld {
		return fmt.Sprintf("Port %d is used by another AMQ2API that is running. Use that one, or stop it, or start this one on another port%s.",
			e.Port, e.offer(": %d is free"))
	}
	return fmt.Sprintf("Port %d is used by another program. Stop that program, or use another port%s.", e.Port, e.offer(": %d is free"))
}

// offer names the free port if there is one.
func (e *StartError) offer(format string) string {
	if e.FreePort == 0 {
		return ""
	}
	return fmt.Sprintf(format, e.FreePort)
}

// addressOf is the address that could not be had.
func addressOf(cause error, port int) string {
	var failed *net.OpError
	if errors.As(cause, &failed) && failed.Addr != nil {
		return failed.Addr.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// anotherCopy asks whoever holds an address whether it is AMQ2API.
func anotherCopy(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/health", nil)
	if err != nil {
		return false
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy: this never leaves the computer
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	var health struct {
		Status   string `json:"status"`
		Instance string `json:"instance"`
	}
	err = json.NewDecoder(io.LimitReader(response.Body, 4<<10)).Decode(&health)
	return err == nil && response.StatusCode == http.StatusOK && health.Status == "ok" && health.Instance != ""
}

// free looks for a free port upwards.
func (p *Proxy) free(ctx context.Context, from int) int {
	for port := from; port < from+tries && port <= 65535; port++ {
		listeners, err := p.open(ctx, Place{Port: port})
		for _, listener := range listeners {
			_ = listener.Close()
		}
		if err == nil {
			return port
		}
	}
	return 0
}
