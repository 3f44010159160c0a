package pytorch

import (
	"errors"
	"fmt"
	"strings"

	"wgpucnn/nn/internal/unpickle"

	"github.com/nlpodyssey/gopickle/types"
)

// findClass returns the classes and functions that tensors and dicts consist of. For any other
// class it returns a placeholder.
func findClass(module, name string) (any, error) {
	switch {
	case module == "collections" && name == "OrderedDict":
		return &types.OrderedDictClass{}, nil
	case module == "torch._utils" && name == "_rebuild_tensor_v2":
		return unpickle.Function(newTensor), nil
	case module == "torch._utils" && (name == "_rebuild_parameter" || name == "_rebuild_parameter_with_state"):
		return unpickle.Function(newParameter), nil
	case module == "torch._tensor" && name == "_rebuild_from_type_v2":
		return unpickle.Function(newTyped), nil
	case module == "torch._dynamo.eval_frame" && name == "OptimizedModule":
		return compiled{class(module + "." + name)}, nil
	case module == "torch" && strings.HasSuffix(name, "Storage"):
		return storageClass(name), nil
	}
	return class(module + "." + name), nil
}

// newStorage returns the storage that a persistent id describes:
//
//	("storage", class, key, device, elements)
func newStorage(id any) (any, error) {
	tuple, ok := id.(*types.Tuple)
	if !ok || tuple.Len() != 5 || tuple.Get(0) != "storage" {
		return nil, errors.New("a persistent id that is not a storage's")
	}
	s := &storage{}
	var keyed, sized bool
	switch c := tuple.Get(1).(type) {
	case storageClass:
		s.class = c
	case class: // torch.storage.UntypedStorage, which no tensor has
		s.class = storageClass(c)
	}
	s.key, keyed = tuple.Get(2).(string)
	s.size, sized = tuple.Get(4).(int)
	if s.class == "" || !keyed || !sized || s.size < 0 {
		return nil, errors.New("a storage without class, key and size")
	}
	return s, nil
}

// newTensor is torch._utils._rebuild_tensor_v2:
//
//	(storage, offset, shape, stride, requires_grad, backward_hooks)
//
// Some tensors have metadata after that.
func newTensor(args ...any) (any, error) {
	if len(args) < 6 {
		return nil, errors.New("a tensor without its six parts")
	}
	t := &tensor{}
	var stored, placed bool
	t.storage, stored = args[0].(*storage)
	t.offset, placed = args[1].(int)
	if !stored || !placed || t.offset < 0 {
		return nil, errors.New("a tensor without a storage and a place in it")
	}
	var err error
	if t.shape, err = sizes(args[2]); err != nil {
		return nil, err
	}
	if t.stride, err = sizes(args[3]); err != nil {
		return nil, err
	}
	if len(t.shape) != len(t.stride) {
		return nil, errors.New("a tensor with a stride too many or too few")
	}
	return t, nil
}

// newParameter is torch._utils._rebuild_parameter: (tensor, requires_grad, backward_hooks). The
// attributes of a parameter follow as its state.
func newParameter(args ...any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("a parameter without a tensor")
	}
	return args[0], nil
}

// compiled is the class of the module that torch.compile puts around another. Some versions of
// PyTorch pickle it like every module, later ones as a call.
type compiled struct{ class }

// Call implements types.Callable: (module, context).
func (c compiled) Call(args ...any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("a compiled module without its module")
	}
	return args[0], nil
}

// newTyped is torch._tensor._rebuild_from_type_v2, for tensors with attributes or of a
// subclass: (function, class, arguments, state).
func newTyped(args ...any) (any, error) {
	if len(args) >= 3 {
		if parts, ok := args[2].(*types.Tuple); ok {
			if t, err := newTensor(*parts...); err == nil {
				return t, nil
			}
		}
	}
	return &object{class: "torch.Tensor"}, nil
}

// sizes returns the numbers of a tuple, each 0 or more.
func sizes(value any) ([]int, error) {
	tuple, ok := value.(*types.Tuple)
	if !ok || tuple.Len() > maxDimensions {
		return nil, fmt.Errorf("a tensor without a shape and strides of at most %d dimensions", maxDimensions)
	}
	var all []int
	for _, item := range *tuple {
		n, ok := item.(int)
		if !ok || n < 0 {
			return nil, errors.New("a tensor whose shape and strides are not made of numbers from 0")
		}
		all = append(all, n)
	}
	return all, nil
}

// maxDimensions is PyTorch's own limit.
const maxDimensions = 64
