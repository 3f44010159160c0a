package pytorch

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"wgpucnn/nn"
)

// pickler writes a pickle of protocol 2, opcode by opcode.
type pickler []byte

// pickleState returns the pickle of a state dict.
func pickleState(state nn.StateDict) ([]byte, error) {
	p := pickler("\x80\x02") // PROTO 2
	p.orderedDict()
	p = append(p, '(') // MARK
	for i, t := range state {
		if len(t.Data) > math.MaxInt32 {
			return nil, fmt.Errorf("%s: %d values: want at most %d", t.Name, len(t.Data), math.MaxInt32)
		}
		p.text(t.Name)
		p.tensor("FloatStorage", t.Shape, strconv.Itoa(i))
		if isRunningVar(t.Name) {
			layer, _ := splitName(t.Name)
			p.text(layer + "." + batchCount)
			p.tensor("LongStorage", nil, countRecord)
		}
	}
	return append(p, "u."...), nil // SETITEMS, STOP
}

// batchCount is the name of a BatchNorm's number of batches, the only integer of a state dict. countRecord is
// the record of its storage, which all BatchNorms share.
const batchCount, countRecord = "num_batches_tracked", "count"

// isRunningVar reports whether a name is that of a BatchNorm's last tensor before the number of batches.
func isRunningVar(name string) bool {
	_, parameter := splitName(name)
	return parameter == "running_var"
}

// orderedDict pushes an empty OrderedDict.
func (p *pickler) orderedDict() { *p = append(*p, "ccollections\nOrderedDict\n)R"...) } // GLOBAL, EMPTY_TUPLE, REDUCE

// text pushes a string: BINUNICODE.
func (p *pickler) text(s string) {
	*p = append(binary.LittleEndian.AppendUint32(append(*p, 'X'), uint32(len(s))), s...)
}

// int pushes a number below 1<<31: BININT.
func (p *pickler) int(n int) {
	*p = binary.LittleEndian.AppendUint32(append(*p, 'J'), uint32(n))
}

// tuple pushes a tuple of numbers: MARK, TUPLE.
func (p *pickler) tuple(numbers []int) {
	*p = append(*p, '(')
	for _, n := range numbers {
		p.int(n)
	}
	*p = append(*p, 't')
}

// tensor pushes a call of torch._utils._rebuild_tensor_v2 with the arguments of newTensor. The
// tensor is the whole storage data/key.
func (p *pickler) tensor(class storageClass, shape nn.Shape, key string) {
	stride := make([]int, len(shape))
	size := 1
	for d := len(shape) - 1; d >= 0; d-- {
		stride[d] = size
		size *= shape[d]
	}
	*p = append(*p, "ctorch._utils\n_rebuild_tensor_v2\n(("...)
	p.text("storage")
	*p = append(*p, "ctorch\n"+class+"\n"...)
	p.text(key)
	p.text("cpu")
	p.int(size)
	*p = append(*p, "tQ"...) // TUPLE, BINPERSID
	p.int(0)
	p.tuple(shape)
	p.tuple(stride)
	*p = append(*p, 0x89) // NEWFALSE: requires no gradient
	p.orderedDict()       // of hooks
	*p = append(*p, "tR"...)
}
