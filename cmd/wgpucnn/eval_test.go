package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// figures is what a test reads of "eval --json".
type figures struct {
	Model, Version, Adapter, Data string
	Classes                       []string
	Train, Test                   struct {
		Rows           int
		Loss, Accuracy float64
		Accuracy95     [2]float64 `json:"accuracy_95"`
		Classes        []struct {
			Class                 string
			Precision, Recall, F1 float64
			Support               int
		}
		Confusion [][]int
	}
}

// evalJSON evaluates a model and returns the figures and the warnings.
func evalJSON(t *testing.T, path string) (figures, string) {
	t.Helper()
	status, out, stderr := call("eval", path, "--json")
	var f figures
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if err := json.Unmarshal([]byte(out), &f); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return f, stderr
}

// eval gives the figures that train gave.
func TestEval(t *testing.T) {
	dev := enginetest.Open(t)
	run := filepath.Join(t.TempDir(), "run")
	if status, _, err := call("train", "--epochs", "2", "--hidden", "2", "--pooling", "max", "--out", run); status != 0 {
		t.Fatal(err)
	}
	left := runstest.Files(t, run)
	var summary struct {
		Variants []struct {
			Train, Test struct{ Loss, Accuracy float64 }
		}
	}
	if err := json.Unmarshal(left["summary.json"], &summary); err != nil {
		t.Fatal(err)
	}
	want := summary.Variants[0]

	path := filepath.Join(run, "max", "model.safetensors")
	f, warned := evalJSON(t, path)
	if f.Model != path || f.Version != version.Program() || f.Adapter != dev.Adapter().String() || f.Data != "builtin" || warned != "" ||
		f.Train.Rows != 1500 || f.Test.Rows != 300 || !slices.Equal(f.Classes, []string{"apple", "forest", "palm_tree"}) {
		t.Errorf("got %+v, warned of %q", f, warned)
	}
	if f.Train.Accuracy != want.Train.Accuracy || f.Test.Accuracy != want.Test.Accuracy ||
		!(math.Abs(f.Train.Loss-want.Train.Loss) < 1e-6) || !(math.Abs(f.Test.Loss-want.Test.Loss) < 1e-6) {
		t.Errorf("got %+v, want what train found: %+v", f, want)
	}
	if ofRun, _ := evalJSON(t, run); !reflect.DeepEqual(ofRun, f) {
		t.Errorf("of the run got %+v, of its model %+v", ofRun, f)
	}
	graph, _ := evalJSON(t, filepath.Join(run, "max", "model.onnx"))
	if graph.Model = path; !reflect.DeepEqual(graph, f) {
		t.Errorf("of model.onnx got %+v, of model.safetensors %+v", graph, f)
	}
	for i, c := range f.Test.Classes {
		if c.Class != f.Classes[i] || c.Support != 100 || c.Recall != float64(f.Test.Confusion[i][i])/100 {
			t.Errorf("class %d: %+v of %v", i, c, f.Test.Confusion)
		}
	}
	if i := f.Test.Accuracy95; !(i[0] < f.Test.Accuracy && f.Test.Accuracy < i[1]) || !(i[1]-i[0] < 0.12) {
		t.Errorf("accuracy %v with an interval of %v", f.Test.Accuracy, i)
	}

	picture := filepath.Join(t.TempDir(), "confusion.png")
	status, out, warned := call("eval", path, "--png", picture)
	if status != 0 || warned != "" {
		t.Fatalf("status %d: %s", status, warned)
	}
	for _, part := range []string{
		"adapter  " + dev.Adapter().String(), "model    " + path + ", trained on builtin\n",
		"data     builtin, 1,500 train + 300 test: apple 500+100, forest 500+100, palm_tree 500+100\n\ntrain\n  loss ", " %, 95 % interval ",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("the output lacks %q:\n%s", part, out)
		}
	}
	reports := strings.Split(strings.TrimPrefix(string(left["max/report.txt"]), "train\n"), "\ntest\n")
	if len(reports) != 2 || !strings.Contains(out, terminal.Indent(reports[0])+"\ntest\n") || !strings.HasSuffix(out, terminal.Indent(reports[1])) {
		t.Errorf("the output lacks what is in report.txt:\n%s", out)
	}
	data, err := os.ReadFile(picture)
	if err == nil {
		_, err = png.Decode(bytes.NewReader(data))
	}
	if err != nil {
		t.Error(err)
	}
}

// reordered returns a model whose output i is another's output order[i].
func reordered(model *modelfile.Model, order ...int) *modelfile.Model {
	turned := *model
	turned.ClassNames, turned.State = nil, slices.Clone(model.State)
	for i := len(turned.State) - 2; i < len(turned.State); i++ { // the last layer's weight and bias
		tensor := turned.State[i]
		size := len(tensor.Data) / model.Classes()
		tensor.Data = nil
		for _, from := range order {
			tensor.Data = append(tensor.Data, model.State[i].Data[from*size:(from+1)*size]...)
		}
		turned.State[i] = tensor
	}
	for _, from := range order {
		turned.ClassNames = append(turned.ClassNames, model.ClassNames[from])
	}
	return &turned
}

// Classes are matched by their names in any order. If the names differ, the classes are matched by
// their order, and a line says so.
func TestEvalMatchesClasses(t *testing.T) {
	enginetest.Open(t)
	model := labModel(t, "apple", "forest", "palm_tree")
	straight, warned := evalJSON(t, save(t, model))
	if warned != "" {
		t.Errorf("warned of %q", warned)
	}
	order := []int{2, 0, 1}
	turned, warned := evalJSON(t, save(t, reordered(model, order...)))
	if warned != "" || !slices.Equal(turned.Classes, []string{"palm_tree", "apple", "forest"}) ||
		turned.Test.Accuracy != straight.Test.Accuracy || !(math.Abs(turned.Test.Loss-straight.Test.Loss) < 1e-6) {
		t.Errorf("got %+v, warned of %q, want the figures of %+v", turned.Test, warned, straight.Test)
	}
	for i, from := range order {
		for j, to := range order {
			if turned.Test.Confusion[i][j] != straight.Test.Confusion[from][to] {
				t.Fatalf("confusion %v, want %v in the order %v", turned.Test.Confusion, straight.Test.Confusion, order)
			}
		}
	}

	model.ClassNames = []string{"0", "1", "2"}
	other, warned := evalJSON(t, save(t, model))
	const want = "wgpucnn: the data's classes are not those that the model names: taking its outputs for apple, forest, palm_tree, in this order\n"
	if warned != want || !slices.Equal(other.Classes, straight.Classes) || !reflect.DeepEqual(other.Test, straight.Test) {
		t.Errorf("got %+v, warned of %q, want %+v", other, warned, straight)
	}
}

// A model of some of the data's classes is evaluated on those.
func TestEvalOnSomeClasses(t *testing.T) {
	enginetest.Open(t)
	f, warned := evalJSON(t, save(t, labModel(t, "palm_tree", "apple")))
	if warned != "" || !slices.Equal(f.Classes, []string{"palm_tree", "apple"}) || f.Train.Rows != 1000 || f.Test.Rows != 200 {
		t.Errorf("got %+v, warned of %q", f, warned)
	}
}

// If rows were held out of the training, a line says that they are among the training rows.
func TestEvalTellsOfValidation(t *testing.T) {
	enginetest.Open(t)
	model := labModel(t, "apple", "forest", "palm_tree")
	model.Training = trained
	_, out, _ := call("eval", save(t, model))
	for _, want := range []string{"\nnote     train counts all training rows; 0.1 of them were held out to choose the model by\n", " 1500\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
}

func TestEvalFailures(t *testing.T) {
	enginetest.Open(t)
	three := save(t, labModel(t, "apple", "forest", "palm_tree"))
	four := save(t, labModel(t, "a", "b", "c", "d"))
	small, err := nn.NewLab("max", nn.Shape{16, 16, 3}, nn.LabOptions{Classes: 3, Hidden: 2})
	if err != nil {
		t.Fatal(err)
	}
	tiny := save(t, &modelfile.Model{Network: small, State: small.InitState(1), ClassNames: []string{"apple", "forest", "palm_tree"}})
	t.Chdir(t.TempDir())
	for _, c := range []struct{ line, want string }{
		{three + " --classes apple,forest", "builtin: 2 classes for a model of 3: want as many: choose them with --classes"},
		{four, "builtin: 3 classes for a model of 4: want as many"},
		{three + " --classes aple,forest,palm_tree", "did you mean apple?"},
		{three + " --data nowhere", "nowhere: want a folder"},
		{three + " --adapter 77", "adapter 77: no such adapter"},
		{three + " --png nowhere/confusion.png", "--png nowhere/confusion.png: there is no folder nowhere"},
		{tiny, "given images (32, 32, 3): the network takes (16, 16, 3)"},
	} {
		status, _, err := call(append([]string{"eval"}, strings.Fields(c.line)...)...)
		if status != 1 || !strings.Contains(err, c.want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%q: status %d, %q; want 1 and a line with %q", c.line, status, err, c.want)
		}
	}
	if entries, _ := filepath.Glob("*"); len(entries) > 0 {
		t.Errorf("left %v", entries)
	}
}
