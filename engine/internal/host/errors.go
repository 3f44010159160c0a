//go:build !js

package host

import (
	"errors"
	"fmt"
	"strings"

	"wgpucnn/engine/internal/native"
)

// failed returns an error of wgpu as one line that wraps ErrLost or ErrMemory where it is such an error.
// It returns nil for nil.
func failed(err error) error {
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(native.OneLine(err.Error()), "engine: ")
	switch {
	case strings.Contains(text, "device is lost"):
		return fmt.Errorf("%w: %s", ErrLost, text)
	case strings.Contains(text, "Not enough memory left"), strings.Contains(text, "Out of Memory"):
		return fmt.Errorf("%w: %s", ErrMemory, text)
	}
	return errors.New(text)
}
