package backend_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"amq2api/backend/amazonq/amazonqtest"
)

// worldVariable names the folder of the world's certificate, in a process that lives in one.
const worldVariable = "AMQ2API_TEST_WORLD"

// inWorld runs the calling test again in a network of its own, in which every address there is leads to the test, and every certificate is
// trusted that it makes. It reports whether this is that process. Where the system does not allow it, the test is skipped.
func inWorld(t *testing.T) bool {
	t.Helper()
	if os.Getenv(worldVariable) != "" {
		return true
	}
	folder := t.TempDir()
	check(t, makeAuthority(folder))
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	command.Env = append(os.Environ(), worldVariable+"="+folder, "SSL_CERT_FILE="+filepath.Join(folder, "authority.pem"), "GODEBUG=netdns=cgo")
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	if err := exec.Command("unshare", "--user", "--map-root-user", "--net", "ip", "link", "set", "lo", "up").Run(); err != nil {
		t.Skipf("A29 | not run: this system gives a test no network of its own: %v", err)
	}
	said, err := command.CombinedOutput()
	for line := range strings.Lines(string(said)) {
		if !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "---") && line != "PASS\n" {
			_, _ = fmt.Fprint(t.Output(), line)
		}
	}
	if err != nil {
		t.Fatalf("in the world: %v", err)
	}
	return false
}

// makeAuthority puts a certificate that may sign others, and its key, into a folder.
func makeAuthority(folder string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the world"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "authority.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)
}

// amazonsHosts are the only ones that may be sent a token.
var amazonsHosts = regexp.MustCompile(`^(oidc|q|codewhisperer)\.[a-z0-9-]+\.amazonaws\.com$|^(prod\.[a-z0-9-]+\.auth\.desktop|runtime\.[a-z0-9-]+)\.kiro\.dev$`)

// Where names lead in the world. Amazon and the public site are the only places that may be reached.
var (
	amazonsPlace = netip.MustParseAddr("54.1.2.3")
	publicPlace  = netip.MustParseAddr("93.184.216.34")
	ownNetwork   = netip.MustParsePrefix("2a00:1450:4001:81b::10/64") // of this computer, with public addresses
)

// world is everything outside of the program: names, addresses, Amazon, a public site with redirects, and canaries everywhere else.
type world struct {
	t         *testing.T
	amazon    *amazonqtest.Service
	authority tls.Certificate
	issuer    *x509.Certificate

	mu       sync.Mutex
	hits     []string       // connections to places that must not be reached
	leaks    []string       // hosts off the list that were sent a token
	tokens   []string       // what must not leak
	answered map[string]int // how often a name was asked for
	asked    int            // requests that came to Amazon
	moved    string         // where Amazon sends its clients on to; empty is nowhere
}

// canaryPorts are where the world listens: the usual ones of the web, proxies, and services that once could be spoken to by a URL.
var (
	securePorts = []int{443, 8443}
	plainPorts  = []int{21, 70, 80, 1080, 3128, 8080}
)

func openWorld(t *testing.T) *world {
	t.Helper()
	for _, line := range []string{"link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo", "-6 addr add " + ownNetwork.String() + " dev lo nodad"} {
		if said, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v %s", line, err, said)
		}
	}
	w := &world{t: t, amazon: amazonqtest.New(amazonqtest.Options{Seed: 1}), answered: map[string]int{}}
	folder := os.Getenv(worldVariable)
	authority, err := tls.LoadX509KeyPair(filepath.Join(folder, "authority.pem"), filepath.Join(folder, "key.pem"))
	check(t, err)
	w.authority, w.issuer = authority, authority.Leaf
	for _, port := range append(securePorts, plainPorts...) {
		listener, err := net.Listen("tcp", ":"+strconv.Itoa(port))
		check(t, err)
		go w.serve(listener, port)
		t.Cleanup(func() { _ = listener.Close() })
	}
	names, err := net.ListenPacket("udp", ":53")
	check(t, err)
	go w.name(names)
	t.Cleanup(func() { _ = names.Close() })
	return w
}

// serve answers at a port of every address, with TLS at some.
func (w *world) serve(listener net.Listener, port int) {
	server := &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	var outer net.Listener = noticing{listener, w}
	if port == securePorts[0] || port == securePorts[1] {
		outer = tls.NewListener(outer, &tls.Config{GetCertificate: w.certify})
	}
	_ = server.Serve(outer)
}

// noticing counts a connection to a forbidden place before a byte was said.
type noticing struct {
	net.Listener
	w *world
}

func (n noticing) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err == nil {
		at := netip.MustParseAddrPort(c.LocalAddr().String()).Addr().Unmap()
		if at != amazonsPlace && at != publicPlace {
			n.w.mu.Lock()
			n.w.hits = append(n.w.hits, c.LocalAddr().String())
			n.w.mu.Unlock()
		}
	}
	return c, err
}

// certify makes a trusted certificate for whatever is asked for: it is not TLS that keeps tokens here.
func (w *world) certify(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotAfter: time.Now().Add(time.Hour)}
	if hello.ServerName != "" {
		template.DNSNames = []string{hello.ServerName}
	} else {
		template.IPAddresses = []net.IP{hello.Conn.LocalAddr().(*net.TCPAddr).IP}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, w.issuer, key.Public(), w.authority.PrivateKey)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// ServeHTTP is every site there is.
func (w *world) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	host, secure := r.Host, r.TLS != nil
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	w.mu.Lock()
	for _, token := range w.tokens {
		sent := fmt.Sprint(r.Header, r.URL, string(body))
		if strings.Contains(sent, token) && !(secure && amazonsHosts.MatchString(host)) {
			w.leaks = append(w.leaks, host)
		}
	}
	moved := w.moved
	if secure && amazonsHosts.MatchString(host) {
		w.asked++
	}
	w.mu.Unlock()
	switch {
	case secure && amazonsHosts.MatchString(host) && moved != "":
		http.Redirect(answer, r, moved, http.StatusTemporaryRedirect)
	case secure && amazonsHosts.MatchString(host):
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.amazon.ServeHTTP(answer, r)
	case r.URL.Query().Get("to") != "":
		answer.Header().Set("Location", r.URL.Query().Get("to"))
		answer.WriteHeader(http.StatusFound)
	case r.Method == http.MethodConnect:
		answer.WriteHeader(http.StatusBadGateway)
	default:
		answer.Header().Set("Content-Type", "text/plain")
		_, _ = answer.Write([]byte("here is nothing to see"))
	}
}

// name answers questions for names, as a resolver does that reads numbers in every spelling.
func (w *world) name(questions net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		n, from, err := questions.ReadFrom(buffer)
		if err != nil {
			return
		}
		var message dnsmessage.Message
		if message.Unpack(buffer[:n]) != nil || len(message.Questions) != 1 {
			continue
		}
		question := message.Questions[0]
		message.Header = dnsmessage.Header{ID: message.ID, Response: true, Authoritative: true, RecursionAvailable: true}
		message.Additionals = nil
		for _, address := range w.lookUp(strings.TrimSuffix(question.Name.String(), "."), question.Type) {
			header := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET}
			if address.Is4() && question.Type == dnsmessage.TypeA {
				message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: address.As4()}})
			} else if !address.Is4() && question.Type == dnsmessage.TypeAAAA {
				message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}})
			}
		}
		if packed, err := message.Pack(); err == nil {
			_, _ = questions.WriteTo(packed, from)
		}
	}
}

// lookUp is where a name leads. Names ending in .test are attackers'; they say themselves what they lead to.
func (w *world) lookUp(name string, kind dnsmessage.Type) []netip.Addr {
	w.mu.Lock()
	w.answered[name+kind.String()]++
	turn := w.answered[name+kind.String()]
	w.mu.Unlock()
	loopback := netip.MustParseAddr("127.0.0.1")
	switch first, _, _ := strings.Cut(name, "."); {
	case amazonsHosts.MatchString(name):
		return []netip.Addr{amazonsPlace}
	case name == "public.test":
		return []netip.Addr{publicPlace}
	case first == "rebind" && turn == 1:
		return []netip.Addr{publicPlace}
	case first == "rebind":
		return []netip.Addr{loopback}
	case first == "both":
		return []netip.Addr{loopback, netip.MustParseAddr("::1")}
	case first == "mapped":
		return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1")}
	case first == "nat64":
		return []netip.Addr{netip.MustParseAddr("64:ff9b::a9fe:a9fe")}
	case first == "neighbour":
		return []netip.Addr{ownNetwork.Addr().Next()}
	case first == "metadata":
		return []netip.Addr{netip.MustParseAddr("169.254.169.254")}
	}
	if number, ok := number(name); ok {
		return []netip.Addr{number}
	}
	return []netip.Addr{netip.MustParseAddr("10.6.6.6")} // a canary, like everything that nobody is meant to reach
}

// number reads an IPv4 address as C's inet_aton does: of one to four parts, each decimal, octal or hexadecimal.
func number(text string) (netip.Addr, bool) {
	parts := strings.Split(text, ".")
	var value uint64
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 0, 32)
		if err != nil || len(parts) > 4 {
			return netip.Addr{}, false
		}
		if i < len(parts)-1 {
			value |= n << (24 - 8*i)
		} else {
			value |= n
		}
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

// move has Amazon send its clients on to another address; an empty one ends that.
func (w *world) move(address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moved = address
}

// noticed takes what was seen since it was asked for last.
func (w *world) noticed() (hits, leaks []string, asked int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hits, leaks, asked = w.hits, w.leaks, w.asked
	w.hits, w.leaks, w.asked = nil, nil, 0
	return hits, leaks, asked
}
