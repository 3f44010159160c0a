package pytorch

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"wgpucnn/nn"

	"github.com/nlpodyssey/safetensors"
)

// maxHeader is more than the header of any network's state dict takes, in bytes. Decoded JSON
// takes many times the memory of its text.
const maxHeader = 1 << 20

// storageClasses are PyTorch's names of safetensors' types.
var storageClasses = map[safetensors.DType]storageClass{
	safetensors.F32: "FloatStorage", safetensors.F64: "DoubleStorage", safetensors.F16: "HalfStorage", safetensors.BF16: "BFloat16Storage",
	safetensors.I64: "LongStorage", safetensors.I32: "IntStorage", safetensors.I16: "ShortStorage", safetensors.I8: "CharStorage",
	safetensors.U8: "ByteStorage", safetensors.BOOL: "BoolStorage",
}

// readSafetensors returns the tensors of a state dict in a safetensors file, in the order of
// their names.
func readSafetensors(file []byte) (nn.StateDict, error) {
	size := binary.LittleEndian.Uint64(file)
	if size > maxHeader {
		return nil, fmt.Errorf("a header of %d bytes: want at most %d: is this a safetensors file?", size, maxHeader)
	}
	_, header, err := safetensors.ReadMetadata(file)
	if err != nil { // the text may quote whole values, so shorten it
		return nil, fmt.Errorf("safetensors: %.200q: the file is cut or damaged", err)
	}
	tensors := header.Tensors()
	var state nn.StateDict
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		info := tensors[name]
		class, known := storageClasses[info.DType]
		if integers[class] {
			continue
		}
		if !known {
			return nil, fmt.Errorf("%.60q: a tensor of %v: want F32, F64, F16 or BF16", name, info.DType)
		}
		if len(info.Shape) > maxDimensions {
			return nil, fmt.Errorf("%.60q: %d dimensions: want at most %d", name, len(info.Shape), maxDimensions)
		}
		// The library has checked that the shape fits the bytes.
		data := file[8+size:][info.DataOffsets[0]:info.DataOffsets[1]]
		element := elements[class]
		t := nn.Tensor{Name: name, Data: make([]float32, len(data)/element.size)}
		for _, d := range info.Shape {
			t.Shape = append(t.Shape, int(d))
		}
		for i := range t.Data {
			t.Data[i] = element.value(data[i*element.size:])
		}
		state = append(state, t)
	}
	return state, nil
}
