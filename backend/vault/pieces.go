package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"amq2api/backend/fault"
)

const (
	// pieceSize is how much of a secret, in bytes, goes into one entry. Windows takes 2560, the macOS tool about 2900.
	pieceSize = 2000
	// maxPieces bounds one secret; a longer one is refused.
	maxPieces = 64

	mark = "amq2api:1"
)

// header is what stands under an item's own name. A short item follows in the header's entry; a long one lies in entries of their own,
// "<name>#<slot><number>" with numbers from 1. The two slots a and b take turns, so that writing a new text leaves the old one whole.
type header struct {
	slot   string // a or b; empty if the text follows in this entry
	pieces int    // 0 if the text follows in this entry
	digest string // of name and text: finds what was cut short, mixed up or moved to another name
	text   string // only if pieces is 0
}

func (h header) encode() string {
	return strings.Join([]string{mark, h.slot, strconv.Itoa(h.pieces), h.digest, h.text}, "|")
}

// decodeHeader reads an item's entry; false means that it is not one of ours, or not whole.
func decodeHeader(entry string) (header, bool) {
	fields := strings.SplitN(entry, "|", 5)
	if len(fields) != 5 || fields[0] != mark {
		return header{}, false
	}
	pieces, err := strconv.Atoi(fields[2])
	if err != nil || pieces < 0 || pieces > maxPieces {
		return header{}, false
	}
	h := header{slot: fields[1], pieces: pieces, digest: fields[3], text: fields[4]}
	inline := h.slot == "" && pieces == 0
	split := (h.slot == "a" || h.slot == "b") && pieces > 0 && h.text == ""
	return h, inline || split
}

func digest(name, text string) string {
	sum := sha256.Sum256([]byte(name + "\x00" + text))
	return hex.EncodeToString(sum[:])
}

// split cuts text into pieces of at most pieceSize bytes, between characters where it can.
func split(text string) []string {
	var pieces []string
	for len(text) > pieceSize {
		cut := pieceSize
		for cut > pieceSize-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
			cut--
		}
		pieces = append(pieces, text[:cut])
		text = text[cut:]
	}
	return append(pieces, text)
}

func pieceName(name, slot string, number int) string { return name + "#" + slot + strconv.Itoa(number) }

func damaged() error {
	return fault.Wrap(fault.Internal, ErrDamaged, "A secret in the keychain is damaged: it is not what was put there. Enter it again.").Saying(fault.Said{Code: fault.VaultDamaged})
}

// load reads an item and checks that it is whole.
func (k *Keychain) load(ctx context.Context, name string) (string, error) {
	entry, err := k.read(ctx, name)
	if err != nil {
		return "", err
	}
	h, whole := decodeHeader(entry)
	if !whole {
		return "", damaged()
	}
	text := h.text
	for number := 1; number <= h.pieces; number++ {
		piece, err := k.read(ctx, pieceName(name, h.slot, number))
		if errors.Is(err, ErrNotFound) {
			return "", damaged()
		}
		if err != nil {
			return "", err
		}
		text += piece
	}
	if digest(name, text) != h.digest {
		return "", damaged()
	}
	return text, nil
}

// save writes the pieces, if any, then the header, then clears the pieces of the text before.
func (k *Keychain) save(ctx context.Context, name, text string) error {
	if name == "" || strings.Contains(name, "#") {
		return errors.New("set a keychain item: a name must not be empty or contain #")
	}
	entry, err := k.read(ctx, name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	before, _ := decodeHeader(entry)
	next := header{digest: digest(name, text), text: text}
	if len(text) > pieceSize {
		if next, err = k.savePieces(ctx, name, text, before.slot); err != nil {
			return err
		}
	}
	if err := k.write(ctx, name, next.encode()); err != nil {
		return err
	}
	if before.pieces == 0 {
		return nil
	}
	return k.removePieces(ctx, name, before.slot)
}

// savePieces writes a long text into the slot that is not taken.
func (k *Keychain) savePieces(ctx context.Context, name, text, taken string) (header, error) {
	slot := "a"
	if taken == slot {
		slot = "b"
	}
	pieces := split(text)
	if len(pieces) > maxPieces {
		return header{}, fault.New(fault.Invalid, "This secret is too long for the keychain: it takes %d bytes at most.", maxPieces*pieceSize)
	}
	for i, piece := range pieces {
		if err := k.write(ctx, pieceName(name, slot, i+1), piece); err != nil {
			return header{}, err
		}
	}
	return header{slot: slot, pieces: len(pieces), digest: digest(name, text)}, nil
}

// remove erases the header first: an item without one is gone, whatever becomes of the pieces. Those of both slots go, so that what a
// crash left behind goes too.
func (k *Keychain) remove(ctx context.Context, name string) error {
	if err := k.erase(ctx, name); err != nil {
		return err
	}
	if err := k.removePieces(ctx, name, "a"); err != nil {
		return err
	}
	return k.removePieces(ctx, name, "b")
}

// removePieces erases a slot from its last piece to its first. A keychain cannot list its entries; as pieces never have a gap, asking
// for one after the other finds the last, also after an erasing that was interrupted.
func (k *Keychain) removePieces(ctx context.Context, name, slot string) error {
	last := 0
	for ; last < maxPieces; last++ {
		_, err := k.read(ctx, pieceName(name, slot, last+1))
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return err
		}
	}
	for ; last > 0; last-- {
		if err := k.erase(ctx, pieceName(name, slot, last)); err != nil {
			return err
		}
	}
	return nil
}
