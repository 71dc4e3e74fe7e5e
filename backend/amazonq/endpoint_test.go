package amazonq_test

import (
	"net/http"
	"strings"
	"testing"

	"amq2api/backend/amazonq"
	"amq2api/backend/fault"
)

func TestOnlyAddressesThatMayHaveATokenAreAccepted(t *testing.T) {
	for _, good := range []string{
		"", "https://q.us-east-1.amazonaws.com/", "https://q.us-east-1.amazonaws.com", "https://codewhisperer.us-east-1.amazonaws.com", "https://Q.EU-Central-1.AmazonAWS.com/",
		"https://vpce-0a1b-2c3d.q.us-east-1.vpce.amazonaws.com", "https://q.us-gov-west-1.amazonaws.com",
		"http://127.0.0.1:9000", "http://localhost:9000/", "http://[::1]:9000", "https://127.0.0.2", "http://127.0.0.1:9000/some/path",
	} {
		if _, err := amazonq.New(amazonq.Config{Endpoint: good}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"http://q.us-east-1.amazonaws.com/", "https://example.com", "https://amazonaws.com", "https://amazonaws.com.example.com", "https://evilamazonaws.com",
		"http://10.0.0.1", "http://0.0.0.0:80", "http://127.evil.com", "http://localhost.evil.com", "ftp://127.0.0.1", "q.us-east-1.amazonaws.com", "127.0.0.1:80", "://",
		"https://user:password@q.us-east-1.amazonaws.com", "http://127.0.0.1/?a=b", "http://127.0.0.1/#a", "https://q.us-east-1.amazonaws.com@evil.com/", "http://[::ffff:10.0.0.1]",
		"https://bucket.s3.amazonaws.com", "https://q.s3.us-east-1.amazonaws.com", "https://ec2-1-2-3-4.compute-1.amazonaws.com", "https://x.execute-api.us-east-1.amazonaws.com",
		"https://q.us-east-1.amazonaws.com.", "https://vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com",
	} {
		if _, err := amazonq.New(amazonq.Config{Endpoint: bad}); err == nil || !strings.Contains(err.Error(), "endpoint") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// caught is a transport that keeps the last request and refuses to send it.
type caught struct{ url string }

func (c *caught) RoundTrip(r *http.Request) (*http.Response, error) {
	c.url = r.URL.String()
	return nil, http.ErrServerClosed
}

func TestTheHostFollowsTheAccountsRegion(t *testing.T) {
	for _, story := range []struct{ endpoint, region, want string }{
		{"", "us-east-1", "https://q.us-east-1.amazonaws.com/"},
		{"", "eu-central-1", "https://q.eu-central-1.amazonaws.com/"},
		{"", "ap-south-1", "https://q.us-east-1.amazonaws.com/"},
		{"", "", "https://q.us-east-1.amazonaws.com/"},
		{"https://codewhisperer.us-east-1.amazonaws.com", "us-east-1", "https://codewhisperer.us-east-1.amazonaws.com/"},
		{"https://codewhisperer.us-east-1.amazonaws.com", "eu-central-1", "https://q.eu-central-1.amazonaws.com/"},
		{"http://127.0.0.1:9", "us-east-1", "http://127.0.0.1:9/"},
		{"http://127.0.0.1:9/q", "eu-central-1", "http://127.0.0.1:9/q"},
	} {
		transport := &caught{}
		client := newClient(t, amazonq.Config{Endpoint: story.endpoint, HTTP: &http.Client{Transport: transport}})
		account := credential()
		account.Region = story.region
		if _, err := describeEvents(client.Send(t.Context(), account, question())); fault.Of(err).Kind != fault.Unavailable {
			t.Error(err)
		}
		if transport.url != story.want {
			t.Errorf("endpoint %q, region %q: asked %s, want %s", story.endpoint, story.region, transport.url, story.want)
		}
	}
}

func TestAServiceNobodyKnowsIsNotAsked(t *testing.T) {
	transport := &caught{}
	account := credential()
	account.Service = "elsewhere"
	_, err := describeEvents(newClient(t, amazonq.Config{HTTP: &http.Client{Transport: transport}}).Send(t.Context(), account, question()))
	if fault.Of(err).Kind != fault.Internal || transport.url != "" {
		t.Errorf("asked %q, %v", transport.url, err)
	}
}
