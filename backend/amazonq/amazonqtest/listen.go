package amazonqtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Listen serves on a free port of 127.0.0.1. The URL has no path; the token endpoint is below it at /token. Call stop to close the
// port and wait for the calls in progress, which are cancelled.
func (s *Service) Listen() (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return "http://" + listener.Addr().String(), s.serve(listener), nil
}

// Pipe serves without a network: every host the client dials is the Service. It works in a synctest bubble, where a socket would not.
func (s *Service) Pipe() (client *http.Client, stop func()) {
	listener := &pipe{connections: make(chan net.Conn), closed: make(chan struct{})}
	transport := &http.Transport{DialContext: listener.dial, MaxIdleConnsPerHost: 64, DisableCompression: true}
	stopServing := s.serve(listener)
	stop = func() {
		transport.CloseIdleConnections()
		stopServing()
	}
	return &http.Client{Transport: transport}, stop
}

func (s *Service) serve(listener net.Listener) (stop func()) {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // always fails with ErrServerClosed, after stop
	}()
	return func() {
		_ = server.Close() // nothing to save
		<-done
		_ = s.Wait(context.Background(), func(c Counters) bool { return c.active == 0 }) // cannot fail: the context never ends
	}
}

// pipe is a listener whose connections are pairs of ends in memory.
type pipe struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (p *pipe) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.connections <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next connection.
func (p *pipe) Accept() (net.Conn, error) {
	select {
	case connection := <-p.connections:
		return connection, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close stops Accept.
func (p *pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is a name for the pipe.
func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "amazonqtest", Net: "pipe"} }
