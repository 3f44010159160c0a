package runs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/nn/report"
	"wgpucnn/nn/report/page"
	"wgpucnn/nn/stats"
)

// newRun writes the folder of a run of the variants max and avg over two classes. avg diverged.
func newRun(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	config := Config{report.Config{
		Classes: []report.Class{{Name: "apple", Train: 4, Test: 2}, {Name: "pear", Train: 4, Test: 3}}, Recipe: report.Recipe{Epochs: 2, Batch: 4},
	}, "5eed", []string{"wgpucnn", "train"}}
	test := report.Confusion{Classes: config.ClassNames(), Counts: [][]int{{2, 0}, {1, 2}}}
	var e page.Evaluation
	e.AddSet("test", test, []uint32{0, 0, 1, 1, 1}, []int{0, 0, 0, 1, 1})
	e.MistakeCount, e.Mistakes = 1, []page.Mistake{{Row: 2, Label: 1, Probabilities: []float64{0.75, 0.25}}}
	evaluation, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	summary := report.Summary{Config: config.Config}
	for _, name := range []string{"max", "avg"} {
		summary.Variants = append(summary.Variants, report.Variant{
			Name: name, Parameters: 10, MultiplyAdds: 100, Epochs: 2, Steps: 4, Seconds: 1.5, Folder: name, Test: report.Score{Loss: 0.5, Accuracy: 0.8},
		})
		files := map[string][]byte{MetricsFile: report.Metrics([]stats.Epoch{{Epoch: 1}, {Epoch: 2}}, "test", 0), EvaluationFile: evaluation}
		if err := (&Folder{Path: folder}).WriteVariant(name, files); err != nil {
			t.Fatal(err)
		}
	}
	for file, value := range map[string]any{ConfigFile: config, SummaryFile: summary} {
		if err := report.WriteJSON(filepath.Join(folder, file), value); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// A run whose files tell something impossible, or disagree, gets no page but a line that names the file and
// the value.
func TestImpossibleRuns(t *testing.T) {
	for name, c := range map[string]struct{ file, old, new, want string }{
		"nothing wrong":              {ConfigFile, "5eed", "5eee", ""},
		"rows below 0":               {ConfigFile, `"train": 4`, `"train": -4`, `class "apple": train rows -4: want 0 to`},
		"rows beyond reason":         {ConfigFile, `"test": 3`, `"test": 3000000000000`, `class "pear": test rows 3000000000000: want 0 to`},
		"a rate below 0":             {ConfigFile, `"lr": 0`, `"lr": -0.5`, "recipe: lr -0.5: want 0 or more"},
		"epochs below 0":             {ConfigFile, `"epochs": 2`, `"epochs": -2`, "recipe: epochs -2: want 0 or more"},
		"a share beyond 1":           {ConfigFile, `"validation": 0`, `"validation": 7`, "recipe: validation 7: want 0 to 1"},
		"a number as long as a book": {ConfigFile, `"epochs": 2`, `"epochs": ` + strings.Repeat("2", 1e5), "cannot unmarshal number 222"},
		"fewer epochs than trained":  {ConfigFile, `"epochs": 2`, `"epochs": 1`, "summary.json says that it has 2 epochs: config.json says 1"},
		"an accuracy beyond 1":       {SummaryFile, `"accuracy": 0.8`, `"accuracy": 7.3`, `variant "max": test accuracy 7.3: want 0 to 1`},
		"no accuracy":                {SummaryFile, `"accuracy": 0.8`, `"accuracy": null`, `variant "max": test accuracy NaN: want 0 to 1`},
		"a loss below 0":             {SummaryFile, `"loss": 0.5`, `"loss": -5`, `variant "max": test loss -5: want 0 or more`},
		"no loss":                    {SummaryFile, `"loss": 0.5`, `"loss": null`, ""},
		"seconds below 0":            {SummaryFile, `"seconds": 1.5`, `"seconds": -1.5`, `variant "max": seconds -1.5: want 0 to 1e+10`},
		"parameters below 0":         {SummaryFile, `"parameters": 10`, `"parameters": -10`, `variant "max": parameters -10: want 0 to`},
		"a later epoch than all":     {SummaryFile, `"folder": "max"`, `"folder": "max", "kept_epoch": 3`, `variant "max": kept_epoch 3: want 0 to 2`},
		"one name for two":           {SummaryFile, `"pooling": "avg"`, `"pooling": "Max"`, `variant "Max": another variant has the same name "max"`},
		"one folder for two":         {SummaryFile, `"folder": "avg"`, `"folder": "./mAx/../max/"`, `variant "avg": another variant has the same folder "max"`},
		"another accuracy":           {SummaryFile, `"accuracy": 0.8`, `"accuracy": 0.9`, "evaluation.json: test accuracy 0.8: summary.json says 0.9"},
		"other epochs":               {SummaryFile, `"epochs": 2,` + "\n      \"steps", `"epochs": 1,` + "\n      \"steps", "metrics.csv has 2 epochs: summary.json says 1"},
		"an epoch's loss":            {"max/" + MetricsFile, "\n2,0,", "\n2,-5,", "metrics.csv: report: metrics: epoch 2: train loss -5: want 0 or more"},
		"a count below 0":            {"max/" + EvaluationFile, "[[2,0],[1,2]]", "[[2,-50],[1,2]]", "evaluation.json: test: confusion matrix with a count of -50: want 0 to"},
		"other rows":                 {"max/" + EvaluationFile, `[[2,0],[1,2]],"labels":[0,0,1,1,1],"predicted":[0,0,0,1,1]`, `[[4,0],[1,0]]`, `evaluation.json: 4 test rows of "apple": config.json says 2`},
		"other classes":              {"max/" + EvaluationFile, `"pear"`, `"peach"`, "evaluation.json has other classes than config.json"},
		"more mistakes":              {"max/" + EvaluationFile, `"mistake_count":1`, `"mistake_count":2`, "evaluation.json: mistake_count 2 and 1 mistakes"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := newRun(t)
			path := filepath.Join(folder, c.file)
			text, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(text, []byte(c.old)) {
				t.Fatalf("%v: %s has no %q", err, text, c.old)
			}
			if err := os.WriteFile(path, bytes.Replace(text, []byte(c.old), []byte(c.new), 1), 0o666); err != nil {
				t.Fatal(err)
			}
			err = WritePage(filepath.Join(folder, PageFile), []string{folder})
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), folder) || len(err.Error()) > 500) {
				t.Errorf("got %v, want a line with %q", err, c.want)
			}
		})
	}
}

// A summary that names the folder of a variant many times makes no page of many copies.
func TestSmallSummary(t *testing.T) {
	folder := newRun(t)
	var variants []report.Variant
	for i := range 500 {
		variants = append(variants, report.Variant{Name: fmt.Sprint("v", i), Epochs: 2, Folder: "max" + strings.Repeat("/.", i), Test: report.Score{Loss: 0.5, Accuracy: 0.8}})
	}
	if err := report.WriteJSON(filepath.Join(folder, SummaryFile), report.Summary{Variants: variants}); err != nil {
		t.Fatal(err)
	}
	err := WritePage(filepath.Join(folder, PageFile), []string{folder})
	if want := `summary.json: report: variant "v1": another variant has the same folder "max"`; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// An impossible summary is not replaced in silence.
func TestMendImpossible(t *testing.T) {
	folder := newRun(t)
	path := filepath.Join(folder, SummaryFile)
	text := []byte(`{"variants":[{"pooling":"max","test":{"loss":1,"accuracy":7.3}}]}`)
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	err := MendSummary(folder, Config{}, []string{"max"}, io.Discard)
	if want := path + `: report: variant "max": test accuracy 7.3: want 0 to 1`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, text) {
		t.Errorf("%v, and the summary is %s", err, after)
	}
}

// A file that is larger than that of any run is not read to its end.
func TestHugeFile(t *testing.T) {
	folder := newRun(t)
	if err := os.Truncate(filepath.Join(folder, SummaryFile), maxSettings+1); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSummary(folder); err == nil || !strings.Contains(err.Error(), "summary.json: more than 16777216 bytes") {
		t.Errorf("got %v", err)
	}
}

// The parts that are missing are one short line, whatever a config.json says.
func TestMissingParts(t *testing.T) {
	for shard, want := range map[string]string{
		"2/4": "1, 3, 4 of 4", "1/1": "", "": "",
		"1/1000000000": "2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, … of 1000000000",
	} {
		folder := t.TempDir()
		config := Config{report.Config{Recipe: report.Recipe{Shard: shard}}, "5eed", []string{"wgpucnn", "train"}}
		if err := report.WriteJSON(filepath.Join(folder, ConfigFile), config); err != nil {
			t.Fatal(err)
		}
		if got := MissingParts([]string{folder}); got != want {
			t.Errorf("%s: got %q, want %q", shard, got, want)
		}
	}
}
