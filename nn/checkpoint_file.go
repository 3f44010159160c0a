package nn

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"github.com/nlpodyssey/safetensors"
)

// The names that a checkpoint's file has besides a model's.
const (
	momentumPrefix = "momentum."
	epochsTensor   = "epochs"
	checkpointKey  = "checkpoint"
)

// epochFigures are the columns of epochsTensor: mean, P25 and P75 of four quantities.
const epochFigures = 12

// checkpointHead is the metadatum of a checkpoint.
type checkpointHead struct {
	Seed           uint64  `json:"seed"`
	Seconds        float64 `json:"seconds"`
	CompileSeconds float64 `json:"compile_seconds"` // which earlier versions did not count
}

// Marshal returns the checkpoint as a safetensors file: that of its Model, and
//
//	momentum.NAME  F32, for each parameter
//	epochs         F64 (epochs, 12): mean, 25th and 75th percentile of train loss,
//	               train accuracy, test loss and test accuracy of each epoch
//
// with one more metadatum, "checkpoint": JSON of seed, seconds and
// compile_seconds.
func (c *Checkpoint) Marshal() ([]byte, error) {
	metadata, err := c.Model.Metadata()
	if err != nil {
		return nil, err
	}
	if err := c.Model.CheckState(c.Momentum); err != nil {
		return nil, fmt.Errorf("%w (the momentum)", err)
	}
	head, err := json.Marshal(checkpointHead{c.Seed, c.Seconds, c.CompileSeconds})
	if err != nil {
		return nil, fmt.Errorf("nn: model file: %s: %w", checkpointKey, err)
	}
	metadata[checkpointKey] = string(head)
	tensors := map[string]safetensors.TensorView{}
	if err := addTensors(tensors, "", c.Model.State); err != nil {
		return nil, err
	}
	if err := addTensors(tensors, momentumPrefix, c.Momentum); err != nil {
		return nil, err
	}
	var figures []byte
	for _, e := range c.Epochs {
		for _, s := range []Spread{e.TrainLoss, e.TrainAccuracy, e.TestLoss, e.TestAccuracy} {
			for _, v := range []float64{s.Mean, s.P25, s.P75} {
				figures = binary.LittleEndian.AppendUint64(figures, math.Float64bits(v))
			}
		}
	}
	tensors[epochsTensor], err = safetensors.NewTensorView(safetensors.F64, []uint64{uint64(len(c.Epochs)), epochFigures}, figures)
	if err != nil {
		return nil, fmt.Errorf("nn: model file: %s: %w", epochsTensor, err)
	}
	return serialize(tensors, metadata)
}

// LoadCheckpoint reads a file that holds what Marshal returned. As with Load, it may come
// from anywhere.
func LoadCheckpoint(path string) (*Checkpoint, error) {
	file, err := ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("nn: load: %w", err)
	}
	c, err := UnmarshalCheckpoint(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// UnmarshalCheckpoint returns the checkpoint of a file that Marshal wrote. As with Load,
// the file may come from anywhere: weights and momentum are finite and fit the network.
func UnmarshalCheckpoint(file []byte) (*Checkpoint, error) {
	f, err := split(file)
	if err != nil {
		return nil, err
	}
	model, err := f.model()
	if err != nil {
		return nil, err
	}
	var head checkpointHead
	if err := decode(f.metadata, checkpointKey, &head); err != nil {
		return nil, err
	}
	c := &Checkpoint{Model: *model, Seed: head.Seed, Seconds: head.Seconds, CompileSeconds: head.CompileSeconds}
	if c.Momentum, err = f.weights(momentumPrefix, model.Sequential); err != nil {
		return nil, fmt.Errorf("%w (the momentum)", err)
	}
	if c.Epochs, err = f.epochs(); err != nil {
		return nil, err
	}
	return c, f.end()
}

// epochs returns the figures of the finished epochs. They are a report, in which any
// number may stand.
func (f contents) epochs() ([]EpochStats, error) {
	count := 0
	if info, ok := f.tensors[epochsTensor]; ok && len(info.Shape) > 0 {
		count = int(info.Shape[0])
	}
	data, err := f.tensor(epochsTensor, safetensors.F64, Shape{count, epochFigures})
	if err != nil {
		return nil, err
	}
	next := func() float64 {
		v := math.Float64frombits(binary.LittleEndian.Uint64(data))
		data = data[8:]
		return v
	}
	var all []EpochStats
	for i := range count {
		e := EpochStats{Epoch: i + 1}
		for _, s := range []*Spread{&e.TrainLoss, &e.TrainAccuracy, &e.TestLoss, &e.TestAccuracy} {
			s.Mean, s.P25, s.P75 = next(), next(), next()
		}
		all = append(all, e)
	}
	return all, nil
}
