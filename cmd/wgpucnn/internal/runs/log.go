package runs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
)

// Log writes what happens in a run, one JSON object a line, as soon as it happens. A nil log writes
// nothing. Several goroutines may use a log.
type Log struct {
	mu   sync.Mutex
	out  io.Writer
	file *os.File // to be closed, nil for standard output
	err  error    // the first of writing
}

// LogToStdout is the path of a log that means standard output.
const LogToStdout = "-"

// The events of a run.
const (
	eventRun    = "run"    // the run begins, with its settings
	eventEpoch  = "epoch"  // an epoch of a variant is finished
	eventResult = "result" // a variant has been trained
	eventSeeds  = "seeds"  // the networks of several seeds are compared
	eventEnd    = "end"    // the run ends, with its status
)

// LogLine is a line of the log. An event leaves out the fields that it does not set.
type LogLine struct {
	Time       time.Time       `json:"time"`
	Event      string          `json:"event"`
	Folder     string          `json:"folder,omitempty"`
	Config     *Config         `json:"config,omitempty"`
	Variant    string          `json:"variant,omitempty"`
	Epoch      int             `json:"epoch,omitempty"` // from 1
	LR         float64         `json:"lr,omitempty"`    // of an epoch's last step, if a schedule changes it
	Train      *report.Score   `json:"train,omitempty"` // means over an epoch's batches
	Validation *report.Score   `json:"validation,omitempty"`
	Test       *report.Score   `json:"test,omitempty"`
	Result     *report.Variant `json:"result,omitempty"`
	Comparison *report.Seeds   `json:"comparison,omitempty"`
	Status     string          `json:"status,omitempty"` // finished, stopped or failed
	Error      string          `json:"error,omitempty"`
}

// OpenLog makes the file of a log, or takes standard output, or returns nil if the path is "". A
// file must not be there yet. A pipe or a device may be there, such as the pipe of --log >(jq .) in
// bash. If again, the file of a process before this one goes on.
func OpenLog(path string, stdout io.Writer, again bool) (*Log, error) {
	switch path {
	case "":
		return nil, nil
	case LogToStdout:
		return &Log{out: stdout}, nil
	}
	flags := os.O_CREATE | os.O_EXCL
	if again {
		flags = os.O_CREATE | os.O_APPEND
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice) != 0 {
		flags = 0
	}
	file, err := os.OpenFile(path, os.O_WRONLY|flags, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("train: --log %s: there is such a file: choose another", path)
	}
	if err != nil {
		return nil, fmt.Errorf("train: --log: %w", err)
	}
	return &Log{out: file, file: file}, nil
}

func (l *Log) write(line LogLine) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	line.Time = time.Now()
	l.err = json.NewEncoder(l.out).Encode(line)
}

// Run notes that a run begins.
func (l *Log) Run(folder string, config Config) {
	l.write(LogLine{Event: eventRun, Folder: folder, Config: &config})
}

// Epoch notes an epoch of a variant. It was evaluated on the held-out rows or on the test rows.
// lr is the learning rate of its last step, or 0 if no schedule changes it.
func (l *Log) Epoch(name string, s stats.Epoch, heldOut bool, lr float64) {
	evaluated := &report.Score{Loss: s.TestLoss.Mean, Accuracy: s.TestAccuracy.Mean}
	line := LogLine{Event: eventEpoch, Variant: name, Epoch: s.Epoch, LR: lr, Train: &report.Score{Loss: s.TrainLoss.Mean, Accuracy: s.TrainAccuracy.Mean}}
	if heldOut {
		line.Validation = evaluated
	} else {
		line.Test = evaluated
	}
	l.write(line)
}

// Result notes a variant that has been trained.
func (l *Log) Result(v report.Variant) {
	l.write(LogLine{Event: eventResult, Variant: v.Name, Result: &v})
}

// Comparison notes how the networks of several seeds compare. It notes nothing for one seed.
func (l *Log) Comparison(s report.Summary) {
	if seeds := s.Seeds(); seeds != nil {
		l.write(LogLine{Event: eventSeeds, Comparison: seeds})
	}
}

// End notes how the run ended and closes the file. It returns the errors of the run and of the log.
func (l *Log) End(failure error) error {
	if l == nil {
		return failure
	}
	line := LogLine{Event: eventEnd, Status: "finished"}
	if failure != nil {
		line.Status, line.Error = "failed", failure.Error()
		if errors.Is(failure, context.Canceled) {
			line.Status = "stopped"
		}
	}
	l.write(line)
	if l.file == nil {
		return failure // the stream reports an error of standard output
	}
	if err := cmp.Or(l.err, l.file.Close()); err != nil {
		return fail.Then(failure, fmt.Errorf("train: --log: %w", err))
	}
	return failure
}
