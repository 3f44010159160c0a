package pytorch

import (
	"reflect"
	"testing"
)

// Modules may share their weights, so the tensors may have more bytes than the file.
func TestImportWholeShared(t *testing.T) {
	linear := standard("Linear", "in_features", "K\x40", "out_features", "K\x40")
	linear.parameters = []string{"weight", floatsOf(64, 64), "bias", floatsOf(64)}
	conv := standard("Conv2d", "in_channels", "K\x03", "out_channels", "K\x40", "kernel_size", one, "stride", one, "padding", "K\x00")
	conv.parameters = []string{"weight", floatsOf(64, 3, 1, 1), "bias", floatsOf(64)}
	last := standard("Linear", "in_features", "K\x40", "out_features", "K\x03")
	last.parameters = []string{"weight", floatsOf(3, 64), "bias", floatsOf(3)}
	var all []string
	for _, m := range []module{conv, standard("AdaptiveAvgPool2d", "output_size", one), standard("Flatten"), linear, linear, last} {
		all = append(all, m.pickled())
	}
	model, _, err := Import(wholeFile(t, sequential("torch.nn.modules.container.Sequential", all...)), LabOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(model.Modules) != 7 || !reflect.DeepEqual(model.State[2].Data, model.State[4].Data) {
		t.Errorf("got %v", model.Modules)
	}
}
