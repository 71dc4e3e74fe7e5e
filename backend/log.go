package backend

import (
	"io"
	"log/slog"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

// The log is a handful of files in the profile: this size each, this many kept.
const (
	logMegabytes = 10
	logFiles     = 5
)

// openLog writes JSON lines to the profile's log, at a level that can change while the program runs. The caller closes the file.
func openLog(profile *Profile, level *slog.LevelVar) (*slog.Logger, io.Closer) {
	file := &lumberjack.Logger{Filename: filepath.Join(profile.Dir, "logs", "amq2api.log"), MaxSize: logMegabytes, MaxBackups: logFiles}
	return slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: level})), file
}

// levelOf reads a level of the settings, which have been validated.
func levelOf(name string) slog.Level {
	var level slog.Level
	if level.UnmarshalText([]byte(name)) != nil {
		return slog.LevelInfo
	}
	return level
}
