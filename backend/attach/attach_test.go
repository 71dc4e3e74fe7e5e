package attach

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/image/bmp"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// listener is a sender that remembers what it was asked.
type listener struct{ asked *chat.Request }

func (l *listener) Send(_ context.Context, request *chat.Request, _ *usage.Record) chat.Stream {
	return func(func(chat.Event, error) bool) { l.asked = request }
}

// sent is what goes on of blocks in the newest message of the user, and the error if nothing does.
func sent(t *testing.T, s *stage, blocks ...chat.Block) ([]chat.Block, error) {
	t.Helper()
	return sentOf(t, s, &chat.Request{Messages: []chat.Message{{Role: chat.User, Blocks: blocks}}})
}

func sentOf(t *testing.T, s *stage, request *chat.Request) ([]chat.Block, error) {
	t.Helper()
	before := fmt.Sprintf("%+v", request)
	next := &listener{}
	s.next = next
	for _, err := range s.Send(t.Context(), request, &usage.Record{}) {
		return nil, err
	}
	if after := fmt.Sprintf("%+v", request); after != before {
		t.Error("the request was changed")
	}
	return next.asked.Messages[0].Blocks, nil
}

// here does work in the test's own process.
func here(_ context.Context, kind string, input []byte) ([]byte, error) {
	return Work(kind, input), nil
}

func offline() *stage {
	return newStage(nil, Options{FetchImages: func() bool { return true }}, newFetcher(net.InterfaceAddrs))
}

func picture(width, height int) []byte {
	var encoded bytes.Buffer
	drawn := image.NewNRGBA(image.Rect(0, 0, width, height))
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range drawn.Pix {
		drawn.Pix[i] = byte(noise.Uint32())
	}
	drawn.Set(0, 0, color.White)
	_ = png.Encode(&encoded, drawn)
	return encoded.Bytes()
}

func based(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

func TestPicturesAreMadeToFit(t *testing.T) {
	var windows bytes.Buffer
	if err := bmp.Encode(&windows, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	small := picture(30, 20)
	for name, test := range map[string]struct {
		raw           []byte
		media         string
		width, height int
		same          bool
	}{
		"small":               {small, "image/png", 30, 20, true},
		"another name for it": {small, "image/jpeg", 30, 20, true},
		"another format":      {windows.Bytes(), "image/bmp", 30, 20, false},
		"too wide":            {picture(8001, 10), "image/png", 2000, 2, false},
		"too many bytes":      {picture(1200, 1200), "image/png", 1200, 1200, false},
	} {
		t.Run(name, func(t *testing.T) {
			blocks, err := sent(t, offline(), chat.Text{Text: "look"}, chat.Image{MediaType: test.media, Data: based(test.raw)})
			if err != nil {
				t.Fatal(err)
			}
			got := blocks[1].(chat.Image)
			raw, _ := base64.StdEncoding.DecodeString(got.Data)
			size, format, err := image.DecodeConfig(bytes.NewReader(raw))
			if err != nil || size.Width != test.width || size.Height != test.height || got.MediaType != "image/"+format || len(raw) > maxPicture {
				t.Errorf("it became %s %s, %d x %d, %d bytes, %v", got.MediaType, format, size.Width, size.Height, len(raw), err)
			}
			if same := bytes.Equal(raw, test.raw); same != test.same {
				t.Errorf("it stayed the same: %v", same)
			}
		})
	}
}

func TestAPictureNobodyCanReadIsRefusedOnceAndThenToldInWords(t *testing.T) {
	broken := chat.Image{MediaType: "image/png", Data: based([]byte("no picture at all"))}
	if _, err := sent(t, offline(), broken); fault.Of(err) == nil || fault.Of(err).Kind != fault.Invalid {
		t.Errorf("attached just now: %v", err)
	}
	history := &chat.Request{Messages: []chat.Message{{Role: chat.User, Blocks: []chat.Block{broken}}, {Role: chat.Assistant}, {Role: chat.User, Blocks: []chat.Block{chat.Text{Text: "go on"}}}}}
	if blocks, err := sentOf(t, offline(), history); err != nil || !strings.Contains(blocks[0].(chat.Text).Text, "cannot be read") {
		t.Errorf("in the history: %v, %v", blocks, err)
	}
	result := chat.ToolResult{ID: "1", Content: []chat.Block{broken}}
	if blocks, err := sent(t, offline(), result); err != nil || !strings.Contains(blocks[0].(chat.ToolResult).Content[0].(chat.Text).Text, "cannot be read") {
		t.Errorf("from a tool: %v, %v", blocks, err)
	}
	bomb := picture(1, 1)
	copy(bomb[16:24], []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0}) // 100,000 pixels each way; the checksum is for the decoder to mind
	if _, err := sent(t, offline(), chat.Image{Data: based(bomb)}); err == nil {
		t.Error("a picture of ten billion pixels was read")
	}
}

func TestOnlyTheNewestPicturesGoAlong(t *testing.T) {
	var blocks []chat.Block
	for range maxImages + 2 {
		blocks = append(blocks, chat.Image{Data: based(picture(2, 2))})
	}
	got, err := sent(t, offline(), blocks...)
	if err != nil {
		t.Fatal(err)
	}
	for i, block := range got {
		if _, isText := block.(chat.Text); isText != (i < 2) {
			t.Errorf("picture %d became %T", i, block)
		}
	}
}

// pdfOf writes a PDF with a page for each text.
func pdfOf(pages ...string) []byte {
	var file bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, file.Len())
		fmt.Fprintf(&file, "%d 0 obj\n%s\nendobj\n", len(offsets), fmt.Sprintf(format, args...))
	}
	file.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 4+2*i))
	}
	object("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(pages))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	for i, text := range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", 5+2*i)
		content := fmt.Sprintf("BT /F1 24 Tf 72 700 Td (%s) Tj ET", text)
		object("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
	}
	start := file.Len()
	fmt.Fprintf(&file, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&file, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&file, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return file.Bytes()
}

func wordOf(xml string) []byte {
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	body, _ := archive.Create("word/document.xml")
	_, _ = body.Write([]byte(xml))
	_ = archive.Close()
	return file.Bytes()
}

func TestDocumentsBecomeTheirText(t *testing.T) {
	whole := pdfOf("Invoice 42", "Total: 7")
	for name, test := range map[string]struct {
		raw   []byte
		media string
		want  []string
	}{
		"a PDF":                      {whole, "application/pdf", []string{"[Page 1 of 2]", "Invoice 42", "[Page 2 of 2]", "Total: 7"}},
		"a PDF by its bytes":         {whole, "", []string{"Invoice 42"}},
		"a PDF without text":         {pdfOf(""), "application/pdf", []string{"could not be read", "no text in it"}},
		"half a PDF":                 {whole[:len(whole)/2], "application/pdf", []string{"could not be read", "damaged"}},
		"no PDF":                     {[]byte("hello"), "application/pdf", []string{"could not be read"}},
		"nothing":                    {nil, "application/pdf", []string{"empty"}},
		"Word":                       {wordOf(`<w:document xmlns:w="w"><w:p><w:r><w:t>Dear </w:t><w:t>Sir</w:t></w:r></w:p><w:p><w:r><w:t>no</w:t></w:r></w:p></w:document>`), "", []string{"Dear Sir\nno"}},
		"tab stops":                  {wordOf(`<w:document xmlns:w="w"><w:p><w:pPr><w:tabs><w:tab/><w:tab/></w:tabs></w:pPr><w:r><w:t>Dear</w:t><w:tab/><w:t>Sir</w:t></w:r></w:p></w:document>`), "", []string{"<Dear\tSir\n>"}},
		"pages that hold themselves": {bytes.Replace(pdfOf("a"), []byte("/Kids [4 0 R]"), []byte("/Kids [2 0 R]"), 1), "application/pdf", []string{"could not be read", "pages are damaged"}},
		"another archive": {func() []byte {
			var b bytes.Buffer
			z := zip.NewWriter(&b)
			_, _ = z.Create("x")
			_ = z.Close()
			return b.Bytes()
		}(), "", []string{"not a Word document"}},
		"UTF-8 with a mark": {[]byte("\xef\xbb\xbfh\u00fc"), "text/plain", []string{"h\u00fc"}},
		"UTF-16":            {[]byte("\xff\xfeh\x00\xfc\x00"), "text/plain", []string{"h\u00fc"}},
		"UTF-16, the other": {[]byte("\xfe\xff\x00h\x00\xfc"), "text/plain", []string{"h\u00fc"}},
		"Latin-1":           {[]byte("h\xfc"), "text/csv", []string{"h\u00fc"}},
		"XML":               {[]byte("<a/>"), "application/atom+xml", []string{"<a/>"}},
		"something else":    {[]byte{0, 1, 2, 3}, "application/x-tar", []string{"could not be read", "application/x-tar"}},
		"a very long one":   {bytes.Repeat([]byte("x"), maxCharacters+1), "text/plain", []string{"The document goes on"}},
	} {
		t.Run(name, func(t *testing.T) {
			document := chat.Document{Title: "a", MediaType: test.media, Data: based(test.raw)}
			s := offline()
			for range 2 { // the second time from memory
				became, err := s.document(t.Context(), document, catch{})
				if err != nil {
					t.Fatal(err)
				}
				got := became.(chat.Document)
				for _, part := range test.want {
					if !strings.Contains("<"+got.Text+">", part) || got.Data != "" || got.Title != "a" {
						t.Errorf("it became %.300q", got)
					}
				}
			}
		})
	}
}

// siteOf is a stage whose fetcher trusts a server's certificate, and may reach allowed addresses only.
func siteOf(server *httptest.Server, allowed func(netip.Addr) bool) *stage {
	f := newFetcherWith(&net.Dialer{}, allowed)
	f.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // the canary would be reached by any name
	return newStage(nil, Options{FetchImages: func() bool { return true }}, f)
}

func anywhere(netip.Addr) bool { return true }

func TestPicturesAndDocumentsAreFetchedOnce(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Referer")+r.Header.Get("Cookie")+r.Header.Get("Authorization") != "" {
			t.Errorf("the site was told %v", r.Header)
		}
		switch r.URL.Path {
		case "/a.png":
			w.Header().Set("Content-Type", "text/plain") // it lies
			_, _ = w.Write(picture(3, 3))
		case "/a.pdf":
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = w.Write(pdfOf("Invoice 42"))
		case "/moved":
			http.Redirect(w, r, "/a.png", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/plain":
			http.Redirect(w, r, "http://example.com/a.png", http.StatusFound)
		case "/page":
			_, _ = w.Write([]byte("<html>no picture</html>"))
		case "/huge":
			_, _ = w.Write(make([]byte, maxFetched+1))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	s := siteOf(server, anywhere)

	at := func(path string) chat.Image { return chat.Image{URL: server.URL + path} }
	blocks, err := sent(t, s, at("/a.png"), at("/a.png"), at("/moved"), chat.Document{URL: server.URL + "/a.pdf", Title: "bill"})
	if err != nil {
		t.Fatal(err)
	}
	want := chat.Image{MediaType: "image/png", Data: based(picture(3, 3))}
	if !reflect.DeepEqual(blocks[:3], []chat.Block{want, want, want}) || !strings.Contains(blocks[3].(chat.Document).Text, "Invoice 42") {
		t.Errorf("they became %.300v", blocks)
	}
	before := asked.Load()
	if _, err := sent(t, s, at("/a.png")); err != nil || asked.Load() != before || before != 4 {
		t.Errorf("%d requests for the first time, %d for the second, %v", before, asked.Load()-before, err)
	}
	for path, says := range map[string]string{
		"/page": "not a picture", "/round": "more than 3 other addresses", "/plain": "not an https address", "/none": "answered 404", "/huge": "larger than 10 MiB",
	} {
		_, err := sent(t, s, at(path+"?token=canary"))
		if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || !strings.Contains(f.Message, says) || strings.Contains(f.Error(), "canary") {
			t.Errorf("%s: %v", path, err)
		}
	}
	before = asked.Load()
	if _, err := sent(t, s, at("/none?token=canary")); err == nil || asked.Load() != before {
		t.Errorf("what failed a moment ago was asked for again: %v", err)
	}
}

func TestARequestNamesOnlySoManyAddresses(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte("words"))
	}))
	defer server.Close()
	var many []chat.Block
	for i := range maxFetches + 5 {
		many = append(many, chat.Document{URL: fmt.Sprintf("%s/%d", server.URL, i)})
	}
	_, err := sent(t, siteOf(server, anywhere), many...)
	if f := fault.Of(err); f == nil || !strings.Contains(f.Message, "at most 20 addresses") || asked.Load() != maxFetches {
		t.Errorf("%d were fetched, %v", asked.Load(), err)
	}
}

func TestNothingIsFetchedThatOnlyThisComputerCanReach(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write(picture(3, 3))
	}))
	defer server.Close()
	port := server.Listener.Addr().(*net.TCPAddr).Port
	if _, err := sent(t, siteOf(server, anywhere), chat.Image{URL: fmt.Sprintf("https://localhost:%d/", port)}); err != nil || asked.Swap(0) != 1 {
		t.Fatalf("without the guard the canary cannot be reached either, so this proves nothing: %v", err)
	}
	s := siteOf(server, isPublic)
	for _, host := range []string{
		"127.0.0.1", "localhost", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "017700000001", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]",
		"[64:ff9b::7f00:1]", "[fe80::1%25lo]", "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fd00:ec2::254]", "user:pw@127.0.0.1", "localhost.",
	} {
		for _, scheme := range []string{"http", "https", "file", "gopher", "ftp"} {
			_, err := sent(t, s, chat.Image{URL: fmt.Sprintf("%s://%s:%d/latest/meta-data", scheme, host, port)})
			f := fault.Of(err)
			if f == nil || f.Kind != fault.Invalid {
				t.Errorf("%s://%s: %v", scheme, host, err)
				continue
			}
			if literal, bad := netip.ParseAddr(strings.Trim(host, "[]")); bad == nil && literal.Zone() == "" && scheme == "https" && !strings.Contains(f.Message, "public internet") {
				t.Errorf("%s was refused for another reason: %s", host, f.Message)
			}
		}
	}
	if got := asked.Load(); got != 0 {
		t.Errorf("the canary was asked %d times", got)
	}
	off := New(nil, Options{}).(*stage)
	if _, err := sent(t, off, chat.Image{URL: "https://example.com/a.png"}); err == nil || !strings.Contains(fault.Of(err).Message, "switched off") {
		t.Errorf("switched off: %v", err)
	}
}

func TestOnlyThePublicInternetIsPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700::1111": true, "100.128.0.1": true,
		"127.0.0.1": false, "10.1.2.3": false, "100.64.0.1": false, "169.254.169.254": false, "224.0.0.1": false, "255.255.255.255": false, "0.0.0.0": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "ff02::1": false, "64:ff9b::808:808": false, "2002:7f00:1::": false, "::ffff:8.8.8.8": false, "2001:db8::1": false,
	} {
		if got := isPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestARequestWithoutAttachmentsPassesUntouched(t *testing.T) {
	s, request := offline(), &chat.Request{Messages: []chat.Message{{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: "hi"}, chat.Document{Text: "hi"}, chat.ToolResult{Content: []chat.Block{chat.Text{Text: "x"}}}}}}}
	next := &listener{}
	s.next = next
	for range s.Send(t.Context(), request, &usage.Record{}) {
	}
	if next.asked != request {
		t.Error("it was copied")
	}
}

func FuzzReadDocument(f *testing.F) {
	f.Add(pdfOf("Invoice 42"), "application/pdf")
	f.Add(wordOf("<w:p><w:t>x</w:t></w:p>"), "")
	f.Add([]byte("\xff\xfea"), "text/plain")
	f.Fuzz(func(t *testing.T, raw []byte, media string) {
		if len(raw) > 1<<16 {
			t.Skip()
		}
		if text, err := newReader(here).text(t.Context(), raw, media); err == nil && len(text) > maxCharacters+100 {
			t.Errorf("it has %d bytes", len(text))
		}
	})
}

func FuzzFit(f *testing.F) {
	f.Add(picture(3, 3))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if size, _, err := image.DecodeConfig(bytes.NewReader(raw)); err == nil && size.Width*size.Height > 1<<20 {
			t.Skip()
		}
		_, _ = newStudio(here).fit(t.Context(), chat.Image{Data: based(raw)})
	})
}

func TestTheNeighboursOfThisComputerAreNotPublic(t *testing.T) {
	interfaces := func() ([]net.Addr, error) {
		var own []net.Addr
		for _, text := range []string{"127.0.0.1/8", "192.168.1.7/24", "2a00:1450:4001:81b::10/64", "2a02:8071:1:2::5/128", "81.2.69.140/28"} {
			address, network, err := net.ParseCIDR(text)
			if err != nil {
				return nil, err
			}
			own = append(own, &net.IPNet{IP: address, Mask: network.Mask})
		}
		return append(own, &net.UnixAddr{Name: "odd"}), nil
	}
	for text, want := range map[string]bool{
		"2a00:1450:4001:81b::1": false, "2a00:1450:4001:81b:ffff::1": false, "2a00:1450:4001:81c::1": true, "2a02:8071:1:2::1": false, "2a02:8071:1:3::1": true,
		"81.2.69.141": false, "81.2.69.150": true, "8.8.8.8": true,
	} {
		if got := beyond(netip.MustParseAddr(text), interfaces); got != want {
			t.Errorf("%s is beyond: %v", text, got)
		}
	}
	unknown := func() ([]net.Addr, error) { return nil, errors.New("not allowed to know") }
	if beyond(netip.MustParseAddr("8.8.8.8"), unknown) {
		t.Error("nobody knows the networks, and something is outside of them")
	}
}
