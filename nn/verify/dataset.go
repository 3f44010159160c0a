package verify

import (
	"encoding/binary"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// dataRows are the rows of a data set of images of shape in (H, W, C), and their orders in some
// epochs.
type dataRows struct {
	in     nn.Shape
	images dataset.Images
	order  []uint32 // (orders, count)
	first  uint32   // the number of the first row in a larger data set, of a ring
}

// drawRows draws images, distinct labels, and orders.
func drawRows(r *shadertest.Rig, in nn.Shape, count, orders int) dataRows {
	d := dataRows{in: in, images: dataset.Images{Pixels: make([]byte, (count*in.Size()+3)/4*4), Labels: make([]uint32, count)}}
	for i := range d.images.Pixels {
		d.images.Pixels[i] = byte(r.Rand.Uint32())
	}
	for i := range d.images.Labels {
		d.images.Labels[i] = uint32(10 + i)
	}
	for range orders {
		for _, row := range r.Rand.Perm(count) {
			d.order = append(d.order, uint32(row))
		}
	}
	return d
}

// sourceOf declares a source of the rows whose next step is the given one.
func sourceOf(r *shadertest.Rig, d dataRows, batch, step int) *nn.Source {
	count := d.images.Len()
	s := nn.NewSource("set", d.in, count, batch, len(d.order)/count, 0)
	r.Fill(s.Images, words(d.images.Pixels))
	rows := slices.Repeat([]uint32{shadertest.Poison}, s.Order.Buffer.Size()/4)
	copy(rows, d.order)
	copy(rows[s.Labels.Offset/4:], d.images.Labels)
	r.Fill(s.Order.Buffer, rows)
	r.Fill(s.Counter, counter(s, step, 0))
	return s
}

// ringOf declares a source that is a ring of two batches, with the rows of the given step, which is next.
func ringOf(r *shadertest.Rig, d dataRows, batch, step int) *nn.Source {
	count := d.images.Len()
	s := nn.NewSource("ring", d.in, count, batch, len(d.order)/count, 2)
	rows := slices.Repeat([]uint32{shadertest.Poison}, s.Order.Buffer.Size()/4)
	view, order := s.EpochOrder(step/s.Steps, nil)
	copy(rows[view.Offset/4:], order)
	pixels, first := make([]byte, s.Images.Size()), step%s.Slots*batch
	for i, row := range d.batch(s, step) {
		copy(pixels[(first+i)*d.in.Size():], d.pixels(row))
		rows[s.Labels.Offset/4+first+i] = d.images.Labels[row]
		rows[s.Numbers.Offset/4+first+i] = d.first + row
	}
	r.Fill(s.Images, words(pixels))
	r.Fill(s.Order.Buffer, rows)
	r.Fill(s.Counter, counter(s, step, 0))
	return s
}

// maps returns what a step gathers, (N, C, H, W): its rows, normalised and in training also augmented.
// Rows that the batch lacks are 0.
func (d dataRows) maps(s *nn.Source, step int, normalize nn.Normalize, training bool) []float64 {
	var all []float64
	for _, row := range d.batch(s, step) {
		x := ref.Normalize(d.pixels(row), 1, d.in[0], d.in[1], d.in[2], shadertest.Wide(normalize.Mean), shadertest.Wide(normalize.Std))
		if training {
			x = ref.Augment(s.Augment).Image(x, d.in[2], d.in[0], d.in[1], seed, uint32(step/s.Steps), d.first+row)
		}
		all = append(all, x...)
	}
	return append(all, make([]float64, s.Batch*d.in.Size()-len(all))...)
}

// batch returns the rows of a step.
func (d dataRows) batch(s *nn.Source, step int) []uint32 {
	first := step/s.Steps%s.Orders*s.Count + step%s.Steps*s.Batch
	return d.order[first : first+s.Rows(step)]
}

// pixels returns the bytes of a row, (C, H, W).
func (d dataRows) pixels(row uint32) []byte {
	size := d.in.Size()
	return d.images.Pixels[int(row)*size : (int(row)+1)*size]
}

// words returns bytes, a multiple of four, as words in the GPU's order.
func words(data []byte) []uint32 {
	words := make([]uint32, len(data)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return words
}
