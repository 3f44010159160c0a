package shaders

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// constantJSON is a constant as JSON: its value as WGSL writes it, "128u", "true" or "5e-03f".
type constantJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// MarshalJSON returns the constant with its value as WGSL writes it.
func (c Constant) MarshalJSON() ([]byte, error) {
	return json.Marshal(constantJSON{c.Name, c.literal()})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Constant) UnmarshalJSON(text []byte) error {
	var j constantJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	value, err := parseLiteral(j.Value)
	if err != nil {
		return fmt.Errorf("shaders: constant %.40q: %w", j.Name, err)
	}
	*c = Constant{j.Name, value}
	return nil
}

// parseLiteral returns the value of a WGSL literal.
func parseLiteral(text string) (any, error) {
	if text == "true" || text == "false" {
		return text == "true", nil
	}
	if digits, ok := strings.CutSuffix(text, "u"); ok {
		v, err := strconv.ParseUint(digits, 10, 32)
		if err == nil {
			return int(v), nil
		}
	}
	if digits, ok := strings.CutSuffix(text, "f"); ok {
		v, err := strconv.ParseFloat(digits, 32)
		if err == nil {
			return float32(v), nil
		}
	}
	return nil, fmt.Errorf("value %.40q: want a u32, a bool or an f32 of WGSL", text)
}
