package report

import (
	"encoding/json"
	"fmt"

	"wgpucnn/nn/durable"
)

// WriteJSON writes value as indented JSON. The file appears as a whole or not at all; see
// durable.Write.
func WriteJSON(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return durable.Write(path, append(data, '\n'))
}
