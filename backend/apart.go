package backend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime/debug"
	"time"

	"amq2api/backend/attach"
	"amq2api/backend/emulate"
)

// ApartCommand is the subcommand of the program that does one piece of work with what a stranger made, and is gone.
const ApartCommand = "work-apart"

// The bounds of work that is done in a process of its own.
const (
	apartAtOnce  = 2       // of each kind
	apartMemory  = 1 << 30 // bytes, where the system can bound it
	apartStack   = 64 << 20
	apartResult  = 64 << 20
	apartGrace   = time.Second
	apartWaiting = 30 * time.Second
)

// WorkApart is what the process of its own does: it reads the input to its end, and writes the result.
func WorkApart(kind string, in io.Reader, out io.Writer) error {
	boundMemory(apartMemory)
	debug.SetMaxStack(apartStack)
	input, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read the input: %w", err)
	}
	result := attach.Work
	if kind == emulate.CheckWork {
		result = func(_ string, asked []byte) []byte { return emulate.Check(asked) }
	}
	_, err = out.Write(result(kind, input))
	return err
}

// workplace starts the program again for each piece of work. What takes too long is killed; what takes too much memory takes nobody along. Each
// kind of work has turns of its own, so that none waits for another.
type workplace struct {
	program string // its own executable
	turns   map[string]chan struct{}
}

// apart is the workplace's way to do work, or nil where the program does not know its own executable: then it is done inside.
func (b *Backend) apart() func(ctx context.Context, kind string, input []byte) ([]byte, error) {
	if b.options.Executable == "" {
		return nil
	}
	w := workplace{b.options.Executable, map[string]chan struct{}{}}
	for _, kind := range []string{attach.DocumentWork, attach.PictureWork, emulate.CheckWork} {
		w.turns[kind] = make(chan struct{}, apartAtOnce)
	}
	return w.do
}

func (w workplace) do(ctx context.Context, kind string, input []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, apartWaiting)
	defer cancel()
	select {
	case w.turns[kind] <- struct{}{}:
		defer func() { <-w.turns[kind] }()
	case <-ctx.Done():
		return nil, attach.ErrNotBegun
	}
	command := exec.CommandContext(ctx, w.program, ApartCommand, kind)
	command.Env = []string{} // nothing of ours is its business
	command.Stdin, command.WaitDelay = bytes.NewReader(input), apartGrace
	var result bytes.Buffer
	command.Stdout = &bounded{&result, apartResult}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", attach.ErrNotBegun, err)
	}
	if err := command.Wait(); err != nil {
		return nil, fmt.Errorf("work apart (%s): %w", kind, err)
	}
	return result.Bytes(), nil
}

// bounded refuses what goes beyond a number of bytes.
type bounded struct {
	out  io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, io.ErrShortWrite
	}
	b.left -= len(p)
	return b.out.Write(p)
}
