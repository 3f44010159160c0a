package pytorch

// class is a class or function of Python that this package does not know, by its module and
// name. It stands for it in the pickle and executes nothing: a call makes an object.
type class string

// object is a placeholder for what a class made. It forgets its state and its items.
type object struct{ class class }

// Call implements types.Callable.
func (c class) Call(...any) (any, error) { return &object{c}, nil }

// PyNew implements types.PyNewable.
func (c class) PyNew(...any) (any, error) { return &object{c}, nil }

// PySetState implements types.PyStateSettable.
func (o *object) PySetState(any) error { return nil }

// Set implements types.DictSetter.
func (o *object) Set(key, value any) {}

// Append implements types.ListAppender.
func (o *object) Append(value any) {}

// Add implements types.SetAdder.
func (o *object) Add(value any) {}
