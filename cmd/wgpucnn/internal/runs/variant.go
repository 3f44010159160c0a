package runs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"
)

// The files in a variant's folder that WriteVariant writes.
const (
	MetricsFile    = "metrics.csv"
	ONNXFile       = "model.onnx"
	ReportFile     = "report.txt"
	CurvesFile     = "curves.png"
	EvaluationFile = "evaluation.json"
	ModelFile      = "model.safetensors"
)

// variantFiles are those files in the order of writing. A variant with its model is done, so the
// model comes last.
var variantFiles = []string{MetricsFile, ONNXFile, ReportFile, CurvesFile, EvaluationFile, ModelFile}

// WriteVariant writes a variant's files, whose contents are given by the files' names. Each file is
// there as a whole or not at all. After an error the resumed run writes the rest.
func (f *Folder) WriteVariant(variant string, contents map[string][]byte) error {
	if err := durable.MkdirAll(f.Join(variant)); err != nil {
		return err
	}
	for _, name := range variantFiles {
		if contents[name] == nil {
			continue
		}
		if err := durable.Write(f.Join(variant, name), contents[name]); err != nil {
			return err
		}
	}
	return nil
}

// The checkpoints in a variant's folder.
const (
	CheckpointFile = "checkpoint.safetensors"
	PreviousFile   = "checkpoint.previous.safetensors" // until the variant is done
)

// WriteCheckpoint writes the file of a checkpoint. Tests replace it by a full disk.
var WriteCheckpoint = durable.Write

// SaveCheckpoint writes the newest checkpoint of a variant and keeps the one before. If the process
// ends meanwhile, at least one of the two is there as a whole.
func (f *Folder) SaveCheckpoint(variant string, data []byte) error {
	if err := durable.MkdirAll(f.Join(variant)); err != nil {
		return err
	}
	newest, previous := f.Join(variant, CheckpointFile), f.Join(variant, PreviousFile)
	// The first checkpoint has none before it. If the file system refuses to rename, the newest is
	// kept alone.
	kept := durable.Rename(newest, previous) == nil
	err := WriteCheckpoint(newest, data)
	if err != nil && kept {
		durable.Rename(previous, newest)
	}
	return err
}

// DropPrevious removes the checkpoint that a variant no longer needs when it is done.
func (f *Folder) DropPrevious(variant string) {
	durable.RemoveAll(f.Join(variant, PreviousFile))
}

// LoadCheckpoint reads the newest checkpoint of a variant. If that cannot be used, it reads the one
// before and says so. It returns nil if the variant has no checkpoint, and says so if it has a model.
func (f *Folder) LoadCheckpoint(variant string, warnings io.Writer) (*modelfile.Checkpoint, error) {
	newest, fault := modelfile.LoadCheckpoint(f.Join(variant, CheckpointFile))
	if fault == nil {
		return newest, nil
	}
	previous, err := modelfile.LoadCheckpoint(f.Join(variant, PreviousFile))
	if err == nil {
		fmt.Fprintf(warnings, "wgpucnn: %s: going on from the checkpoint before, of %d epochs: %v\n", variant, len(previous.Epochs), fault)
		return previous, nil
	}
	if !errors.Is(fault, fs.ErrNotExist) {
		return nil, fault
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(f.Join(variant, ModelFile)); err == nil {
		fmt.Fprintf(warnings, "wgpucnn: %s: its checkpoint is missing: training it from the start\n", variant)
	}
	return nil, nil
}
