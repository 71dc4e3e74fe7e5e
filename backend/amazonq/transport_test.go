package amazonq

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/chat"
	"amq2api/backend/secret"
)

// TestStreamsOverHTTP2 has its own service, because a loopback endpoint is plain HTTP everywhere else.
func TestStreamsOverHTTP2(t *testing.T) {
	event := EncodeMessage(eventHeaders("assistantResponseEvent"), []byte(`{"content":"Hi"}`))
	left := make(chan struct{}, 2)
	service := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("%s was spoken", r.Proto)
		}
		w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
		_, _ = w.Write(event)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		left <- struct{}{}
	}))
	service.EnableHTTP2 = true
	service.StartTLS()
	defer service.Close()
	transport := newTransport(nil)
	defer transport.CloseIdleConnections()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(service.Certificate())
	client, err := New(Config{Endpoint: service.URL, HTTP: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	credential := account.Credential{Service: account.AmazonQ, AccessToken: secret.New("token-1")}
	request := &chat.Request{Messages: []chat.Message{{Blocks: []chat.Block{chat.Text{Text: "hi"}}}}}
	for range 2 {
		for event, err := range client.Send(t.Context(), credential, request) {
			if err != nil || event.Text != "Hi" {
				t.Fatalf("got %+v, %v", event, err)
			}
			break
		}
		select {
		case <-left:
		case <-time.After(10 * time.Second):
			t.Fatal("the service was not told that nobody listens")
		}
	}
}
