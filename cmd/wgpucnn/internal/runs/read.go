package runs

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"wgpucnn/nn/report"
	"wgpucnn/nn/report/page"
)

// The most bytes of a file that are read. Decoded JSON is many times as large as its text.
const (
	maxSettings = 16 << 20  // of config.json and summary.json
	maxResults  = 256 << 20 // of metrics.csv and evaluation.json
)

// readFile reads a file of at most so many bytes.
func readFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s: more than %d bytes: is this the file of a run?", path, most)
	}
	return text, err
}

// checker is what a file of JSON holds. It may come from anywhere.
type checker interface{ Check() error }

// readJSON reads a file of JSON and checks what it holds.
func readJSON(path string, most int64, value checker) error {
	text, err := readFile(path, most)
	if err != nil {
		return err
	}
	if err := decode(text, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// decode decodes JSON and checks what it holds.
func decode(text []byte, value checker) error {
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%.200v", err) // it may quote long values
	}
	return value.Check()
}

// agree returns an error unless the files of a variant, in a folder, agree with the settings and the
// summary of its run.
func agree(folder string, c report.Config, v report.Variant, read page.Variant) error {
	if v.Epochs > c.Recipe.Epochs {
		return fmt.Errorf("%s: %s says that it has %d epochs: %s says %d", folder, SummaryFile, v.Epochs, ConfigFile, c.Recipe.Epochs)
	}
	if len(read.Epochs) != v.Epochs {
		return fmt.Errorf("%s has %d epochs: %s says %d", filepath.Join(folder, MetricsFile), len(read.Epochs), SummaryFile, v.Epochs)
	}
	if read.Evaluation == nil {
		return nil
	}
	path := filepath.Join(folder, EvaluationFile)
	var names []string
	for _, class := range c.Classes {
		names = append(names, class.Name)
	}
	if !slices.Equal(read.Evaluation.Classes, names) {
		return fmt.Errorf("%s has other classes than %s", path, ConfigFile)
	}
	for _, set := range read.Evaluation.Sets {
		score := map[string]report.Score{"train": v.Train, "validation": v.Validation, "test": v.Test}[set.Name]
		confusion := report.Confusion{Classes: names, Counts: set.Confusion}
		if got := confusion.Accuracy(); got != score.Accuracy {
			return fmt.Errorf("%s: %s accuracy %v: %s says %v", path, set.Name, got, SummaryFile, score.Accuracy)
		}
		scores, _, _ := confusion.Scores()
		for i, class := range c.Classes {
			want := map[string]int{"train": class.Train, "validation": class.Validation, "test": class.Test}[set.Name]
			if scores[i].Support != want {
				return fmt.Errorf("%s: %d %s rows of %.60q: %s says %d", path, scores[i].Support, set.Name, class.Name, ConfigFile, want)
			}
		}
	}
	return nil
}
