package verify

import (
	"encoding/binary"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
)

// dataRows are the rows of a data set of images of shape in (H, W, C), and their orders in some
// epochs.
type dataRows struct {
	in     nn.Shape
	images dataset.Images
	order  []uint32 // (orders, count)
}

// drawRows draws images, distinct labels, and orders.
func (r *rig) drawRows(in nn.Shape, count, orders int) dataRows {
	d := dataRows{in: in, images: dataset.Images{Pixels: make([]byte, (count*in.Size()+3)/4*4), Labels: make([]uint32, count)}}
	for i := range d.images.Pixels {
		d.images.Pixels[i] = byte(r.random.Uint32())
	}
	for i := range d.images.Labels {
		d.images.Labels[i] = uint32(10 + i)
	}
	for range orders {
		for _, row := range r.random.Perm(count) {
			d.order = append(d.order, uint32(row))
		}
	}
	return d
}

// sourceOf declares a source of the rows whose next step is the given one.
func (r *rig) sourceOf(d dataRows, batch, step int) *nn.Source {
	count := d.images.Len()
	s := nn.NewSource("set", d.in, count, batch, len(d.order)/count, 0)
	r.fill(s.Images, words(d.images.Pixels))
	rows := slices.Repeat([]uint32{poison}, s.Order.Buffer.Size()/4)
	copy(rows, d.order)
	copy(rows[s.Labels.Offset/4:], d.images.Labels)
	r.fill(s.Order.Buffer, rows)
	r.fill(s.Counter, counter(s, step, 0))
	return s
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
