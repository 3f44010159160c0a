package report

import (
	"encoding/json"
	"fmt"

	"github.com/google/renameio/v2/maybe"
)

// WriteFile writes a file with mode 0644 that is there as a whole or not at all:
// under a temporary name, synced, then renamed. (Windows knows no
// such renaming; there it is written in place.)
func WriteFile(path string, data []byte) error {
	if err := maybe.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("report: write %s: %w", path, err)
	}
	return nil
}

// WriteJSON writes value as indented JSON.
func WriteJSON(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("report: write %s: %w", path, err)
	}
	return WriteFile(path, append(data, '\n'))
}
