package report

import (
	"encoding/json"
	"fmt"

	"wgpucnn/nn/durable"
)

// WriteFile writes a file that is there as a whole or not at all, see durable.Write.
func WriteFile(path string, data []byte) error {
	if err := durable.Write(path, data); err != nil {
		return fmt.Errorf("report: %w", err)
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
