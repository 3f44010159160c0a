package shadertest

import (
	"bytes"
	"encoding/binary"
	"math"
	"regexp"
	"strconv"
	"strings"

	"wgpucnn/engine"
)

// mostNumbers is how many values of a tensor stand in the JSON. The files have all.
const mostNumbers = 4096

// isFloat tells whether a binding of a WGSL text holds floats alone.
func isFloat(text, name string) bool {
	return regexp.MustCompile(`var<storage, \w+> ` + name + `\s*:\s*(array<)*(vec[234]<)?f32\b`).MatchString(text)
}

// typed returns the values of a view as float32 or as uint32. contents are those of its buffer.
func typed(contents []byte, v engine.View, floats bool) any {
	words := make([]uint32, v.Size/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(contents[v.Offset+4*i:])
	}
	if !floats {
		return words
	}
	values := make([]float32, len(words))
	for i, w := range words {
		values[i] = math.Float32frombits(w)
	}
	return values
}

// numbers are values as JSON. A value that JSON has no number for is a text.
type numbers []string

// numbersOf returns values as JSON, nil if they are too many.
func numbersOf(values any) numbers {
	switch values := values.(type) {
	case []float64:
		return list(values, func(v float64) string { return number(v, 64) })
	case []float32:
		return list(values, func(v float32) string { return number(float64(v), 32) })
	case []uint32:
		return list(values, func(v uint32) string { return strconv.FormatUint(uint64(v), 10) })
	}
	return nil
}

func list[T any](values []T, text func(T) string) numbers {
	if len(values) > mostNumbers {
		return nil
	}
	all := make(numbers, len(values))
	for i, v := range values {
		all[i] = text(v)
	}
	return all
}

// number returns a float of so many bits as JSON.
func number(v float64, size int) string {
	text := strconv.FormatFloat(v, 'g', -1, size)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.Quote(text)
	}
	return text
}

// lists finds the lists of numbers in indented JSON.
var lists = regexp.MustCompile(`\[\n[^][{}]*\]`)

// oneLine returns a list without its line breaks.
func oneLine(list []byte) []byte { return bytes.Join(bytes.Fields(list), nil) }

func (n numbers) MarshalJSON() ([]byte, error) { return []byte("[" + strings.Join(n, ",") + "]"), nil }

func littleEndian(values any) []byte {
	data, _ := binary.Append(nil, binary.LittleEndian, values) // numbers of a fixed size cannot fail
	return data
}
