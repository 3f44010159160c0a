package main

import (
	"bytes"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"
)

// --fold writes the folded network, as ONNX and for PyTorch. Without it the files have the BatchNorms.
func TestExportFold(t *testing.T) {
	network, err := nn.NewSequential(nn.Shape{8, 8, 3}, nn.LabNormalize, nn.Conv2d{In: 3, Out: 4, Kernel: 3, NoBias: true}, nn.BatchNorm2d{Features: 4, Eps: 1e-3}, nn.ReLU{},
		nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 4, Out: 3})
	if err != nil {
		t.Fatal(err)
	}
	model := &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b", "c"}}
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	if err := model.Save(path("net.safetensors")); err != nil {
		t.Fatal(err)
	}
	for _, fold := range []bool{true, false} {
		args := []string{"export", path("net.safetensors"), "--onnx", path("net.onnx"), "--pt", path("net.pt")}
		network, state := model.Network, model.State
		if fold {
			args = append(args, "--fold")
			network, state = nn.Fold(network, state)
		}
		if status, _, err := call(args...); status != 0 {
			t.Fatalf("%v: status %d, %s", args, status, err)
		}
		graph, err := onnx.Unmarshal(readFile(t, path("net.onnx")))
		if err != nil {
			t.Fatal(err)
		}
		dict, _, err := pytorch.Import(readFile(t, path("net.pt")), pytorch.LabOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for what, got := range map[string]*modelfile.Model{"ONNX": graph, "PyTorch": dict} {
			if len(got.Modules) != len(network.Modules) || !reflect.DeepEqual(got.State, state) {
				t.Errorf("fold %v: %s has %d layers, want %d and their weights", fold, what, len(got.Modules), len(network.Modules))
			}
		}
		if script := readFile(t, path("net.py")); bytes.Contains(script, []byte("nn.BatchNorm2d")) == fold || strings.Count(string(script), "bias=False") != map[bool]int{false: 1}[fold] {
			t.Errorf("fold %v: the script is\n%s", fold, script)
		}
	}
}
