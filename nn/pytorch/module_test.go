package pytorch

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/testdata/hostile"
)

// The lab's own model, a class around a Sequential, gives the same weights as its state dict.
// Another network of torch.nn gives its own layers.
func TestImportWhole(t *testing.T) {
	const assumed = `"statedicts.Net" computes what its "seq" does, and nothing else; "statedicts.Normalize", the first module, computes Normalize(mean=[0.5074 0.4867 0.4411], std=[0.2011 0.1987 0.2025])`
	model, got, err := Import(golden(t, "whole"), LabOptions{Classes: []string{"a", "b", "c"}, Source: "whole.pt"})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(model.State, goldenLab()) || model.Pooling() != "base" || got != assumed {
		t.Errorf("got %v, a %q that assumes %q; want %v, a base that assumes %q", model.State, model.Pooling(), got, goldenLab(), assumed)
	}
	if got, want := fmt.Sprintf("%q %s", model.ClassNames, model.Training), `["a" "b" "c"] {"imported":"whole.pt","pooling":"base"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}

	model, _, err = Import(golden(t, "other"), LabOptions{Source: "other.pt"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := nn.NewSequential(nn.Shape{32, 32, 3}, nn.LabNormalize,
		nn.Conv2d{In: 3, Out: 2, Kernel: 3, Stride: 1, Padding: 1}, nn.ReLU{}, nn.MaxPool2d{Kernel: 2, Stride: 2},
		nn.Conv2d{In: 2, Out: 4, Kernel: 3, Stride: 2}, nn.ReLU{}, nn.AvgPool2d{Kernel: 3, Stride: 2}, nn.AdaptiveMaxPool2d{Out: 2},
		nn.Flatten{}, nn.Linear{In: 16, Out: 5}, nn.ReLU{}, nn.Dropout{P: 0.5}, nn.Linear{In: 5, Out: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(model.Network, want) {
		t.Errorf("got %v, want %v", model.Modules, want.Modules)
	}
	var names []string
	var shapes []nn.Shape
	for _, p := range want.Params() {
		names, shapes = append(names, p.Name), append(shapes, p.Shape)
	}
	if !reflect.DeepEqual(model.State, tensors(names, shapes)) {
		t.Errorf("got %v, want other weights", model.State)
	}
	if got := fmt.Sprintf("%s", model.Training); got != `{"imported":"other.pt"}` {
		t.Errorf("training %s", got)
	}
	for want, o := range map[string]LabOptions{
		"2 class names for 3 classes":                               {Classes: []string{"a", "b"}},
		"other names of layers: this file describes its own layers": {Layers: map[string]string{"conv1": "a"}},
	} {
		if _, _, err := Import(golden(t, "other"), o); err == nil || err.Error() != "pytorch: "+want {
			t.Errorf("%+v: got %v, want %q", o, err, want)
		}
	}
}

// module is a module of a class with attributes, parameters, buffers and children. Each is a
// list of "name", pickled value.
type module struct {
	class                                 string
	attributes, parameters, buffers, kids []string
}

// pickled returns the opcodes that push the module.
func (m module) pickled() string {
	dict := func(items []string) string {
		out := "}("
		for i := 0; i+1 < len(items); i += 2 {
			out += text(items[i]) + items[i+1]
		}
		return out + "u"
	}
	at := strings.LastIndexByte(m.class, '.')
	return "c" + m.class[:at] + "\n" + m.class[at+1:] + "\n)\x81" + dict(append([]string{
		"_parameters", dict(m.parameters), "_buffers", dict(m.buffers), "_modules", dict(m.kids),
	}, m.attributes...)) + "b"
}

const inOrder = "torch.nn.modules.container.Sequential"

// attributed returns a module of a class with attributes.
func attributed(class string, attributes ...string) module {
	return module{class: class, attributes: attributes}
}

// standard returns a module of torch.nn with attributes.
func standard(kind string, attributes ...string) module {
	return module{class: "torch.nn.modules.any." + kind, attributes: attributes}
}

// sequential returns a module that contains others under their numbers.
func sequential(class string, modules ...string) string {
	m := module{class: class}
	for i, pickled := range modules {
		m.kids = append(m.kids, fmt.Sprint(i), pickled)
	}
	return m.pickled()
}

// Pickled numbers and a pair.
const (
	one, two, pair, uneven  = "K\x01", "K\x02", "K\x03K\x03\x86", "K\x03K\x05\x86"
	pyNone, pyTrue, pyFalse = "N", "\x88", "\x89"
)

// floatsOf pushes a tensor of the given shape on record 0.
func floatsOf(shape ...int) string {
	stride, size := make([]int, len(shape)), 1
	for d := len(shape) - 1; d >= 0; d-- {
		stride[d], size = size, size*shape[d]
	}
	return tensorOf(storageOf("0", 4096), 0, shape, stride)
}

// floatOf pushes a number: BINFLOAT.
func floatOf(v float64) string {
	return "G" + string(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
}

// batchNorm returns a BatchNorm2d of three channels, with other settings first.
func batchNorm(settings ...string) module {
	m := standard("BatchNorm2d", append(settings, "num_features", "K\x03", "eps", floatOf(1e-3), "momentum", floatOf(0.25), "affine", pyTrue, "track_running_stats", pyTrue)...)
	m.parameters = []string{"weight", floatsOf(3), "bias", floatsOf(3)}
	m.buffers = []string{"running_mean", floatsOf(3), "running_var", floatsOf(3), "num_batches_tracked", "K\x05"}
	return m
}

// A BatchNorm2d of a whole model keeps its settings, its parameters and its running statistics.
func TestImportBatchNorm(t *testing.T) {
	model, _, err := Import(wholeFile(t, network(batchNorm(), standard("ReLU"))), LabOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := model.Modules[2].Layer, (nn.BatchNorm2d{Features: 3, Eps: 1e-3, Momentum: 0.25}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	var names []string
	for _, tensor := range model.State {
		names = append(names, tensor.Name)
	}
	if got, want := strings.Join(names, " "), "bn1.weight bn1.bias bn1.running_mean bn1.running_var linear1.weight linear1.bias"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// linearOf returns a Linear of three classes for images of 32 x 32 after an adaptive pool.
func linearOf() module {
	m := standard("Linear", "in_features", "K\x03", "out_features", "K\x03")
	m.parameters = []string{"weight", floatsOf(3, 3), "bias", floatsOf(3)}
	return m
}

// wholeFile returns a file of a pickled whole model. All its tensors have the value 0.25.
func wholeFile(t testing.TB, pickled string) []byte {
	t.Helper()
	return pack(t, stored("a/data.pkl", "\x80\x02"+pickled+"."), stored("a/data/0", strings.Repeat("\x00\x00\x80\x3e", 4096)))
}

// network returns a Sequential of an adaptive pool, the modules, and the Linear.
func network(modules ...module) string {
	all := []string{standard("AdaptiveAvgPool2d", "output_size", one).pickled()}
	for _, m := range modules {
		all = append(all, m.pickled())
	}
	flatten := standard("Flatten", "start_dim", one, "end_dim", "J\xff\xff\xff\xff")
	return sequential(inOrder, append(all, flatten.pickled(), linearOf().pickled())...)
}

// A class of the user's with one module computes what that module computes. The normalisation
// has its mean and std.
func TestImportWholeClasses(t *testing.T) {
	thirds := func(n string) string { return "(" + n + n + n + "t" }
	half, large := "G\x3f\xe0\x00\x00\x00\x00\x00\x00", "G\x40\x60\x00\x00\x00\x00\x00\x00"
	normalize := module{class: "torchvision.transforms.transforms.Normalize", attributes: []string{"mean", thirds(half), "std", thirds(half)}}
	thirdsOf := floatsOf(3) // 0.25, by the file
	around := func(m module) string {
		m.kids = []string{"seq", network()}
		return m.pickled()
	}
	first := func(m module) string {
		return sequential(inOrder, m.pickled(), network())
	}
	for name, c := range map[string]struct{ pickled, mean, assumed string }{
		"a class":             {sequential("my.Net", network()), "0.5074", `"my.Net" computes what its "0" does, and nothing else; the network was trained on pictures that had passed through Normalize(`},
		"a class with a loss": {module{class: "my.Net", kids: []string{"seq", network(), "loss", module{class: "torch.nn.modules.loss.CrossEntropyLoss"}.pickled()}}.pickled(), "0.5074", `"my.Net" computes what its "seq" does, and nothing else; the network`},
		"a class in a class":  {sequential("my.Wrapper", sequential("my.Net", network())), "0.5074", `"my.Wrapper" computes what its "0" does, and nothing else; "my.Net" computes`},
		"DataParallel":        {sequential("torch.nn.parallel.data_parallel.DataParallel", network()), "0.5074", "the network was trained on"},
		"compiled":            {"ctorch._dynamo.eval_frame\nOptimizedModule\n" + network() + "N\x86R", "0.5074", "the network was trained on"},
		"compiled, as all":    {sequential("torch._dynamo.eval_frame.OptimizedModule", network()), "0.5074", "the network was trained on"},
		"mean and std":        {first(normalize), "0.5", `"torchvision.transforms.transforms.Normalize", the first module, computes Normalize(mean=[0.5 0.5 0.5]`},
		"buffers":             {first(module{class: "my.Scale", buffers: []string{"mean", thirdsOf, "std", thirdsOf}}), "0.25", `"my.Scale", the first module, computes Normalize(mean=[0.25`},
		"tensors":             {first(module{class: "my.Scale", attributes: []string{"mean", thirdsOf, "std", thirdsOf}}), "0.25", `"my.Scale", the first module, computes`},
		"parameters":          {first(module{class: "my.Scale", parameters: []string{"mean", thirdsOf, "std", thirdsOf}}), "0.25", `"my.Scale", the first module, computes`},
		"a class's own":       {around(attributed("my.Net", "mean", thirdsOf, "std", thirdsOf, "hidden", two)), "0.25", `"my.Net" computes Normalize(mean=[0.25 0.25 0.25], std=[0.25 0.25 0.25]), then what its "seq" does`},
		"a class of unknown":  {first(module{class: "my.Scale"}), "0.5074", `"my.Scale", the first module, computes Normalize(mean=[0.5074`},
	} {
		model, assumed, err := Import(wholeFile(t, c.pickled), LabOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprint(model.Modules[0].Layer.(nn.Normalize).Mean[0]); got != c.mean || !strings.HasPrefix(assumed, c.assumed) || len(model.Modules) != 4 {
			t.Errorf("%s: got mean %s, %d layers, %q", name, got, len(model.Modules), assumed)
		}
	}
	of255 := normalize
	of255.attributes = []string{"mean", thirds(large), "std", thirds(large)}
	if _, _, err := Import(wholeFile(t, first(of255)), LabOptions{}); err == nil || !strings.Contains(err.Error(), "mean [128 128 128] and std [128 128 128]: want them for values from 0 to 1") {
		t.Errorf("values from 0 to 255: got %v", err)
	}
}

// Smooth activations are layers of their own. A GELU that PyTorch before 1.12 saved has no setting.
func TestImportWholeActivations(t *testing.T) {
	file := wholeFile(t, network(standard("SiLU", "inplace", pyTrue), standard("GELU", "approximate", text("none")), standard("GELU")))
	model, _, err := Import(file, LabOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []nn.Layer
	for _, m := range model.Modules[2:5] {
		got = append(got, m.Layer)
	}
	if want := []nn.Layer{nn.SiLU{}, nn.GELU{}, nn.GELU{}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Modules and settings that cannot be read give an error that names them and says what to do.
func TestImportWholeRefuses(t *testing.T) {
	conv := func(settings ...string) module {
		m := standard("Conv2d", append(settings, "in_channels", "K\x03", "out_channels", "K\x03", "kernel_size", one, "stride", one, "padding", "K\x00")...)
		m.parameters = []string{"weight", floatsOf(3, 3, 1, 1), "bias", floatsOf(3)}
		return m
	}
	weights := func(m module, parameters ...string) module {
		m.parameters = parameters
		return m
	}
	pool := func(kind string, settings ...string) module {
		return standard(kind, append(settings, "kernel_size", one, "stride", one)...)
	}
	hooked := standard("ReLU", "_forward_pre_hooks", dictItems("K\x00", "cmy\nhook\n"))
	pruned := standard("ReLU", "_forward_pre_hooks", dictItems("K\x00", "ctorch.nn.utils.prune\nL1Unstructured\n)\x81"))
	single := standard("Linear", "in_features", "K\x03", "out_features", one)
	single.parameters = []string{"weight", floatsOf(1, 3), "bias", floatsOf(1)}
	flatten := standard("Flatten", "start_dim", one)
	oneOutput := sequential(inOrder, standard("AdaptiveAvgPool2d", "output_size", one).pickled(), flatten.pickled(), single.pickled())
	parametric := module{class: "my.Net", parameters: []string{"scale", floatsOf(1)}, kids: []string{"seq", network()}}
	bufferless := batchNorm()
	bufferless.buffers = nil
	unbiased := weights(conv(), "weight", floatsOf(3, 3, 1, 1), "bias", pyNone)
	model, _, err := Import(wholeFile(t, network(conv(), pool("AvgPool2d"), unbiased, pool("MaxPool2d"))), LabOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(model.Modules[4].Layer), "Conv2d(3, 3, kernel_size=(1, 1), stride=(1, 1), bias=False)"; got != want {
		t.Errorf("without a bias: got %s, want %s", got, want)
	}
	depthwise := weights(conv("groups", "K\x03"), "weight", floatsOf(3, 1, 1, 1), "bias", floatsOf(3))
	if model, _, err = Import(wholeFile(t, network(depthwise)), LabOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(model.Modules[2].Layer), "Conv2d(3, 3, kernel_size=(1, 1), stride=(1, 1), groups=3)"; got != want {
		t.Errorf("in groups: got %s, want %s", got, want)
	}
	for name, c := range map[string]struct{ pickled, want string }{
		"a kernel of two sizes":  {network(conv("kernel_size", uneven)), `"1", of class "torch.nn.modules.any.Conv2d": kernel_size=(3, 5): want one number, or two that are equal`},
		"a stride of none":       {network(conv("stride", "K\x00")), "stride=0: want 1 to 1048576"},
		"a giant's stride":       {network(conv("stride", long(1<<40))), "stride=1099511627776: want 1 to 1048576"},
		"a padding of two":       {network(conv("padding", uneven)), "padding=(3, 5): want as much on all sides"},
		"a padding below 0":      {network(conv("padding", "J\xff\xff\xff\xff")), "padding=-1: want as much"},
		"same, strided":          {network(conv("padding", text("same"), "stride", two)), `padding="same": want as much`},
		"a dilation":             {network(conv("dilation", pair)), "dilation=(3, 3): want 1"},
		"groups that do not fit": {network(conv("groups", two)), "groups=2: want a number that divides in_channels and out_channels"},
		"groups of a class":      {network(conv("groups", "cmy\nGroups\n")), `groups=the class "my.Groups": want a number`},
		"padding_mode":           {network(conv("padding_mode", text("reflect"))), `padding_mode="reflect": want "zeros"`},
		"a setting of a class":   {network(conv("stride", "cmy\nStride\n")), `stride=the class "my.Stride": want one number`},
		"no bias":                {network(weights(conv(), "weight", floatsOf(3, 3, 1, 1))), "has no bias"},
		"no weight":              {network(weights(conv(), "bias", floatsOf(3))), "has no weight"},
		"a parameter more":       {network(weights(conv(), "weight", floatsOf(3, 3, 1, 1), "bias", floatsOf(3), "g", floatsOf(3))), "has 3 parameters: want 2"},
		"a weight of a class":    {network(weights(conv(), "weight", "cmy\nTensor\n)R", "bias", floatsOf(3))), `weight is an object of "my.Tensor": want a tensor`},
		"another shape":          {network(weights(conv(), "weight", floatsOf(3, 3), "bias", floatsOf(3))), "weight of shape (3, 3): want (3, 3, 1, 1)"},
		"ceil_mode":              {network(pool("MaxPool2d", "ceil_mode", pyTrue)), "ceil_mode=True: want False"},
		"indices":                {network(pool("MaxPool2d", "return_indices", pyTrue)), "return_indices=True: want False"},
		"padded pool":            {network(pool("AvgPool2d", "padding", one)), "padding=1: want 0"},
		"divisor":                {network(pool("AvgPool2d", "divisor_override", two)), "divisor_override=2: want None"},
		"output of none":         {network(standard("AdaptiveMaxPool2d", "output_size", "NN\x86")), "output_size=(..., ...): want one number"},
		"flattened further":      {network(standard("Flatten", "start_dim", two)), "start_dim=2: want 1"},
		"all is dropped":         {network(standard("Dropout", "p", one)), "p=1: want 0 or more, below 1"},
		"p of no number":         {network(standard("Dropout", "p", text("half"))), `p="half": want 0 or more, below 1`},
		"an approximate GELU":    {network(standard("GELU", "approximate", text("tanh"))), `"1", of class "torch.nn.modules.any.GELU": approximate="tanh": want "none"`},
		"no affine BatchNorm":    {network(batchNorm("affine", pyFalse)), `"1", of class "torch.nn.modules.any.BatchNorm2d": affine=False: want True`},
		"a BatchNorm of batches": {network(batchNorm("track_running_stats", pyFalse)), "track_running_stats=False: want True"},
		"a cumulative BatchNorm": {network(batchNorm("momentum", pyNone)), "momentum=None: want a number above 0, up to 1"},
		"an eps of 0":            {network(batchNorm("eps", floatOf(0))), "eps=0: want a number above 0, up to 1"},
		"no running_var":         {network(bufferless), "has no running_mean"},
		"a BatchNorm1d":          {network(standard("BatchNorm1d")), "wgpucnn has no such layer: want Sequential, Conv2d, BatchNorm2d"},
		"a LeakyReLU":            {network(standard("LeakyReLU")), `"1", of class "torch.nn.modules.any.LeakyReLU": wgpucnn has no such layer: want Sequential, Conv2d`},
		"a ModuleList":           {sequential("torch.nn.modules.container.ModuleList", network()), "the order of its modules is in the code of the class around it"},
		"hooks":                  {network(hooked), "has _forward_pre_hooks, which may change what it computes"},
		"hooks of pruning":       {network(pruned), `has _forward_pre_hooks, which may change what it computes: call torch.nn.utils.prune.remove(module, "weight") and save it again`},
		"no weights yet":         {network(standard("LazyLinear")), "has no weights yet: call the model on a batch of pictures and save it again"},
		"quantised":              {network(module{class: "torch.ao.nn.quantized.modules.linear.Linear"}), "quantised: save the model that it was made of"},
		"probabilities":          {network(standard("Softmax")), "the network must end in logits"},
		"one output":             {oneOutput, "the network has one output: want one for each of two classes or more"},
		"several modules":        {sequential("my.Net", network(), network()), `"my.Net": has several modules, "0", "1", and their order is in its code: if it computes what one of the lab's networks does, save the state dict instead: torch.save(model.state_dict(), path)`},
		"a block of a class":     {network(module{class: "my.Block", kids: []string{"conv1", conv().pickled(), "shortcut", conv().pickled()}}), `"1", of class "my.Block": has several modules, "conv1", "shortcut", and their order is in its code`},
		"own parameters":         {parametric.pickled(), `"my.Net": has "scale" of its own`},
		"moments by other names": {sequential(inOrder, attributed("my.Scale", "mu", floatsOf(3)).pickled(), network()), `"0", of class "my.Scale": has "mu" of its own, whose use is in its code: want a mean and a std of three numbers each`},
		"one mean for all":       {sequential(inOrder, attributed("my.Scale", "mean", one, "std", two).pickled(), network()), `has "mean", "std" of its own`},
		"a mean alone":           {sequential(inOrder, attributed("my.Scale", "mean", floatsOf(3)).pickled(), network()), `has "mean" of its own`},
		"an array of numpy":      {sequential(inOrder, attributed("my.Scale", "mean", "cnumpy.core.multiarray\n_reconstruct\n)R", "std", floatsOf(3)).pickled(), network()), `has "mean", "std" of its own`},
		"a weight beside":        {sequential(inOrder, attributed("my.Norm", "mean", floatsOf(3), "std", floatsOf(3), "gamma", floatsOf(3)).pickled(), network()), `has "mean", "std", "gamma" of its own`},
		"moments after a layer":  {network(attributed("my.Scale", "mean", floatsOf(3), "std", floatsOf(3))), `"1", of class "my.Scale": what it computes is in its code`},
		"a class between":        {network(module{class: "my.Swish"}), `"1", of class "my.Swish": what it computes is in its code: want modules of torch.nn, Sequential, Conv2d`},
		"a class alone":          {module{class: "my.Net"}.pickled(), "the whole model: has no layers"},
		"no Linear":              {sequential(inOrder, standard("ReLU").pickled()), "ends in ReLU()"},
		"maps that do not fit":   {sequential(inOrder, linearOf().pickled()), "on pictures of 32 x 32: "},
		"a module of no kind":    {module{class: "my.Net", kids: []string{"a", text("b")}}.pickled(), `"a" is a string: want a module`},
		"vast maps":              {network(standard("AdaptiveMaxPool2d", "output_size", long(1<<20)), standard("AdaptiveMaxPool2d", "output_size", one)), "want at most 268435456 elements"},
		"itself":                 {"cmy\nNet\n)\x81q\x00}(" + text("_modules") + "}(" + text("a") + "h\x00uub", "within one another"},
		"doubled and doubled":    {doubled(40), "more than 1000 modules, or more than 32 within one another"},
	} {
		t.Run(name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 16<<20, func() error {
				_, _, err := Import(wholeFile(t, c.pickled), LabOptions{})
				return err
			})
		})
	}
}

// dictItems pushes a dict of one item.
func dictItems(key, value string) string { return "}(" + key + value + "u" }

// doubled pushes a Sequential that contains one module twice, which contains one module twice,
// and so on.
func doubled(deep int) string {
	out := standard("ReLU").pickled()
	for i := range deep {
		put, get := fmt.Sprintf("q%c", i), fmt.Sprintf("h%c", i)
		out = sequential(inOrder, out+put, get)
	}
	return out
}
