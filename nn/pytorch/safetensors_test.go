package pytorch

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/testdata/hostile"
)

// safetensorsFile returns a safetensors file as Python writes it.
func safetensorsFile(header string, data []byte) []byte {
	header += strings.Repeat(" ", 7-(len(header)+7)%8)
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), data...)
}

// The types that Python writes are read as float32, and integers are skipped.
func TestUnmarshalSafetensors(t *testing.T) {
	var data []byte
	for _, v := range []float64{1, -2.5} {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	for _, v := range []float32{1, -2.5} {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	for _, bits := range []uint16{0x3c00, 0xc100, 0x3f80, 0xc020} {
		data = binary.LittleEndian.AppendUint16(data, bits)
	}
	data = binary.LittleEndian.AppendUint64(data, 7)
	tensor := func(kind, shape string, from, to int) string {
		return fmt.Sprintf(`"%s":{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, strings.ToLower(kind), kind, shape, from, to)
	}
	header := "{" + strings.Join([]string{`"__metadata__":{"format":"pt"}`, tensor("F64", "[2]", 0, 16), tensor("F32", "[1,2]", 16, 24),
		tensor("F16", "[2,1]", 24, 28), tensor("BF16", "[2]", 28, 32), tensor("I64", "[]", 32, 40)}, ",") + "}"
	want := nn.StateDict{
		tensor1("bf16", nn.Shape{2}, 1, -2.5), tensor1("f16", nn.Shape{2, 1}, 1, -2.5),
		tensor1("f32", nn.Shape{1, 2}, 1, -2.5), tensor1("f64", nn.Shape{2}, 1, -2.5),
	}
	if got, err := Unmarshal(safetensorsFile(header, data)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"cut":               {safetensorsFile(header, data[:39]), "pytorch: safetensors: "},
		"a header's word":   {append(binary.LittleEndian.AppendUint64(nil, 1<<40), "{}"...), "a header of 1099511627776 bytes"},
		"another type":      {safetensorsFile("{"+tensor("U32", "[2]", 0, 8)+"}", data[:8]), `"u32": a tensor of U32: want F32, F64, F16 or BF16`},
		"a name of escapes": {safetensorsFile(`{"\u001b[31m":{"dtype":"\u001b[31m","shape":[],"data_offsets":[0,0]}}`, nil), "safetensors: "},
		"65 dimensions":     {safetensorsFile("{"+tensor("F32", "[0"+strings.Repeat(",1", 64)+"]", 0, 0)+"}", nil), "65 dimensions: want at most 64"},
	} {
		t.Run(name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 1<<20, func() error {
				_, err := Unmarshal(c.file)
				return err
			})
		})
	}
}

// A safetensors file has the numbers of a Sequential in the order of names: 10 comes before 2.
func TestImportSafetensors(t *testing.T) {
	state := renamed(labState(t, "max", nn.LabOptions{Classes: 3, Hidden: 1}), "2", "7", "10")
	sorted := slices.Clone(state)
	slices.SortFunc(sorted, func(a, b nn.Tensor) int { return strings.Compare(a.Name, b.Name) })
	var parts []string
	var data []byte
	for _, tensor := range sorted {
		shape := strings.NewReplacer("(", "[", ")", "]").Replace(tensor.Shape.String())
		parts = append(parts, fmt.Sprintf(`"model.%s":{"dtype":"F32","shape":%s,"data_offsets":[%d,%d]}`, tensor.Name, shape, len(data), len(data)+4*len(tensor.Data)))
		for _, v := range tensor.Data {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
	}
	model, assumed, err := Import(safetensorsFile("{"+strings.Join(parts, ",")+"}", data), LabOptions{Pooling: "max"})
	if err != nil || assumed == "" || model.Pooling() != "max" {
		t.Fatalf("got %v, %q, %v", model, assumed, err)
	}
	for i, tensor := range model.State {
		if !slices.Equal(tensor.Data, state[i].Data) {
			t.Errorf("%s: other weights than those of %s", tensor.Name, state[i].Name)
		}
	}
}
