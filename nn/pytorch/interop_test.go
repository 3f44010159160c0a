package pytorch

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/predict"
	"wgpucnn/testdata/interop"
)

// Networks that PyTorch saved give PyTorch's logits here: as a state dict, as a whole model,
// with folded BatchNorms and with their own. Networks that are saved here give the engine's logits in PyTorch,
// which also loads them with weights_only. This holds for every variant.
func TestInteropStateDict(t *testing.T) {
	interop.Need(t)
	dev := enginetest.Open(t)
	images := interop.Images(16, 32, 32, 3)
	folder := t.TempDir()
	input, logits := filepath.Join(folder, "input.f32"), filepath.Join(folder, "logits.f32")
	interop.WriteImages(t, input, images)
	for _, pooling := range nn.Poolings {
		for _, direction := range []string{"save", "whole", "fold", "norm", "load"} {
			t.Run(pooling+" "+direction, func(t *testing.T) {
				path := filepath.Join(folder, pooling+direction+".pt")
				if direction == "load" {
					file, err := Marshal(labModel(t, pooling, nn.LabOptions{Classes: 3}))
					if err != nil {
						t.Fatal(err)
					}
					interop.Write(t, path, file)
				}
				interop.Run(t, "/usr/bin/python3", "../../testdata/interop/statedict.py", direction, pooling, input, path, logits)
				file, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				model, _, err := Import(file, LabOptions{Pooling: pooling})
				if err != nil {
					t.Fatal(err)
				}
				got, err := predict.Logits(context.Background(), dev, model.Network, model.State, images, predict.Options{Batch: images.Len()})
				if err != nil {
					t.Fatal(err)
				}
				interop.Compare(t, got, logits, 1e-7, 1e-5)
			})
		}
	}
}

// PyTorch loads a model through the script beside its weights. The four networks of the lab,
// one with every kind of layer, a residual network and one with BatchNorms give the engine's logits and the same
// class names.
func TestInteropScript(t *testing.T) {
	interop.Need(t)
	dev := enginetest.Open(t)
	models := map[string]*modelfile.Model{"every": every(t), "residual": residual(t), "batchnorm": batchNormModel(t)}
	for _, pooling := range nn.Poolings {
		network, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3})
		if err != nil {
			t.Fatal(err)
		}
		models["lab-"+pooling] = &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"apple", "forest", "palm_tree"}}
	}
	for name, model := range models {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := func(name string) string { return filepath.Join(folder, name) }
			weights, err := Marshal(model)
			if err != nil {
				t.Fatal(err)
			}
			script, err := Script(model, path(name+".pt"))
			if err != nil {
				t.Fatal(err)
			}
			classes, err := json.Marshal(model.ClassNames)
			if err != nil {
				t.Fatal(err)
			}
			images := interop.Images(16, model.In[0], model.In[1], model.In[2])
			interop.Write(t, path(name+".pt"), weights)
			interop.Write(t, ScriptPath(path(name+".pt")), script)
			interop.Write(t, path("classes.json"), classes)
			interop.Write(t, path("images"), interop.Interleaved(images))
			interop.Run(t, "/usr/bin/python3", "../../testdata/interop/script.py", ScriptPath(path(name+".pt")), path("images"), path("classes.json"), path("logits"))
			got, err := predict.Logits(context.Background(), dev, model.Network, model.State, images, predict.Options{Batch: images.Len()})
			if err != nil {
				t.Fatal(err)
			}
			interop.Compare(t, got, path("logits"), 1e-7, 1e-5)
		})
	}
}
