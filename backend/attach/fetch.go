package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// What fetching may take.
const (
	maxFetches   = 20 // in one request
	maxAtOnce    = 4
	maxRedirects = 3
	maxFetched   = 10 << 20 // bytes of one file
	maxHeaders   = 64 << 10 // bytes
	fetchTime    = 10 * time.Second
	dialTime     = 5 * time.Second
	rememberTime = 10 * time.Minute
	failTime     = time.Minute // that a failure is remembered
	maxRemember  = 64 << 20    // bytes
	maxFailures  = 1 << 20     // bytes of addresses
)

// catch is what came of fetching an address.
type catch struct {
	content   []byte
	mediaType string // as the server says
	err       error
}

// fetcher gets files from the public internet: without proxies, cookies, credentials or a word about where it was before. It remembers
// what it got for a while, because clients send the same addresses with every turn.
type fetcher struct {
	client     *http.Client
	remembered *cache[string, catch]
	failed     *cache[string, catch]
}

// newFetcher makes a fetcher that connects to the public internet only, as seen from a computer with these interfaces' addresses.
func newFetcher(interfaces func() ([]net.Addr, error)) *fetcher {
	return newFetcherWith(&net.Dialer{Timeout: dialTime}, func(address netip.Addr) bool { return isPublic(address) && beyond(address, interfaces) })
}

// newFetcherWith makes a fetcher that connects through dialer, and only to allowed addresses.
func newFetcherWith(dialer *net.Dialer, allowed func(netip.Addr) bool) *fetcher {
	dialer.ControlContext = control(allowed)
	f := &fetcher{remembered: newCache[string, catch](maxRemember, rememberTime), failed: newCache[string, catch](maxFailures, failTime)}
	f.client = &http.Client{CheckRedirect: f.redirected, Transport: &http.Transport{
		DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeaders,
	}}
	return f
}

// misleading is the error of an address that leads where it must not.
type misleading struct{ why string }

func (m *misleading) Error() string { return "the address " + m.why }

// redirected judges each further address like the first one.
func (f *fetcher) redirected(request *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects {
		return &misleading{fmt.Sprintf("leads to more than %d other addresses", maxRedirects)}
	}
	if _, err := inspect(request.URL.String()); err != nil {
		return &misleading{"leads to an address that " + err.Error()}
	}
	request.Header.Del("Referer")
	return nil
}

// known is what came of an address a moment ago.
func (f *fetcher) known(address string) (catch, bool) {
	if got, ok := f.remembered.get(address); ok {
		return got, true
	}
	return f.failed.get(address)
}

// fetch gets what the places name by address, each address once, the newest first.
func (s *stage) fetch(ctx context.Context, places []place) map[string]catch {
	caught := map[string]catch{}
	var wanted []string
	for i := len(places) - 1; i >= 0; i-- {
		address := addressOf(*places[i].block)
		if _, known := caught[address]; known || address == "" {
			continue
		}
		switch remembered, ok := s.fetcher.known(address); {
		case !s.options.FetchImages():
			caught[address] = catch{err: refusal(address, "was not fetched, because that is switched off in AMQ2API's settings (fetch_images)")}
		case ok:
			caught[address] = remembered
		case len(wanted) == maxFetches:
			caught[address] = catch{err: refusal(address, "was not fetched, because a request may name at most %d addresses", maxFetches)}
		default:
			caught[address] = catch{}
			wanted = append(wanted, address)
		}
	}
	s.fetcher.fetchAll(ctx, wanted, caught)
	return caught
}

// fetchAll adds what comes of the addresses to caught.
func (f *fetcher) fetchAll(ctx context.Context, addresses []string, caught map[string]catch) {
	client := ctx
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	var workers sync.WaitGroup
	var adding sync.Mutex
	turns := make(chan struct{}, maxAtOnce)
	for _, address := range addresses {
		workers.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			got := f.get(ctx, address)
			if got.err == nil {
				f.remembered.put(address, got, len(got.content)+len(address))
			} else if client.Err() == nil {
				f.failed.put(address, got, len(address))
			}
			adding.Lock()
			defer adding.Unlock()
			caught[address] = got
		})
	}
	workers.Wait()
}

func (f *fetcher) get(ctx context.Context, address string) catch {
	target, err := inspect(address)
	if err != nil {
		return catch{err: refusal(address, "was not fetched: its address %s", err)}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return catch{err: refusal(address, "was not fetched: its address cannot be read")}
	}
	request.Header.Set("User-Agent", "AMQ2API")
	response, err := f.client.Do(request)
	if err != nil {
		return catch{err: unfetched(address, err)}
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return catch{err: refusal(address, "could not be fetched: the server answered %d", response.StatusCode)}
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, maxFetched+1))
	switch {
	case err != nil:
		return catch{err: unfetched(address, err)}
	case len(content) > maxFetched:
		return catch{err: refusal(address, "is larger than %d MiB", maxFetched>>20)}
	}
	return catch{content: content, mediaType: response.Header.Get("Content-Type")}
}

// unfetched says why an address could not be reached. The cause is without the address, which may contain a token.
func unfetched(address string, err error) error {
	var detail *url.Error
	if errors.As(err, &detail) {
		err = detail.Err
	}
	var unknown *net.DNSError
	var misled *misleading
	var why *fault.Error
	switch {
	case errors.Is(err, errNotPublic):
		why = refusal(address, "was not fetched: its address is not on the public internet")
	case errors.Is(err, context.DeadlineExceeded):
		why = refusal(address, "could not be fetched within %d seconds", int(fetchTime.Seconds()))
	case errors.As(err, &unknown):
		why = refusal(address, "could not be fetched: its host was not found")
	case errors.As(err, &misled):
		why = refusal(address, "was not fetched: its address %s", misled.why)
	default:
		why = refusal(address, "could not be fetched: the connection failed")
	}
	why.Err = err
	return why
}

// refusal says what became of the file at an address, and what to do. Of the address it names the host alone.
func refusal(address, format string, args ...any) *fault.Error {
	const shown = 100
	host := "an address"
	if target, err := url.Parse(address); err == nil && target.Hostname() != "" {
		host = target.Hostname()
	}
	return fault.New(fault.Invalid, "A file at %s %s. Send the file itself, as base64.", host[:min(len(host), shown)], fmt.Sprintf(format, args...))
}

// addressOf is the web address that a block names its content by, empty if it has its content.
func addressOf(block chat.Block) string {
	address := ""
	switch b := block.(type) {
	case chat.Image:
		address = b.URL
	case chat.Document:
		address = b.URL
	}
	return address
}
