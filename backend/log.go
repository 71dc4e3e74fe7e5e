package backend

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

// The log is a handful of files in the profile: this size each, this many kept.
const (
	logMegabytes = 10
	logFiles     = 5
)

// openLog writes JSON lines to the profile's log, at a level that can change while the program runs. The caller closes the file.
func openLog(profile *Profile, level *slog.LevelVar) (*slog.Logger, io.Closer, error) {
	folder := filepath.Join(profile.Dir, "logs")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, nil, fmt.Errorf("make the log's folder: %w", err)
	}
	file := &lumberjack.Logger{Filename: filepath.Join(folder, "amq2api.log"), MaxSize: logMegabytes, MaxBackups: logFiles}
	return slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: level})), file, nil
}

// levelOf reads a level of the settings, which have been validated.
func levelOf(name string) slog.Level {
	var level slog.Level
	if level.UnmarshalText([]byte(name)) != nil {
		return slog.LevelInfo
	}
	return level
}
