package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"wgpucnn/nn"
)

// labRun returns a run. Its best variant is base by test rows and max by validation rows.
func labRun(validation float64) Summary {
	s := Summary{
		Config{"v0.1.0", "llvmpipe (LLVM 19.1.7, 256 bits)", "Mesa 25.0.7", "vulkan", "CIFAR-100",
			[]Class{{"apple", 450, 50, 100}, {"forest|wood", 450, 50, 100}},
			Recipe{Epochs: 500, Batch: 128, LR: 5e-3, Momentum: 0.9, Hidden: 32, PoolSize: 1, Validation: validation, Seed: 7}, nn.Tilings{Default: nn.Tiling{Tile: 8}}, nil, nil},
		[]Variant{
			{Name: "stride", Parameters: 24003, MultiplyAdds: 454659, Epochs: 500, Steps: 6000, Seconds: 0.5, CompileSeconds: 1.25, Train: Score{0.01, 0.998}, Validation: Score{0.4, 0.85}, Test: Score{0.41, 0.887}, Folder: "stride"},
			{Name: "base", Parameters: 21699, MultiplyAdds: 1340163, Epochs: 500, Steps: 6000, Seconds: 61.234, CompileSeconds: 0, Train: Score{0.001, 1}, Validation: Score{0.3, 0.88}, Test: Score{0.412, 11.0 / 12}, Folder: "base"},
			{Name: "max", Parameters: 21123, MultiplyAdds: 1339587, Epochs: 500, Steps: 6000, Seconds: 0.61, CompileSeconds: 12.5, Train: Score{0.02, 1}, Validation: Score{0.29, 0.88}, Test: Score{0.5, 0.907}, Folder: "max"},
			{Name: "avg", Parameters: 21123, MultiplyAdds: 1339587, Epochs: 12, Steps: 144, Seconds: 0, CompileSeconds: 0, Train: Score{math.NaN(), 1.0 / 3}, Validation: Score{math.NaN(), 0.3}, Test: Score{3e30, 1.0 / 3}, Folder: "avg"},
		},
	}
	if validation == 0 {
		for i := range s.Variants {
			s.Variants[i].Validation = Score{}
		}
	}
	return s
}

func TestBest(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		scores []Score
		want   int
	}{
		"none":            {nil, -1},
		"accuracy":        {[]Score{{0.1, 0.8}, {0.9, 0.9}, {0.1, 0.7}}, 1},
		"lower loss":      {[]Score{{0.5, 0.9}, {0.4, 0.9}, {0.6, 0.9}}, 1},
		"first":           {[]Score{{0.4, 0.9}, {0.4, 0.9}}, 0},
		"diverged last":   {[]Score{{0.5, 0.3}, {nan, 0.3}}, 0},
		"diverged first":  {[]Score{{nan, 0.3}, {0.5, 0.3}}, 1},
		"all diverged":    {[]Score{{nan, 0.3}, {math.Inf(1), 0.3}}, -1},
		"infinite":        {[]Score{{math.Inf(1), 0.3}, {0.5, 0.3}}, 1},
		"nan after first": {[]Score{{nan, 0.9}, {0.5, 0.3}}, 1},
	} {
		var byTest, byValidation Summary
		byValidation.Config.Recipe.Validation = 0.1
		for i, score := range c.scores {
			other := Score{Loss: 1, Accuracy: float64(i)} // would choose the last variant
			byTest.Variants = append(byTest.Variants, Variant{Test: score, Validation: other})
			byValidation.Variants = append(byValidation.Variants, Variant{Test: other, Validation: score})
		}
		if got := byTest.Best(); got != c.want {
			t.Errorf("%s: by test %d, want %d", name, got, c.want)
		}
		if got := byValidation.Best(); got != c.want {
			t.Errorf("%s: by validation %d, want %d", name, got, c.want)
		}
	}
}

func TestChoice(t *testing.T) {
	one := labRun(0)
	one.Variants = one.Variants[:1]
	stalled := labRun(0)
	stalled.Variants = stalled.Variants[:1]
	stalled.Variants[0].Stalled = true
	for want, s := range map[string]Summary{
		"best: base, chosen by test accuracy as in the lab, which makes that an optimistic estimate": labRun(0),
		"best: max, chosen by validation accuracy, which leaves its test accuracy a fair estimate":   labRun(0.1),
		"best: stride, the only one": one,
		"best: stride, the only one; it stopped by test accuracy, which makes that an optimistic estimate": stalled,
		"best: none, every variant diverged": {},
	} {
		if got := s.Choice(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Caution names a variant of the same accuracy, and those within the best one's interval. It
// leaves out variants that diverged.
func TestCaution(t *testing.T) {
	scores := func(rows int, scores ...Score) Summary {
		s := Summary{Config: Config{Classes: []Class{{"a", 0, 0, rows / 2}, {"b", 0, 0, rows - rows/2}}}}
		for i, score := range scores {
			s.Variants = append(s.Variants, Variant{Name: nn.Poolings[i], Test: score})
		}
		return s
	}
	for _, c := range []struct {
		name, want string
		Summary
	}{
		{"none", "", Summary{}},
		{"one", "", scores(300, Score{0.5, 0.9})},
		{"far apart", "", scores(300, Score{0.5, 0.9}, Score{0.5, 0.8})},
		{"below the interval by a hair", "", scores(300, Score{0.4, 262.0 / 300}, Score{0.3, 249.0 / 300})},
		{"just within", "300 test pictures cannot tell base from stride: base has 87.33 %, 95 % interval 83.09 to 90.63 %.",
			scores(300, Score{0.4, 262.0 / 300}, Score{0.3, 250.0 / 300}, Score{0.3, 0.7})},
		{"a tie", "stride and base have the same test accuracy; the lower loss decides. " +
			"10,000 test pictures cannot tell stride from base: stride has 90.00 %, 95 % interval 89.40 to 90.57 %.",
			scores(10_000, Score{0.4, 0.9}, Score{0.3, 0.9}, Score{math.NaN(), 0.9})},
	} {
		if got := c.Caution(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	data, err := json.Marshal(scores(300, Score{0.4, 262.0 / 300}, Score{0.3, 250.0 / 300}))
	if err != nil || !strings.Contains(string(data), `"not_told_apart":["stride"]`) {
		t.Errorf("%v: %s", err, data)
	}
}

func TestTable(t *testing.T) {
	for share, want := range map[float64]string{
		0: `
  variant  parameters  mult-adds  train acc  test acc  test loss  seconds  steps/s  compile s
  stride       24,003     0.45 M      99.80     88.70      0.410     0.50   12,000       1.25
* base         21,699     1.34 M     100.00     91.67      0.412    61.23     98.0          -
  max          21,123     1.34 M     100.00     90.70      0.500     0.61    9,836      12.50
  avg          21,123     1.34 M      33.33     33.33    3.0e+30     0.00      0.0          -
`,
		0.1: `
  variant  parameters  mult-adds  train acc  val acc  test acc  val loss  test loss  seconds  steps/s  compile s
  stride       24,003     0.45 M      99.80    85.00     88.70     0.400      0.410     0.50   12,000       1.25
  base         21,699     1.34 M     100.00    88.00     91.67     0.300      0.412    61.23     98.0          -
* max          21,123     1.34 M     100.00    88.00     90.70     0.290      0.500     0.61    9,836      12.50
  avg          21,123     1.34 M      33.33    30.00     33.33       NaN    3.0e+30     0.00      0.0          -
`,
	} {
		if got := "\n" + labRun(share).Table(0); got != want {
			t.Errorf("got%s\nwant%s", got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	want := `# Variants on CIFAR-100

| variant | parameters | mult-adds | train acc | val acc | test acc | val loss | test loss | seconds | steps/s | compile s |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
| stride | 24,003 | 0.45 M | 99.80 | 85.00 | 88.70 | 0.400 | 0.410 | 0.50 | 12,000 | 1.25 |
| base | 21,699 | 1.34 M | 100.00 | 88.00 | 91.67 | 0.300 | 0.412 | 61.23 | 98.0 | - |
| **max** | 21,123 | 1.34 M | 100.00 | 88.00 | 90.70 | 0.290 | 0.500 | 0.61 | 9,836 | 12.50 |
| avg | 21,123 | 1.34 M | 33.33 | 30.00 | 33.33 | NaN | 3.0e+30 | 0.00 | 0.0 | - |

Accuracies are in percent, losses are mean cross-entropies, both over all rows, each row once. The figures of an epoch are means over its batches, as in the lab: the last batch is smaller and counts as much as the others, and the training rows are measured while the weights change.

best: max, chosen by validation accuracy, which leaves its test accuracy a fair estimate.
max and base have the same validation accuracy; the lower loss decides. 100 validation pictures cannot tell max from stride, base: max has 88.00 %, 95 % interval 80.19 to 93.00 %.

- recipe: 500 epochs, batch 128, SGD lr 0.005 momentum 0.9, hidden 32, pool size 1, validation 0.1, seed 7
- adapter: llvmpipe (LLVM 19.1.7, 256 bits), vulkan, driver Mesa 25.0.7
- program: wgpucnn v0.1.0

| class | train | validation | test |
|---|---:|---:|---:|
| apple | 450 | 50 | 100 |
| forest\|wood | 450 | 50 | 100 |
`
	if got := labRun(0.1).Markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSummaryJSON(t *testing.T) {
	s := labRun(0)
	s.Variants = s.Variants[2:]
	s.Config.Classes = []Class{{"apple", 500, 0, 100}}
	got, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "config": {
    "version": "v0.1.0",
    "adapter": "llvmpipe (LLVM 19.1.7, 256 bits)",
    "driver": "Mesa 25.0.7",
    "backend": "vulkan",
    "data": "CIFAR-100",
    "classes": [
      {
        "name": "apple",
        "train": 500,
        "test": 100
      }
    ],
    "recipe": {
      "epochs": 500,
      "batch": 128,
      "lr": 0.005,
      "momentum": 0.9,
      "hidden": 32,
      "pool_size": 1,
      "validation": 0,
      "seed": 7
    },
    "tiling": {
      "workgroup": 0,
      "run": 0,
      "rows": 0,
      "tile": 8,
      "weight_out": 0,
      "weight_in": 0,
      "workgroups": 0,
      "splits": 0,
      "memory": 0
    }
  },
  "variants": [
    {
      "pooling": "max",
      "parameters": 21123,
      "multiply_adds": 1339587,
      "epochs": 500,
      "steps": 6000,
      "seconds": 0.61,
      "compile_seconds": 12.5,
      "train": {
        "loss": 0.02,
        "accuracy": 1
      },
      "test": {
        "loss": 0.5,
        "accuracy": 0.907
      },
      "folder": "max",
      "steps_per_second": 9836.065573770493
    },
    {
      "pooling": "avg",
      "parameters": 21123,
      "multiply_adds": 1339587,
      "epochs": 12,
      "steps": 144,
      "seconds": 0,
      "compile_seconds": 0,
      "train": {
        "loss": null,
        "accuracy": 0.3333333333333333
      },
      "test": {
        "loss": 3e+30,
        "accuracy": 0.3333333333333333
      },
      "folder": "avg",
      "steps_per_second": 0
    }
  ],
  "best": "max",
  "chosen_by": "test accuracy",
  "best_accuracy_95": [
    0.8377378714728368,
    0.9519274599974349
  ],
  "not_told_apart": []
}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSummaryJSONWithValidation(t *testing.T) {
	data, err := json.Marshal(labRun(0.1))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Best     string
		ChosenBy string `json:"chosen_by"`
		Variants []struct {
			Validation *struct{ Loss, Accuracy *float64 }
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.Best != "max" || got.ChosenBy != "validation accuracy" {
		t.Errorf("best %q by %q, want max by validation accuracy", got.Best, got.ChosenBy)
	}
	if v := got.Variants[0].Validation; v == nil || *v.Accuracy != 0.85 || *v.Loss != 0.4 {
		t.Errorf("validation of stride %+v, want 0.4, 0.85", v)
	}
}

// A score is read as it was written. A number that is not finite comes back as NaN.
func TestScoreReadsBack(t *testing.T) {
	for _, s := range []Score{{0.25, 0.75}, {math.Inf(1), 0.5}, {math.NaN(), math.NaN()}} {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var got Score
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		want := s
		if !finite(s.Loss) {
			want.Loss = math.NaN()
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", data, got, want)
		}
	}
	var s Score
	if err := json.Unmarshal([]byte(`{"loss": "small"}`), &s); err == nil {
		t.Error("a loss in words is no error")
	}
}
