package shaders

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Constants specialise a file: shapes, tile sizes, switches. Their order has no meaning.
type Constants []Constant

// Constant is one WGSL constant. Value is an int (written as u32), a bool or a
// float32.
type Constant struct {
	Name  string
	Value any
}

// String returns the constants as "N=128 C=3".
func (c Constants) String() string {
	words := make([]string, len(c))
	for i, constant := range c {
		words[i] = fmt.Sprintf("%s=%v", constant.Name, constant.Value)
	}
	return strings.Join(words, " ")
}

// ints returns the constants that are integers, by name.
func (c Constants) ints() map[string]int {
	values := map[string]int{}
	for _, constant := range c {
		if v, ok := constant.Value.(int); ok {
			values[constant.Name] = v
		}
	}
	return values
}

// bool returns the value of a constant that is a bool, and false if there is none.
func (c Constants) bool(name string) bool {
	return slices.ContainsFunc(c, func(constant Constant) bool { return constant.Name == name && constant.Value == true })
}

// wgsl returns the declarations, one on each line.
func (c Constants) wgsl() string {
	var b strings.Builder
	for _, constant := range c {
		fmt.Fprintf(&b, "const %s = %s;\n", constant.Name, constant.literal())
	}
	return b.String()
}

func (c Constant) literal() string {
	switch v := c.Value.(type) {
	case int:
		return strconv.Itoa(v) + "u"
	case bool:
		return strconv.FormatBool(v)
	case float32:
		return strconv.FormatFloat(float64(v), 'e', -1, 32) + "f"
	}
	panic(fmt.Sprintf("shaders: constant %s has type %T", c.Name, c.Value))
}
