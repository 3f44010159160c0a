package nn

import (
	"reflect"
	"strings"
)

// Kind is an entry of the table of layer kinds: the name of a layer's type, and the stem of
// its modules' names. The fields of the type are the options of the layer; their JSON tags
// are the keyword arguments of the class in torch.nn.
type Kind struct {
	Name  string // "Conv2d": the class in torch.nn
	Stem  string // "conv"
	layer reflect.Type
}

// kinds is the table. Everything else about a kind are methods of its type.
var kinds = []Kind{
	entry(Normalize{}, "normalize"),
	entry(Conv2d{}, "conv"),
	entry(BatchNorm2d{}, "bn"),
	entry(ReLU{}, "relu"),
	entry(SiLU{}, "silu"),
	entry(GELU{}, "gelu"),
	entry(AvgPool2d{}, "pool"),
	entry(MaxPool2d{}, "pool"),
	entry(AdaptiveAvgPool2d{}, "pool"),
	entry(AdaptiveMaxPool2d{}, "pool"),
	entry(Flatten{}, "flatten"),
	entry(Linear{}, "linear"),
	entry(Add{}, "add"),
	entry(Dropout{}, "dropout"),
}

func entry(layer Layer, stem string) Kind {
	t := reflect.TypeOf(layer)
	return Kind{t.Name(), stem, t}
}

// Register adds a layer type to the table, so that models with such layers can be written
// and read. The stem begins the names of its modules. Register is for init functions. It
// panics if another type has the same name.
func Register(layer Layer, stem string) {
	k := entry(layer, stem)
	if _, ok := KindNamed(k.Name); ok {
		panic("nn: layer kind " + k.Name + " is registered twice")
	}
	kinds = append(kinds, k)
}

// KindOf returns the kind of a layer. A type that is not registered has its own name as
// both name and stem, and ok is false.
func KindOf(layer Layer) (kind Kind, ok bool) {
	t := reflect.TypeOf(layer)
	for _, k := range kinds {
		if k.layer == t {
			return k, true
		}
	}
	return entry(layer, strings.ToLower(t.Name())), false
}

// KindNamed returns the kind of that name.
func KindNamed(name string) (kind Kind, ok bool) {
	for _, k := range kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// New returns a pointer to a new layer of the kind, for json.Unmarshal, and the function
// that returns the layer it points to.
func (k Kind) New() (pointer any, layer func() Layer) {
	value := reflect.New(k.layer)
	return value.Interface(), func() Layer { return value.Elem().Interface().(Layer) }
}

// Explicit returns a layer with its defaults written out, as model files have it.
func Explicit(layer Layer) Layer {
	if l, ok := layer.(interface{ explicit() Layer }); ok {
		return l.explicit()
	}
	return layer
}
