package choose

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"
)

// The contents of a file decide its format. The name does not.
func TestReadModel(t *testing.T) {
	network, err := nn.NewSequential(nn.Shape{2, 2, 1}, nn.Normalize{Mean: []float32{0}, Std: []float32{1}}, nn.Flatten{}, nn.Linear{In: 4, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	model := &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b"}}
	safetensors, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	graph, err := onnx.Marshal(model, onnx.Options{Opset: onnx.OldestOpset})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model")
	open := func(file []byte) (*modelfile.Model, error) {
		t.Helper()
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		model, _, err := ReadModel(path, "")
		return model, err
	}
	for format, file := range map[string][]byte{"safetensors": safetensors, "ONNX": graph} {
		if got, err := open(file); err != nil {
			t.Errorf("%s: %v", format, err)
		} else if !reflect.DeepEqual(got.State, model.State) {
			t.Errorf("%s: the weights are not those that were written", format)
		}
	}
	for want, file := range map[string][]byte{
		"an empty file":     nil,
		"not a zip archive": []byte("epoch,loss\n"),
		"safetensors: ":     safetensors[:100],
		"the file is cut":   graph[:100],
		"onnx: not written": {8, 4},
	} {
		if _, err := open(file); err == nil || !strings.Contains(err.Error(), path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if _, _, err := ReadModel(path+"s", ""); err == nil {
		t.Error("opened a model that is not there")
	}
}

// The advice to use --map has a value that a shell and the flag take.
func TestMapFlag(t *testing.T) {
	for want, theirs := range map[string][3]string{
		" --map conv1=features.0,conv2=features.3,linear1=head": {"features.0", "features.3", "head"},
		` --map 'conv1=a=b,"conv2=c,d","linear1=e ""f"'`:        {"a=b", "c,d", `e "f`},
		" --map 'conv1=café,conv2=it'\\''s,linear1=$HOME'":      {"café", "it's", "$HOME"},
		" --map": {"a", "\nb", "c"},
	} {
		layers := map[string]string{}
		for i, layer := range pytorch.LabLayers {
			layers[layer] = theirs[i]
		}
		if got := MapFlag(&pytorch.NamesError{Layers: layers}); got != want {
			t.Errorf("%q: got %s, want %s", theirs, got, want)
		}
	}
}
