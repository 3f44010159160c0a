package nn

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"wgpucnn/nn/dataset"
)

// The training that testdata/gen/training.py ran in PyTorch, in float64: each
// lab model with the default options for three classes, SGD{LR: 5e-3,
// Momentum: 0.9}, on goldenImages in goldenOrder from goldenState. Its epochs
// have three steps, of 128, 128 and 44 rows; it ends within the seventh.
const (
	goldenCount   = 300
	goldenBatch   = 128
	goldenSteps   = 20
	goldenClasses = 3
)

var goldenShape = Shape{32, 32, 3}

// golden is what came of that training.
type golden struct {
	losses  []float64 // of each step, before its update
	correct []int     // rows of each step that were predicted right
	weights StateDict // after the last step
}

// goldenHash is the hash lowbias32.
func goldenHash(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	return x ^ x>>16
}

// goldenImages returns pictures of which half is noise and half a pattern of
// 4 x 4 pixels that tells the class.
func goldenImages() dataset.Images {
	height, width, channels := goldenShape[0], goldenShape[1], goldenShape[2]
	images := dataset.Images{Height: height, Width: width, Channels: channels}
	for n := range uint32(goldenCount) {
		label := goldenHash(1<<30+n) % goldenClasses
		images.Labels = append(images.Labels, label)
		for i := range uint32(goldenShape.Size()) {
			c, x, y := i%uint32(channels), i/uint32(channels)%uint32(width), i/uint32(channels*width)
			place := (y%4*4+x%4)*uint32(channels) + c
			noise, pattern := goldenHash(1<<31+n<<12+i)>>25, goldenHash(1<<29+label<<6+place)>>25
			images.Pixels = append(images.Pixels, byte(noise+pattern))
		}
	}
	return images
}

// goldenOrder returns the rows of an epoch, which is counted from 0.
func goldenOrder(epoch int) []uint32 {
	order := make([]uint32, goldenCount)
	for i := range order {
		order[i] = uint32((i*(30*epoch+7) + epoch) % goldenCount)
	}
	return order
}

// goldenState returns the initial weights.
func goldenState(model *Sequential) StateDict {
	var state StateDict
	for k, p := range model.Params() {
		data := make([]float32, p.Shape.Size())
		bound := 1 / math.Sqrt(float64(p.FanIn))
		for i := range data {
			unit := float64(goldenHash(uint32(k<<20+i))>>8) / (1 << 24)
			data[i] = float32((2*unit - 1) * bound)
		}
		state = append(state, Tensor{p.Name, p.Shape, data})
	}
	return state
}

// goldenModel returns the lab's network of that training.
func goldenModel(t *testing.T, pooling string) *Sequential {
	t.Helper()
	model, err := NewLab(pooling, goldenShape, LabOptions{Classes: goldenClasses})
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// loadGolden reads what came of training a lab model, and fails the test unless
// the images, labels, orders and initial weights of this file are those that
// PyTorch trained with.
func loadGolden(t *testing.T, pooling string) golden {
	t.Helper()
	data, err := os.ReadFile("../testdata/golden/train_" + pooling + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	_, metadata, err := safetensors.ReadMetadata(data)
	if err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.Deserialize(data)
	if err != nil {
		t.Fatal(err)
	}
	model := goldenModel(t, pooling)
	for name, sum := range goldenSums(t, model) {
		if want := metadata.Metadata()[name]; sum != want {
			t.Errorf("%s: checksum of %s: got %s, want %s: golden_test.go and testdata/gen/training.py differ", pooling, name, sum, want)
		}
	}

	g := golden{losses: make([]float64, goldenSteps)}
	goldenTensor(t, file, "losses", safetensors.F64, g.losses)
	correct := make([]int64, goldenSteps)
	goldenTensor(t, file, "correct", safetensors.I64, correct)
	for _, c := range correct {
		g.correct = append(g.correct, int(c))
	}
	for _, p := range model.Params() {
		values := make([]float32, p.Shape.Size())
		goldenTensor(t, file, p.Name, safetensors.F32, values)
		g.weights = append(g.weights, Tensor{p.Name, p.Shape, values})
	}
	return g
}

// goldenSums returns the checksums that the files hold, by their names there.
func goldenSums(t *testing.T, model *Sequential) map[string]string {
	t.Helper()
	images := goldenImages()
	var orders [][]uint32
	steps := (goldenCount + goldenBatch - 1) / goldenBatch
	for epoch := range (goldenSteps + steps - 1) / steps {
		orders = append(orders, goldenOrder(epoch))
	}
	var initial [][]float32
	for _, tensor := range goldenState(model) {
		initial = append(initial, tensor.Data)
	}
	return map[string]string{
		"images":  checksum(t, images.Pixels),
		"labels":  checksum(t, images.Labels),
		"order":   checksum(t, orders...),
		"initial": checksum(t, initial...),
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

// goldenTensor reads a tensor into values, whose length it must have.
func goldenTensor(t *testing.T, file safetensors.SafeTensors, name string, dtype safetensors.DType, values any) {
	t.Helper()
	tensor, ok := file.Tensor(name)
	if !ok || tensor.DType() != dtype || len(tensor.Data()) != binary.Size(values) {
		t.Fatalf("%s: got %d bytes of %v, want %d of %v", name, len(tensor.Data()), tensor.DType(), binary.Size(values), dtype)
	}
	if _, err := binary.Decode(tensor.Data(), binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
}

// The formulas here give what PyTorch trained with, and what it left is a
// training: the loss falls and the weights are those of the network.
func TestGoldenFiles(t *testing.T) {
	for _, pooling := range Poolings {
		t.Run(pooling, func(t *testing.T) {
			g := loadGolden(t, pooling)
			if err := goldenModel(t, pooling).CheckState(g.weights); err != nil {
				t.Error(err)
			}
			if first, last := g.losses[0], g.losses[goldenSteps-1]; !(last < 0.9*first) {
				t.Errorf("loss: got %v after %v, want it to fall by a tenth", last, first)
			}
		})
	}
}

// Every epoch visits each row once.
func TestGoldenOrder(t *testing.T) {
	for epoch := range 7 {
		seen := make([]bool, goldenCount)
		for _, row := range goldenOrder(epoch) {
			seen[row] = true
		}
		for row, ok := range seen {
			if !ok {
				t.Errorf("epoch %d lacks row %d", epoch, row)
			}
		}
	}
}
