package amazonqtest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// The service's limits. Sizes are in bytes.
//
// Source: the official CLI; it keeps below them itself.
const (
	maxHistory          = 10_000 // messages
	maxUserContent      = 600_000
	maxToolResult       = 800_000
	maxWorkingDirectory = 256
	maxImages           = 10 // in one message
	maxImage            = 10 << 20
	bytesPerToken       = 4
)

func historyFits(r *GenerateRequest) string {
	if n := len(r.ConversationState.History); n > maxHistory {
		return fmt.Sprintf("history: %d messages", n)
	}
	return ""
}

func userContentFits(r *GenerateRequest) string {
	for at, user := range r.userTurns() {
		if n := len(user.Content); n > maxUserContent {
			return fmt.Sprintf("%s: content of %d bytes", at, n)
		}
	}
	return ""
}

func workingDirectoryFits(r *GenerateRequest) string {
	for at, user := range r.userTurns() {
		if n := len(user.Context.EnvState.CurrentWorkingDirectory); n > maxWorkingDirectory {
			return fmt.Sprintf("%s: working directory of %d bytes", at, n)
		}
	}
	return ""
}

func toolResultsFit(r *GenerateRequest) string {
	for at, user := range r.userTurns() {
		for _, result := range user.Context.ToolResults {
			if n := result.bytes(); n > maxToolResult {
				return fmt.Sprintf("%s: tool result %q of %d bytes", at, result.ToolUseID, n)
			}
		}
	}
	return ""
}

func imagesAreFew(r *GenerateRequest) string {
	for at, user := range r.userTurns() {
		if n := len(user.Images); n > maxImages {
			return fmt.Sprintf("%s: %d images", at, n)
		}
	}
	return ""
}

func imagesAreSound(r *GenerateRequest) string {
	for at, user := range r.userTurns() {
		for i, image := range user.Images {
			if why := image.unsound(); why != "" {
				return fmt.Sprintf("%s: images[%d]: %s", at, i, why)
			}
		}
	}
	return ""
}

func (i Image) unsound() string {
	if !slices.Contains([]string{"png", "jpeg", "gif", "webp"}, i.Format) {
		return fmt.Sprintf("format %q", i.Format)
	}
	if strings.ContainsAny(i.Source.Bytes, "\r\n") {
		return "base64 with line breaks"
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(i.Source.Bytes)
	if err != nil {
		return err.Error()
	}
	if n := len(decoded); n == 0 || n > maxImage {
		return fmt.Sprintf("%d bytes", n)
	}
	return ""
}
