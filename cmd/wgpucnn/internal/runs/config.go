// Package runs keeps the folders of training runs: it takes a folder for a run, writes the files that
// the run leaves, reads them again, and mends what a killed run did not finish.
package runs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"wgpucnn/nn/report"
)

// The files of a run.
const (
	ConfigFile   = "config.json" // the first
	MarkdownFile = "summary.md"
	SummaryFile  = "summary.json" // the last, except for the page
	PageFile     = "report.html"
)

// Config is what config.json holds: enough to repeat the run.
type Config struct {
	report.Config
	DataSHA256 string   `json:"data_sha256"` // see Dataset.SHA256
	Command    []string `json:"command"`
}

// Training is what a variant's model and checkpoint tell about their training. A checkpoint has no
// scores. There are no times in it, so that the same training leaves the same file.
type Training struct {
	Config
	Name       string       `json:"pooling"` // of the variant
	Epochs     int          `json:"epochs"`  // finished
	Stalled    bool         `json:"stalled,omitempty"`
	KeptEpoch  int          `json:"kept_epoch,omitempty"` // whose weights the model has; 0 for the last
	Train      report.Score `json:"train,omitzero"`
	Validation report.Score `json:"validation,omitzero"`
	Test       report.Score `json:"test,omitzero"`
}

// ReadConfig reads the config.json of a run that can be resumed.
func ReadConfig(folder string) (Config, error) {
	text, err := os.ReadFile(filepath.Join(folder, ConfigFile))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return Config{}, fmt.Errorf("no %s there: want the folder of a run", ConfigFile)
	}
	if err != nil {
		return Config{}, err
	}
	return parseConfig(text)
}

func parseConfig(text []byte) (c Config, err error) {
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("%s: %.200v: the file is damaged", ConfigFile, err)
	}
	if len(c.Command) < 2 || c.DataSHA256 == "" {
		return c, fmt.Errorf("%s lacks command or data_sha256: want a run of this version of wgpucnn train", ConfigFile)
	}
	return c, nil
}

// ClassNames returns the names of the run's classes, in the order of their labels.
func (c Config) ClassNames() []string {
	var names []string
	for _, class := range c.Classes {
		names = append(names, class.Name)
	}
	return names
}

// StepsPerEpoch returns the number of training steps in an epoch. The last one may have fewer rows.
func StepsPerEpoch(rows, batch int) int { return (rows + batch - 1) / batch }

// ResumeCommand returns the command that goes on with the run in a folder, in quotes.
func ResumeCommand(folder string) string {
	return `"` + report.Shell("wgpucnn", "train", "--resume", folder) + `"`
}

// ReadSummary reads the summary.json of a run.
func ReadSummary(folder string) (report.Summary, error) {
	var s report.Summary
	return s, readJSON(filepath.Join(folder, SummaryFile), &s)
}

// variantOf returns the variant of that name in a summary.
func variantOf(s report.Summary, name string) (report.Variant, bool) {
	i := slices.IndexFunc(s.Variants, func(v report.Variant) bool { return v.Name == name })
	if i < 0 {
		return report.Variant{}, false
	}
	return s.Variants[i], true
}

// readJSON reads a file of JSON.
func readJSON(path string, value any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
