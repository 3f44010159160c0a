package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn"
	"wgpucnn/nn/report"
)

// runLog is what --log names: what happens in a run, a JSON object a line, each there as soon
// as it has happened. A nil one takes no notice.
type runLog struct {
	out  io.Writer
	file *os.File // to be closed, nil for standard output
	err  error    // the first of writing
}

// logToStdout is the --log that means standard output.
const logToStdout = "-"

// The events of a run.
const (
	eventRun    = "run"    // begins, with its settings
	eventEpoch  = "epoch"  // of a variant is finished
	eventResult = "result" // of a variant that has been trained
	eventEnd    = "end"    // with its status
)

// logLine is a line of the log. What an event has nothing to say about is left out.
type logLine struct {
	Time       time.Time       `json:"time"`
	Event      string          `json:"event"`
	Folder     string          `json:"folder,omitempty"`
	Config     *configuration  `json:"config,omitempty"`
	Variant    string          `json:"variant,omitempty"`
	Epoch      int             `json:"epoch,omitempty"` // from 1
	Train      *report.Score   `json:"train,omitempty"` // means over an epoch's batches
	Validation *report.Score   `json:"validation,omitempty"`
	Test       *report.Score   `json:"test,omitempty"`
	Result     *report.Variant `json:"result,omitempty"`
	Status     string          `json:"status,omitempty"` // finished, stopped or failed
	Error      string          `json:"error,omitempty"`
}

// openLog makes the file of --log, which must not be there yet, or takes standard output. It
// writes to a pipe or a device that is there, such as that of --log >(jq .) in bash.
func openLog(path string, stdout io.Writer) (*runLog, error) {
	switch path {
	case "":
		return nil, nil
	case logToStdout:
		return &runLog{out: stdout}, nil
	}
	flags := os.O_CREATE | os.O_EXCL
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
	return &runLog{out: file, file: file}, nil
}

func (l *runLog) write(line logLine) {
	if l == nil || l.err != nil {
		return
	}
	line.Time = time.Now()
	l.err = json.NewEncoder(l.out).Encode(line)
}

// run notes that a run begins.
func (l *runLog) run(r *run) {
	config := r.configuration()
	l.write(logLine{Event: eventRun, Folder: r.folder.path, Config: &config})
}

// epoch notes an epoch of a variant, evaluated on held-out rows or not.
func (l *runLog) epoch(pooling string, s nn.EpochStats, heldOut bool) {
	evaluated := &report.Score{Loss: s.TestLoss.Mean, Accuracy: s.TestAccuracy.Mean}
	line := logLine{Event: eventEpoch, Variant: pooling, Epoch: s.Epoch, Train: &report.Score{Loss: s.TrainLoss.Mean, Accuracy: s.TrainAccuracy.Mean}}
	if heldOut {
		line.Validation = evaluated
	} else {
		line.Test = evaluated
	}
	l.write(line)
}

// result notes a variant that has been trained.
func (l *runLog) result(v report.Variant) {
	l.write(logLine{Event: eventResult, Variant: v.Pooling, Result: &v})
}

// end notes how the run ended and closes the file. It returns the errors of the run and of
// the log.
func (l *runLog) end(failure error) error {
	if l == nil {
		return failure
	}
	line := logLine{Event: eventEnd, Status: "finished"}
	if failure != nil {
		line.Status, line.Error = "failed", failure.Error()
		if errors.Is(failure, context.Canceled) {
			line.Status = "stopped"
		}
	}
	l.write(line)
	if l.file == nil {
		return failure // an error of standard output is reported by the stream
	}
	if err := cmp.Or(l.err, l.file.Close()); err != nil {
		return fail.Then(failure, fmt.Errorf("train: --log: %w", err))
	}
	return failure
}
