package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// checkLog looks at the write-ahead log beside a database before SQLite does. SQLite takes a log that is damaged in the middle for one that
// ends there, and one that is gone for one that was never needed: both would lose without a word what was written last.
func checkLog(path string, cutOff bool) error {
	file, err := os.Open(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		if cutOff {
			return &ErrDamaged{Path: path, Finding: "the program was ended without closing it, and the write-ahead log with the last changes is gone"}
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the write-ahead log: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	status, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at the write-ahead log: %w", err)
	}
	broken, err := brokenLog(file, status.Size())
	if err != nil {
		return fmt.Errorf("read the write-ahead log: %w", err)
	}
	if broken {
		return &ErrDamaged{Path: path, Finding: "its write-ahead log is damaged in the middle"}
	}
	return nil
}

// The form of a write-ahead log. Source: SQLite's file format, section 4.
const (
	logHeader   = 32
	frameHeader = 24
	logMagic    = 0x377f0682 // the last bit says that checksums are made of big-endian words
	maxPageSize = 65536
)

// brokenLog reports whether a log has a frame that does not fit and, after it, one of the same log that ends a transaction. A log that only
// ends in the middle of a frame is what a kill leaves, and sound. Frames of an older log, with other salts, may follow the last one.
func brokenLog(log io.ReaderAt, size int64) (bool, error) {
	header := make([]byte, logHeader)
	if size < logHeader {
		return false, nil
	}
	if _, err := log.ReadAt(header, 0); err != nil {
		return false, err
	}
	sum, sound := startOfLog(header)
	pageSize := int64(binary.BigEndian.Uint32(header[8:]))
	if !sound {
		return size >= logHeader+frameHeader+512, nil
	}
	frame := make([]byte, frameHeader+pageSize)
	fits := true
	for at := int64(logHeader); at+int64(len(frame)) <= size; at += int64(len(frame)) {
		if _, err := log.ReadAt(frame, at); err != nil {
			return false, err
		}
		ours, ends := string(frame[8:16]) == string(header[16:24]), binary.BigEndian.Uint32(frame[4:]) != 0
		if fits {
			fits = ours && sum.frame(frame)
			continue
		}
		if ours && ends {
			return true, nil
		}
	}
	return false, nil
}

// startOfLog reads a log's header and answers with the checksum that its first frame goes on from.
func startOfLog(header []byte) (sum checksum, sound bool) {
	magic, pageSize := binary.BigEndian.Uint32(header), binary.BigEndian.Uint32(header[8:])
	if magic&^1 != logMagic || pageSize < 512 || pageSize > maxPageSize || pageSize&(pageSize-1) != 0 {
		return sum, false
	}
	sum.order = binary.ByteOrder(binary.LittleEndian)
	if magic&1 == 1 {
		sum.order = binary.BigEndian
	}
	sum.add(header[:24])
	return sum, sum.is(header[24:32])
}

// checksum is the running sum over a log. Source: SQLite's file format, section 4.2.
type checksum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (c *checksum) add(words []byte) {
	for ; len(words) >= 8; words = words[8:] {
		c.s0 += c.order.Uint32(words) + c.s1
		c.s1 += c.order.Uint32(words[4:]) + c.s0
	}
}

func (c *checksum) is(stored []byte) bool {
	return binary.BigEndian.Uint32(stored) == c.s0 && binary.BigEndian.Uint32(stored[4:]) == c.s1
}

// frame goes on over a frame and reports whether it has the sum it should have.
func (c *checksum) frame(frame []byte) bool {
	c.add(frame[:8])
	c.add(frame[frameHeader:])
	return c.is(frame[16:24])
}
