// Package golden holds results of PyTorch that testdata/gen wrote: trainings and edge cases. Tests, and
// the verification in the shipped program, compare with them. Package operations has those that
// tests alone need.
//
// The files are part of the program. If one cannot be read, the program is wrong, so this
// package panics.
package golden

import (
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/nlpodyssey/safetensors"
)

//go:embed *.safetensors
var files embed.FS

// Case is one case of an operation: its configuration, with the field names of package ref, and
// PyTorch's tensors.
type Case[Config any] struct {
	Name   string
	Config Config
	Vectors
}

// Vectors are the tensors of a case.
type Vectors struct {
	file   safetensors.SafeTensors
	prefix string
}

// Cases returns the cases of <operation>.safetensors.
func Cases[Config any](operation string) []Case[Config] { return CasesIn[Config](files, operation) }

// CasesIn returns the cases of a file among others.
func CasesIn[Config any](from fs.FS, operation string) []Case[Config] {
	file, metadata := open(from, operation)
	var names []struct{ Name string }
	var configs []Config
	list := []byte(metadata["cases"])
	if err := json.Unmarshal(list, &names); err != nil {
		panic(fmt.Sprintf("golden: %s: %v", operation, err))
	}
	if err := json.Unmarshal(list, &configs); err != nil {
		panic(fmt.Sprintf("golden: %s: %v", operation, err))
	}
	cases := make([]Case[Config], len(configs))
	for i, config := range configs {
		cases[i] = Case[Config]{names[i].Name, config, Vectors{file, names[i].Name + "/"}}
	}
	return cases
}

// Floats returns a tensor of float64.
func (v Vectors) Floats(name string) []float64 { return tensor[float64](v, name, safetensors.F64) }

// Ints returns a tensor of int64.
func (v Vectors) Ints(name string) []int64 { return tensor[int64](v, name, safetensors.I64) }

// Bytes returns a tensor of bytes.
func (v Vectors) Bytes(name string) []byte { return tensor[byte](v, name, safetensors.U8) }

func tensor[T any](v Vectors, name string, dtype safetensors.DType) []T {
	t, ok := v.file.Tensor(v.prefix + name)
	if !ok || t.DType() != dtype {
		panic(fmt.Sprintf("golden: no %v tensor %s%s", dtype, v.prefix, name))
	}
	var one T
	values := make([]T, len(t.Data())/binary.Size(one))
	if _, err := binary.Decode(t.Data(), binary.LittleEndian, values); err != nil {
		panic(fmt.Sprintf("golden: %s%s: %v", v.prefix, name, err))
	}
	return values
}

func open(from fs.FS, name string) (safetensors.SafeTensors, map[string]string) {
	data, err := fs.ReadFile(from, name+".safetensors")
	if err != nil {
		panic(fmt.Sprintf("golden: %v", err))
	}
	file, err := safetensors.Deserialize(data)
	if err != nil {
		panic(fmt.Sprintf("golden: %s: %v", name, err))
	}
	_, metadata, err := safetensors.ReadMetadata(data)
	if err != nil {
		panic(fmt.Sprintf("golden: %s: %v", name, err))
	}
	return file, metadata.Metadata()
}
