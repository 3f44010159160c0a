package page

import (
	"bytes"
	"encoding/json"
	"image/png"
	"math"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/report/htmltest"
	"wgpucnn/nn/stats"
)

// newRun returns a run of two variants over three classes. One class has a hostile name. The
// curves have a gap.
func newRun(t *testing.T, name string, validation float64) Run {
	t.Helper()
	const hostile = `<script>alert("deer")</script>`
	r := Run{Name: name, DataSHA256: "5eed", Command: []string{"wgpucnn", "train", "--classes=apple,it's", "--out="}}
	r.Summary.Config = report.Config{
		Version: "v0.1.0", Adapter: "llvmpipe", Driver: "Mesa", Backend: "Vulkan", Data: "builtin & more",
		Classes: []report.Class{{Name: "apple", Train: 500, Test: 100}, {Name: hostile, Train: 500, Test: 100}, {Name: "ship", Train: 500, Test: 100}},
		Recipe:  report.Recipe{Epochs: 30, Batch: 128, LR: 5e-3, Momentum: 0.9, Hidden: 8, PoolSize: 1, Validation: validation},
	}
	for i, pooling := range []string{"max", "avg"} {
		sequential, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, Hidden: 8})
		if err != nil {
			t.Fatal(err)
		}
		model := &modelfile.Model{Network: sequential, State: sequential.InitState(uint64(i))}
		if validation > 0 {
			for i := range r.Summary.Config.Classes {
				r.Summary.Config.Classes[i].Validation = 50
			}
		}
		evaluation := newEvaluation(t, 90, []string{"apple", hostile, "ship"})
		var epochs []stats.Epoch
		for e := range 24 + 6*i {
			loss := 1.1*math.Exp(-float64(e)/float64(10+5*i)) + 0.05*math.Abs(math.Sin(float64(e)))
			spread := func(v, width float64) stats.Spread { return stats.Spread{Mean: v, P25: v - width, P75: v + width} }
			epochs = append(epochs, stats.Epoch{Epoch: e + 1, TrainLoss: spread(loss, 0.03), TestLoss: spread(loss+0.1, 0.05),
				TrainAccuracy: spread(1-0.6*loss, 0.02), TestAccuracy: spread(0.95-0.6*loss, 0.03)})
		}
		epochs[5].TestLoss.Mean = math.NaN()
		r.Variants = append(r.Variants, Variant{epochs, model, evaluation})
		r.Summary.Variants = append(r.Summary.Variants, report.Variant{
			Name: pooling, Parameters: model.ParamCount(), MultiplyAdds: model.MultiplyAdds(), Epochs: len(epochs), Steps: 360,
			Seconds: 12.5, CompileSeconds: 3.25, Train: report.Score{Loss: 0.3, Accuracy: 0.95}, Test: report.Score{Loss: 0.4, Accuracy: 0.9 - 0.1*float64(i)}, Folder: pooling,
		})
		if validation > 0 {
			r.Summary.Variants[i].Validation = report.Score{Loss: 0.5, Accuracy: 0.84 - 0.2*float64(i)}
		}
	}
	return r
}

// newEvaluation returns the evaluation of rows of small images. The network predicts the first
// class for all of them, and is surer of later rows.
func newEvaluation(t *testing.T, rows int, classes []string) *Evaluation {
	t.Helper()
	images := dataset.Images{Height: 4, Width: 5, Channels: 3, Pixels: make([]byte, rows*4*5*3)}
	var logits []float32
	for row := range rows {
		images.Labels = append(images.Labels, uint32(row%len(classes)))
		images.Pixels[row*4*5*3] = byte(row)
		logits = append(logits, float32(row)/20)
		logits = append(logits, make([]float32, len(classes)-1)...)
	}
	evaluation, err := report.Evaluate(classes, images.Labels, logits)
	if err != nil {
		t.Fatal(err)
	}
	var e Evaluation
	predicted := report.Predicted(logits, len(classes))
	e.AddSet("train", evaluation.Confusion, images.Labels, predicted)
	e.AddSet("test", evaluation.Confusion, images.Labels, predicted)
	if err := e.SetMistakes(images, logits); err != nil {
		t.Fatal(err)
	}
	return &e
}

func render(t *testing.T, runs ...Run) string {
	t.Helper()
	html, err := Render(runs)
	if err != nil {
		t.Fatal(err)
	}
	return string(html)
}

// The page shows all that a run leaves, in tables, and fetches nothing.
func TestRender(t *testing.T) {
	page := render(t, newRun(t, "2026-11-23", 0))
	for _, want := range []string{
		"<title>Run 2026-11-23 · wgpucnn</title>", "best: max, chosen by test accuracy",
		`<th scope="col">variant</th><th scope="col">test acc</th><th scope="col">95 % interval</th><th scope="col">train acc</th>`, "<td>90.00</td><td>86.08–92.91</td>",
		"60 in all, the surest first", `alt="test row 89: ship taken for apple"`,
		"Conv2d(3, 8, kernel_size=(5, 5), stride=(4, 4), padding=(2, 2))", "The weights of 8 filters of conv1",
		"wgpucnn train &#39;--classes=apple,it&#39;\\&#39;&#39;s&#39; --out=</pre>", "builtin &amp; more", "accuracy 33.33 %", "llvmpipe",
		"max was trained for 24 of 30 epochs.", "both over all rows, each row once", "means over its batches, as in the lab",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert") {
		t.Error("the name of a class is not escaped")
	}
	htmltest.SelfContained(t, page)
}

func TestWellFormed(t *testing.T) {
	for name, page := range map[string]string{"one": render(t, newRun(t, "a", 0)), "two": render(t, newRun(t, "a", 0), newRun(t, "b", 0.1)), "none": render(t, Run{})} {
		t.Run(name, func(t *testing.T) { htmltest.WellFormed(t, page) })
	}
}

// Several runs are shown side by side: the curves of each run's best variant, and the settings
// that differ.
func TestRenderRuns(t *testing.T) {
	two := newRun(t, "second", 0.1)
	two.Summary.Config.Recipe.Seed = 7
	two.Summary.Config.Of = nn.TilingsByKey{"forward Conv2d(3, 8)(3, 32, 32)*128": {Tile: 4}, "b": {}}
	two.Variants[1].Evaluation, two.Variants[1].Model = nil, nil
	page := render(t, newRun(t, "first", 0), two)
	for _, want := range []string{
		"Comparison of 2 runs", "first/max", "second/avg", `<th scope="col">variant</th><th scope="col">val acc</th><th scope="col">test acc</th>`, "<td>–</td>",
		`<tr class="differ"><th scope="row">seed</th><td>0</td><td>7</td></tr>`, "test or validation loss",
		`<tr class="differ"><th scope="row">tilings by dispatch</th><td>none</td><td>b: no change; forward Conv2d(3, 8)(3, 32, 32)*128: tile 0 → 4</td></tr>`,
		"The run has no evaluation.json of avg: ", "The training diverged: ",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if shown := strings.Count(page, " checked><span"); shown != 2 {
		t.Errorf("%d variants are shown at first, want 2: the best of each run", shown)
	}
}

// The surest mistakes come first, and the rest are only counted. A mistake without a
// probability comes last.
func TestMistakes(t *testing.T) {
	e := newEvaluation(t, 120, []string{"a", "b", "c"})
	if e.MistakeCount != 80 || len(e.Mistakes) != maxMistakes || e.Mistakes[0].Row != 119 || e.Mistakes[1].Row != 118 || e.Mistakes[2].Row != 116 {
		t.Errorf("got %d mistakes, %d listed, the first of row %d; want 80, %d, 119", e.MistakeCount, len(e.Mistakes), e.Mistakes[0].Row, maxMistakes)
	}
	picture, err := png.Decode(bytes.NewReader(e.Mistakes[0].PNG))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, _, _ := picture.At(0, 0).RGBA(); picture.Bounds().Dx() != 5 || picture.Bounds().Dy() != 4 || r>>8 != 119 || g != 0 {
		t.Errorf("picture of %v, first pixel %v, want row 119's", picture.Bounds(), picture.At(0, 0))
	}
	nan := float32(math.NaN())
	images := dataset.Images{Height: 1, Width: 1, Channels: 1, Pixels: []byte{1, 2, 3}, Labels: []uint32{1, 0, 1}}
	var odd Evaluation
	if err := odd.SetMistakes(images, []float32{nan, nan, 0, 1, 2, 0}); err != nil {
		t.Fatal(err)
	}
	if len(odd.Mistakes) != 3 || odd.Mistakes[2].Row != 0 || odd.Mistakes[2].Probabilities != nil {
		t.Errorf("got %+v, want row 0 last, without probabilities", odd.Mistakes)
	}
	if _, err := json.Marshal(odd); err != nil {
		t.Error(err)
	}
}

// An evaluation comes from a file, so its parts may not fit together.
func TestUnfitEvaluations(t *testing.T) {
	for want, spoil := range map[string]func(e *Evaluation){
		"confusion matrix of 2 rows":                             func(e *Evaluation) { e.Sets[0].Confusion = e.Sets[0].Confusion[:2] },
		"confusion matrix with a row of 4":                       func(e *Evaluation) { e.Sets[1].Confusion[2] = make([]int, 4) },
		"mistake 0: label 3":                                     func(e *Evaluation) { e.Mistakes[0].Label = 3 },
		"mistake 1: label 1, predicted -1":                       func(e *Evaluation) { e.Mistakes[1].Predicted = -1 },
		"predicted 0, 1 probabilities: ther":                     func(e *Evaluation) { e.Mistakes[2].Probabilities = []float64{1} },
		"89 predicted classes for 90 labels":                     func(e *Evaluation) { e.Sets[0].Predicted = e.Sets[0].Predicted[1:] },
		"test: report: confusion: row 3: la":                     func(e *Evaluation) { e.Sets[1].Labels = append([]uint32{0, 1, 2, 9}, e.Sets[1].Labels[4:]...) },
		"matrix differs from the labels and":                     func(e *Evaluation) { e.Sets[1].Confusion[0][0]++ },
		"train: confusion matrix with a count of -50: want 0 to": func(e *Evaluation) { e.Sets[0].Confusion[1][2] = -50 },
		`set "best": want train, validation and test, each once`: func(e *Evaluation) { e.Sets[0].Name = "best" },
		`set "test": want train, validation and test, each once`: func(e *Evaluation) { e.Sets[0].Name = "test" },
		"mistake_count 61 and 60 mistakes: the confusion matrix": func(e *Evaluation) { e.MistakeCount++ },
		"mistake_count 60 and 61 mistakes: the confusion matrix": func(e *Evaluation) { e.Mistakes = append(e.Mistakes, e.Mistakes[0]) },
		"mistake 0: probability 1.5: want 0 to 1":                func(e *Evaluation) { e.Mistakes[0].Probabilities[1] = 1.5 },
		"mistake 0: row 90: want one of the test rows":           func(e *Evaluation) { e.Mistakes[0].Row = 90 },
		"mistake 0: row 88 of class 2, predicted as 0: the test": func(e *Evaluation) { e.Mistakes[0].Row = 88 },
		"a name of 129 bytes: want 128 or fewer":                 func(e *Evaluation) { e.Classes[0] = strings.Repeat("a", 129) },
	} {
		run := newRun(t, "a", 0)
		spoil(run.Variants[0].Evaluation)
		if _, err := Render([]Run{run}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
