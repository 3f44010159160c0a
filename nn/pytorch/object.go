package pytorch

// class is a Python class or function that this package does not know, by its module and name.
// It is a placeholder and executes nothing: a call makes an object.
type class string

// object is a placeholder for an instance of a class. It keeps its pickled state, which holds
// the attributes of a torch.nn.Module. It drops the items of lists, sets and dicts.
type object struct {
	class class
	state any
}

// Call implements types.Callable.
func (c class) Call(...any) (any, error) { return &object{class: c}, nil }

// PyNew implements types.PyNewable.
func (c class) PyNew(...any) (any, error) { return &object{class: c}, nil }

// PySetState implements types.PyStateSettable.
func (o *object) PySetState(state any) error {
	o.state = state
	return nil
}

// Set implements types.DictSetter.
func (o *object) Set(key, value any) {}

// Append implements types.ListAppender.
func (o *object) Append(value any) {}

// Add implements types.SetAdder.
func (o *object) Add(value any) {}

// attribute returns an attribute of an object, or nil.
func (o *object) attribute(name string) any {
	all, _ := items(o.state)
	for _, item := range all {
		if item.Key == name {
			return item.Value
		}
	}
	return nil
}
