package modelfile

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/stats"

	"github.com/nlpodyssey/safetensors"
)

// Checkpoint is a training between two epochs: all that it takes to go on as if it had
// never stopped. What is random follows from the seed and the number of epochs alone.
type Checkpoint struct {
	Model   Model                   // with the weights after the last finished epoch
	Slots   map[string]nn.StateDict // the optimiser's state then, see optim.Optimiser
	Epochs  []stats.Epoch           // the finished ones, from the first
	Seed    uint64                  // of the initial weights and the order of rows
	Seconds float64                 // spent on training

	CompileSeconds float64 // spent on compiling, by each of the training's processes

	Best      nn.StateDict // the weights after BestEpoch, nil unless the training keeps them
	BestEpoch int          // from 1; 0 without Best
}

// The names that a checkpoint's file has besides a model's.
const (
	epochsTensor  = "epochs"
	checkpointKey = "checkpoint"
	bestPrefix    = "best."
)

// Files before there was more than one optimiser have SGD's momentum buffer behind this prefix.
const oldSlot, oldPrefix = "momentum_buffer", "momentum."

// epochFigures are the columns of epochsTensor: mean, P25 and P75 of four quantities.
const epochFigures = 12

// checkpointHead is the metadatum of a checkpoint.
type checkpointHead struct {
	Seed           uint64   `json:"seed"`
	Seconds        float64  `json:"seconds"`
	CompileSeconds float64  `json:"compile_seconds"` // which earlier versions did not count
	Slots          []string `json:"slots"`           // which earlier versions did not name
	BestEpoch      int      `json:"best_epoch,omitempty"`
}

// Marshal returns the checkpoint as a safetensors file: that of its Model, and
//
//	SLOT.NAME  F32, for each slot of the optimiser's state and each trained parameter
//	epochs     F64 (epochs, 12): mean, 25th and 75th percentile of train loss,
//	           train accuracy, test loss and test accuracy of each epoch
//	best.NAME  F32, for each parameter, if Best is there
//
// with one more metadatum, "checkpoint": JSON of seed, seconds, compile_seconds, slots,
// the list of the slots' names, and best_epoch, if Best is there.
func (c *Checkpoint) Marshal() ([]byte, error) {
	metadata, err := c.Model.Metadata()
	if err != nil {
		return nil, err
	}
	slots := append([]string{}, slices.Sorted(maps.Keys(c.Slots))...) // never nil, which marks an earlier version
	head, err := json.Marshal(checkpointHead{c.Seed, c.Seconds, c.CompileSeconds, slots, c.BestEpoch})
	if err != nil {
		return nil, fmt.Errorf("modelfile: %s: %w", checkpointKey, err)
	}
	metadata[checkpointKey] = string(head)
	tensors := map[string]safetensors.TensorView{}
	if err := addTensors(tensors, "", c.Model.State); err != nil {
		return nil, err
	}
	for _, slot := range slots {
		if err := c.Model.CheckTrained(c.Slots[slot]); err != nil {
			return nil, fmt.Errorf("%w (of %s)", err, slot)
		}
		if err := addTensors(tensors, slot+".", c.Slots[slot]); err != nil {
			return nil, err
		}
	}
	if c.BestEpoch > 0 {
		if err := c.Model.CheckState(c.Best); err != nil {
			return nil, fmt.Errorf("%w (of epoch %d)", err, c.BestEpoch)
		}
		if err := addTensors(tensors, bestPrefix, c.Best); err != nil {
			return nil, err
		}
	}
	var figures []byte
	for _, e := range c.Epochs {
		for _, s := range []stats.Spread{e.TrainLoss, e.TrainAccuracy, e.TestLoss, e.TestAccuracy} {
			for _, v := range []float64{s.Mean, s.P25, s.P75} {
				figures = binary.LittleEndian.AppendUint64(figures, math.Float64bits(v))
			}
		}
	}
	tensors[epochsTensor], err = safetensors.NewTensorView(safetensors.F64, []uint64{uint64(len(c.Epochs)), epochFigures}, figures)
	if err != nil {
		return nil, fmt.Errorf("modelfile: %s: %w", epochsTensor, err)
	}
	return serialize(tensors, metadata)
}

// LoadCheckpoint reads a file that holds what Marshal returned. As with Load, it may come
// from anywhere.
func LoadCheckpoint(path string) (*Checkpoint, error) {
	file, err := ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("modelfile: load: %w", err)
	}
	c, err := UnmarshalCheckpoint(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// UnmarshalCheckpoint returns the checkpoint of a file that Marshal wrote. As with Load,
// the file may come from anywhere: weights and the optimiser's state are finite and fit the network.
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
	if err := f.slots(c, head.Slots); err != nil {
		return nil, err
	}
	if c.Epochs, err = f.epochs(); err != nil {
		return nil, err
	}
	if err := f.best(c, head.BestEpoch); err != nil {
		return nil, err
	}
	return c, f.end()
}

// slots reads the optimiser's state, a slot for each name.
func (f contents) slots(c *Checkpoint, names []string) error {
	c.Slots = map[string]nn.StateDict{}
	prefix := func(slot string) string { return slot + "." }
	if names == nil {
		names, prefix = []string{oldSlot}, func(string) string { return oldPrefix }
	}
	for _, slot := range names {
		state, err := f.weights(prefix(slot), c.Model.Trained())
		if err != nil {
			return fmt.Errorf("%w (of %.40q)", err, slot)
		}
		c.Slots[slot] = state
	}
	return nil
}

// best reads the weights of the best epoch, unless that is 0.
func (f contents) best(c *Checkpoint, epoch int) error {
	if epoch == 0 {
		return nil
	}
	if epoch < 0 || epoch > len(c.Epochs) {
		return fmt.Errorf("modelfile: best_epoch %d: the training has %d epochs", epoch, len(c.Epochs))
	}
	var err error
	c.BestEpoch = epoch
	c.Best, err = f.weights(bestPrefix, c.Model.Params())
	return err
}

// epochs returns the figures of the finished epochs. They are a report, in which any
// number may stand.
func (f contents) epochs() ([]stats.Epoch, error) {
	count := 0
	if info, ok := f.tensors[epochsTensor]; ok && len(info.Shape) > 0 {
		count = int(info.Shape[0])
	}
	data, err := f.tensor(epochsTensor, safetensors.F64, nn.Shape{count, epochFigures})
	if err != nil {
		return nil, err
	}
	next := func() float64 {
		v := math.Float64frombits(binary.LittleEndian.Uint64(data))
		data = data[8:]
		return v
	}
	var all []stats.Epoch
	for i := range count {
		e := stats.Epoch{Epoch: i + 1}
		for _, s := range []*stats.Spread{&e.TrainLoss, &e.TrainAccuracy, &e.TestLoss, &e.TestAccuracy} {
			s.Mean, s.P25, s.P75 = next(), next(), next()
		}
		all = append(all, e)
	}
	return all, nil
}
