package admin

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"amq2api/backend/fault"
)

// What a person sends is bounded: by a refresh token's size, and for many accounts at once by as much text as is read, escaped.
const (
	maxBody = 1 << 20
	maxBulk = 4 << 20
)

// read decodes a JSON body. Members it does not know are refused: a misspelt one would leave something open that was meant to be closed.
func read(r *http.Request, into any) *fault.Error { return readUpTo(r, maxBody, into) }

// readUpTo is read for bodies of another size, in bytes.
func readUpTo(r *http.Request, most int64, into any) *fault.Error {
	body, f := takeUpTo(r, most)
	if f != nil {
		return f
	}
	return decode(body, into)
}

// maxParam bounds the name of a member that a client made up, in bytes.
const maxParam = 80

// readOptional is read for bodies that may be absent.
func readOptional(r *http.Request, into any) *fault.Error {
	body, f := take(r)
	if f != nil || len(body) == 0 {
		return f
	}
	return decode(body, into)
}

// take is the body without the white space around it. What goes wrong here is the client's doing.
func take(r *http.Request) ([]byte, *fault.Error) { return takeUpTo(r, maxBody) }

func takeUpTo(r *http.Request, most int64) ([]byte, *fault.Error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fault.New(fault.TooLarge, "The body is over %d bytes.", tooLarge.Limit)
	case err != nil:
		return nil, fault.New(fault.Invalid, "The body broke off before its end.")
	}
	return bytes.TrimSpace(body), nil
}

func decode(body []byte, into any) *fault.Error {
	switch string(body) {
	case "":
		return fault.New(fault.Invalid, "The body is empty. Send a JSON object.")
	case "null":
		return fault.New(fault.Invalid, "The body must be an object, not null.")
	}
	err := json.Unmarshal(body, new(json.RawMessage))
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		err = decoder.Decode(into)
	}
	return undecoded(err)
}

// undecoded says in words why a body could not be decoded.
func undecoded(err error) *fault.Error {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		field := memberName(wrongType.Field)
		f := fault.New(fault.Invalid, "%s must be %s, not %s.", fieldOr(field, "The body"), wanted(wrongType.Type.String()), given(wrongType.Value))
		f.Param = field
		return f
	case errors.As(err, &syntax):
		return fault.New(fault.Invalid, "The body is not JSON: %s at byte %d.", syntax.Error(), syntax.Offset)
	}
	quoted, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	if !unknown {
		return fault.New(fault.Invalid, "The body is not a JSON object of the expected form.")
	}
	name, bad := strconv.Unquote(quoted)
	if bad != nil {
		name = quoted
	}
	f := fault.New(fault.Invalid, "%.80q cannot be set here. GET /admin/openapi.json lists what can.", name)
	f.Param = name[:min(len(name), maxParam)]
	return f
}

// memberName drops the names of embedded structs, which no client knows, from the decoder's path to a member.
func memberName(path string) string {
	parts := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part != "" && unicode.IsUpper(rune(part[0])) }), ".")
}

func fieldOr(field, otherwise string) string {
	if field == "" {
		return otherwise
	}
	return field
}

// wanted says a Go type in words of JSON.
func wanted(goType string) string {
	switch {
	case strings.HasPrefix(goType, "int"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case goType == "bool":
		return "true or false"
	case goType == "string":
		return "a string"
	case strings.HasPrefix(goType, "[]"):
		return "an array"
	default:
		return "an object"
	}
}

// given says what stood there instead: the decoder's word for it, which for a number may be followed by the number.
func given(value string) string {
	const shown = 24
	switch value {
	case "array", "object":
		return "an " + value
	case "bool":
		return "true or false"
	}
	if number, is := strings.CutPrefix(value, "number "); is {
		return number[:min(len(number), shown)]
	}
	return "a " + value
}

func (d *desk) answer(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		d.Log.Error("encode an admin answer", "err", err)
		status, encoded = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"The answer could not be encoded."}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(encoded)
}

// refuse answers with a fault. Those that are ours are logged here, the only place, under an id that the client is told.
func (d *desk) refuse(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.Of(err)
	if f.Kind.Status() >= http.StatusInternalServerError {
		id := rand.Text()
		w.Header().Set("Request-Id", id)
		d.Log.LogAttrs(r.Context(), levelOf(f.Kind), "admin request failed", slog.String("id", id), slog.String("method", r.Method),
			slog.String("path", r.URL.Path), slog.Any("err", f))
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	d.answer(w, f.Kind.Status(), Failure{FailureBody{Code: f.Kind.String(), Message: f.Message, Field: f.Param, Said: f.Said.OrNil()}})
}

// levelOf tells our mistakes from the world's.
func levelOf(kind fault.Kind) slog.Level {
	if kind == fault.Internal {
		return slog.LevelError
	}
	return slog.LevelWarn
}

// pathID reads the {id} of a route.
func pathID(r *http.Request) (int64, *fault.Error) { return idOf(r.PathValue("id")) }

// idOf reads an id, which has one spelling.
func idOf(text string) (int64, *fault.Error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, fault.New(fault.NotFound, "There is nothing with the id %.40q.", text)
	}
	return id, nil
}

func (d *desk) unknownRoute(w http.ResponseWriter, r *http.Request) {
	d.refuse(w, r, fault.New(fault.NotFound, "There is no admin route %s %.100q. The README lists them.", r.Method, r.URL.Path))
}

func (d *desk) wrongMethod(w http.ResponseWriter, r *http.Request, allowed []string) {
	methods := strings.Join(allowed, ", ")
	w.Header().Set("Allow", methods)
	d.answer(w, http.StatusMethodNotAllowed, Failure{FailureBody{
		Code: "method_not_allowed", Message: fmt.Sprintf("%.100q takes %s, not %s.", r.URL.Path, methods, r.Method),
	}})
}
