package train

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/testdata/golden"
)

// The formulas of package golden give what PyTorch trained with, and what it left is a
// training: the loss falls and the weights are those of the network.
func TestGoldenFiles(t *testing.T) {
	images := golden.Images()
	var rows [][]byte
	for row := range images.Len() {
		rows = append(rows, images.AppendInterleaved(nil, row))
	}
	var orders [][]uint32
	for epoch := range golden.Steps / nn.CeilDiv(golden.Count, golden.Batch) {
		orders = append(orders, golden.Order(epoch))
	}
	for _, name := range append(reference.Names(), reference.Strong, reference.Medium) {
		want, model := golden.LoadTraining(name), nntest.Reference(t, name)
		var initial [][]float32
		for _, tensor := range reference.State(model) {
			initial = append(initial, tensor.Data)
			if got := len(want.Weights(tensor.Name)); got != len(tensor.Data) {
				t.Errorf("%s: %s: %d weights, want %d", name, tensor.Name, got, len(tensor.Data))
			}
		}
		for of, sum := range map[string]string{
			"images": checksum(t, rows...), "labels": checksum(t, images.Labels),
			"order": checksum(t, orders...), "initial": checksum(t, initial...),
		} {
			if sum != want.Sums[of] {
				t.Errorf("%s: checksum of %s: got %s, want %s: testdata/golden/training.go and testdata/gen/training.py differ", name, of, sum, want.Sums[of])
			}
		}
		if len(want.Losses) != golden.Steps || len(want.Correct) != golden.Steps {
			t.Fatalf("%s: %d losses and %d correct rows of %d steps", name, len(want.Losses), len(want.Correct), golden.Steps)
		}
		part := 0.9
		if name == reference.Residual {
			part = 0.95 // seven layers learn more slowly
		}
		if first, last := want.Losses[0], want.Losses[golden.Steps-1]; !(last < part*first) {
			t.Errorf("%s: loss: got %v after %v, want less than %v of it", name, last, first, part)
		}
	}
}

// checksum returns the CRC-32 of little-endian arrays.
func checksum[T any](t *testing.T, arrays ...T) string {
	t.Helper()
	hash := crc32.NewIEEE()
	for _, array := range arrays {
		if err := binary.Write(hash, binary.LittleEndian, array); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%08x", hash.Sum32())
}

// Every epoch visits each row once.
func TestGoldenOrder(t *testing.T) {
	for epoch := range golden.Steps / 2 {
		seen := make([]bool, golden.Count)
		for _, row := range golden.Order(epoch) {
			seen[row] = true
		}
		for row, ok := range seen {
			if !ok {
				t.Errorf("epoch %d lacks row %d", epoch, row)
			}
		}
	}
}
