package modelfile

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/stats"
	"wgpucnn/testdata/hostile"
)

// halfway returns a checkpoint with figures of every kind.
func halfway(t *testing.T) *Checkpoint {
	model := trained(t)
	spread := func(mean, p25, p75 float64) stats.Spread { return stats.Spread{Mean: mean, P25: p25, P75: p75} }
	odd := spread(1.0/3, math.SmallestNonzeroFloat64, math.Inf(1))
	return &Checkpoint{
		Model: *model, Slots: map[string]nn.StateDict{"exp_avg": model.InitState(7), "momentum_buffer": model.InitState(8)},
		Epochs: []stats.Epoch{
			{Epoch: 1, TrainLoss: odd, TrainAccuracy: spread(1, 2, 3), TestLoss: spread(4, 5, 6), TestAccuracy: spread(7, 8, 9)},
			{Epoch: 2, TrainAccuracy: odd, TestLoss: spread(1, 2, 3), TestAccuracy: odd},
		},
		Seed: math.MaxUint64, Seconds: 0.1, CompileSeconds: 0.2, Best: model.InitState(9), BestEpoch: 2,
	}
}

// A checkpoint comes back from its file as it was.
func TestCheckpointFile(t *testing.T) {
	want := halfway(t)
	for range 2 {
		file, err := want.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := LoadCheckpoint(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Model.State, want.Model.State) || !reflect.DeepEqual(got.Slots, want.Slots) ||
			!reflect.DeepEqual(got.Epochs, want.Epochs) || got.Seed != want.Seed || got.Seconds != want.Seconds || got.CompileSeconds != want.CompileSeconds {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if !reflect.DeepEqual(got.Best, want.Best) || got.BestEpoch != want.BestEpoch {
			t.Errorf("the best epoch is %d with %v, want %d with %v", got.BestEpoch, got.Best, want.BestEpoch, want.Best)
		}
		if _, err := LoadCheckpoint(path + "x"); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want an error that names the file", err)
		}
		want.Epochs, want.Best, want.BestEpoch = nil, nil, 0 // before the first
	}
}

// A checkpoint of an earlier version names no slots and has no seconds of compiling: its
// momentum is SGD's.
func TestOldCheckpoint(t *testing.T) {
	want := halfway(t)
	delete(want.Slots, "exp_avg")
	want.Best, want.BestEpoch = nil, 0
	file, err := want.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	header, metadata, _, tensors := header(t, file)
	metadata["checkpoint"] = `{"seed":5,"seconds":7}`
	for name, tensor := range header {
		if rest, ok := strings.CutPrefix(name, "momentum_buffer."); ok {
			delete(header, name)
			header["momentum."+rest] = tensor
		}
	}
	old, err := UnmarshalCheckpoint(assemble(t, header, tensors))
	if err != nil || old.Seconds != 7 || old.CompileSeconds != 0 || !reflect.DeepEqual(old.Slots, want.Slots) {
		t.Fatalf("got %+v, %v", old, err)
	}
}

// Whatever stands in a file in place of a checkpoint, it is one line. What it has in
// common with a model's file, TestUnmarshalErrors tries.
func TestUnmarshalCheckpointErrors(t *testing.T) {
	valid, err := halfway(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	model, err := trained(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	edit := func(alter func(header, metadata object, data []byte)) []byte {
		header, metadata, _, data := header(t, valid)
		alter(header, metadata, data)
		return assemble(t, header, data)
	}
	tensor := func(name, key string, value any) []byte {
		return edit(func(header, _ object, _ []byte) { header[name].(object)[key] = value })
	}
	value := func(v float64) []byte {
		return edit(func(header, _ object, data []byte) {
			first := header["momentum_buffer.conv1.weight"].(object)["data_offsets"].([]any)[0].(float64)
			binary.LittleEndian.PutUint32(data[int(first)+8:], math.Float32bits(float32(v)))
		})
	}
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"a model", "the metadata lack checkpoint", model},
		{"a head that is no JSON", "checkpoint: invalid character", edit(func(_, metadata object, _ []byte) { metadata["checkpoint"] = "seed" })},
		{"a negative seed", "checkpoint: ", edit(func(_, metadata object, _ []byte) { metadata["checkpoint"] = `{"seed":-1}` })},
		{"no momentum", "momentum_buffer.conv1.bias: the file lacks it", edit(func(header, _ object, _ []byte) {
			header["extra"] = header["momentum_buffer.conv1.bias"]
			delete(header, "momentum_buffer.conv1.bias")
		})},
		{"momentum of another type", "momentum_buffer.conv1.weight: I32: want F32", tensor("momentum_buffer.conv1.weight", "dtype", "I32")},
		{"momentum of another shape", "momentum_buffer.conv1.weight: shape [36]", tensor("momentum_buffer.conv1.weight", "shape", []int{36})},
		{"momentum that is none", "is NaN: want finite numbers: the training diverged, or the file is damaged (of \"momentum_buffer\")", value(math.NaN())},
		{"infinite momentum", "value 2 is -Inf", value(math.Inf(-1))},
		{"no epochs", "epochs: the file lacks it", edit(func(header, _ object, _ []byte) {
			header["extra"] = header["epochs"]
			delete(header, "epochs")
		})},
		{"epochs of another type", "epochs: I64: want F64", tensor("epochs", "dtype", "I64")},
		{"epochs of fewer figures", "epochs: shape [3 8]: want (3, 12)", tensor("epochs", "shape", []int{3, 8})},
		{"epochs in a row", "epochs: shape [24]", tensor("epochs", "shape", []int{24})},
		{"epochs beyond reason", "safetensors: ", tensor("epochs", "shape", []uint64{1 << 60, 12})},
		{"a best epoch that was not trained", "best_epoch 3: the training has 2 epochs", edit(func(_, metadata object, _ []byte) {
			metadata["checkpoint"] = `{"slots":["exp_avg","momentum_buffer"],"best_epoch":3}`
		})},
		{"a negative best epoch", "best_epoch -1: the training has 2 epochs", edit(func(_, metadata object, _ []byte) {
			metadata["checkpoint"] = `{"slots":["exp_avg","momentum_buffer"],"best_epoch":-1}`
		})},
		{"best weights of another shape", "best.conv1.weight: shape [36]", tensor("best.conv1.weight", "shape", []int{36})},
		{"a tensor too many", `"extra": the network has no such tensor`, edit(func(header, _ object, _ []byte) {
			header["extra"] = object{"dtype": "F32", "shape": []int{0}, "data_offsets": []int{0, 0}}
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 64<<20, func() error {
				_, err := UnmarshalCheckpoint(c.file)
				return err
			})
		})
	}
	for n := range valid {
		if _, err := UnmarshalCheckpoint(valid[:n]); err == nil {
			t.Errorf("read the first %d of %d bytes", n, len(valid))
		}
	}
	if _, err := Unmarshal(valid); err == nil || !strings.Contains(err.Error(), "the checkpoint of a training") {
		t.Errorf("a checkpoint in place of a model: %v", err)
	}
}
