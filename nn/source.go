package nn

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
	"wgpucnn/shaders"
)

// Source is the data on the GPU that steps take their batches from. It holds all rows of a
// data set, or a ring of batches that the host fills ahead of the steps.
type Source struct {
	Count   int            // rows of an epoch
	Batch   int            // rows of a step; the last of an epoch may have fewer
	Steps   int            // steps of an epoch
	Orders  int            // epochs whose order of rows is held at a time, a ring
	Slots   int            // batches that the ring holds, 0 for a source that holds all rows
	Images  *engine.Buffer // bytes (Count or Slots*Batch, C, H, W)
	Order   engine.View    // (Orders, Count): where the rows of an epoch lie in Images
	Labels  engine.View    // (Count or Slots*Batch), behind Order in the same buffer
	Numbers engine.View    // of a ring (Slots*Batch), behind Labels: the rows' numbers in the data set
	Terms   engine.View    // (Orders, Steps, 2), see HoldTerms, in the same buffer; empty without them
	Counter *engine.Buffer // (6): the next step within its epoch, and its epoch modulo 2^32; the same of the step on its way; the seed
	Augment Augment        // what training steps do to images
	Mixed   bool           // training steps mix their batch with itself
}

// NewSource declares the buffers of count images of shape rows. Orders is a power of two, so
// that the ring goes on as before when the counter of epochs overflows. With slots above 0
// the source is a ring of so many batches.
func NewSource(name string, rows Shape, count, batch, orders, slots int) *Source {
	held := count
	if slots > 0 {
		held = slots * batch
	}
	s := &Source{
		Count: count, Batch: batch, Steps: CeilDiv(count, batch), Orders: orders, Slots: slots,
		Images:  engine.NewBuffer(name+".images", CeilDiv(held*rows.Size(), 4)*4),
		Counter: engine.NewBuffer(name+".counter", 24),
	}
	index := engine.NewBuffer(name+".rows", 0)
	s.Order, s.Labels = index.Reserve(4*orders*count), index.Reserve(4*held)
	if slots > 0 {
		s.Numbers = index.Reserve(4 * held)
	}
	return s
}

// HoldTerms gives a source room for two numbers of each training step that the host draws beforehand: the
// share of each row itself if the step mixes its batch with itself, and a scale of the loss. Row
// rows - 1 - n of a batch is mixed into row n.
func (s *Source) HoldTerms(mixed bool) {
	s.Terms, s.Mixed = s.Order.Buffer.Reserve(8*s.Orders*s.Steps), mixed
}

// EpochTerms returns the place of the terms of an epoch, counted from 0.
func (s *Source) EpochTerms(epoch int) engine.View {
	size := 8 * s.Steps
	return engine.View{Buffer: s.Terms.Buffer, Offset: s.Terms.Offset + epoch%s.Orders*size, Size: size}
}

// BeginTerms adds the terms of the epoch of Begin to the first contents.
func (s *Source) BeginTerms(epoch int, terms []float32) {
	view := s.EpochTerms(epoch)
	copy(view.Buffer.Contents[view.Offset:], engine.Bytes(terms))
}

// Begin sets the first contents of a source whose next step is the first of an epoch,
// counted from 0, with the order of its rows. Images are all rows, or nothing for a ring. The
// random numbers of the steps come from the seed.
func (s *Source) Begin(images dataset.Images, seed uint64, epoch int, order []uint32) {
	view, order := s.EpochOrder(epoch, order)
	contents := make([]byte, view.Buffer.Size())
	copy(contents[view.Offset:], engine.Bytes(order))
	copy(contents[s.Labels.Offset:], engine.Bytes(images.Labels))
	s.Images.Contents, view.Buffer.Contents = images.Pixels, contents
	s.Counter.Contents = engine.Bytes([]uint32{0, uint32(epoch), 0, uint32(epoch), uint32(seed), uint32(seed >> 32)})
}

// EpochOrder returns the place and the contents of the order in which the rows of an epoch,
// counted from 0, come. A ring takes the rows in the order in which SetBatch gives them.
func (s *Source) EpochOrder(epoch int, order []uint32) (engine.View, []uint32) {
	if s.Slots > 0 {
		order = make([]uint32, s.Count)
		for i := range order {
			order[i] = uint32((epoch*s.Steps+i/s.Batch)%s.Slots*s.Batch + i%s.Batch)
		}
	}
	return engine.View{Buffer: s.Order.Buffer, Offset: epoch % s.Orders * 4 * s.Count, Size: 4 * s.Count}, order
}

// SetBatch gives a ring the rows of a step, counted from 0: Batch images, their labels, and their
// numbers in the data set.
func (s *Source) SetBatch(dev *engine.Device, step int, images dataset.Images, numbers []uint32) error {
	slot := step % s.Slots
	for _, part := range []struct {
		all  engine.View
		data []byte
	}{{s.Images.All(), images.Pixels}, {s.Labels, engine.Bytes(images.Labels)}, {s.Numbers, engine.Bytes(numbers)}} {
		size := len(part.data)
		if err := dev.Write(engine.View{Buffer: part.all.Buffer, Offset: part.all.Offset + slot*size, Size: size}, part.data); err != nil {
			return err
		}
	}
	return nil
}

// Rows returns how many rows the batch of a step, counted from 0, has.
func (s *Source) Rows(step int) int {
	return min(s.Batch, s.Count-step%s.Steps*s.Batch)
}

// Buffers returns the buffers of the source.
func (s *Source) Buffers() []*engine.Buffer {
	return []*engine.Buffer{s.Images, s.Order.Buffer, s.Counter}
}

// Step is what a kernel can know of the step that it is part of.
type Step struct {
	Source   *Source
	Training bool // false for an evaluation or a prediction
}

// Constants returns N, the rows of a batch, and COUNT and STEPS, the rows and steps of an
// epoch. With the counter they tell how many rows of the batch are real.
func (s Step) Constants() shaders.Constants {
	return shaders.Constants{{Name: "N", Value: s.Source.Batch}, {Name: "COUNT", Value: s.Source.Count}, {Name: "STEPS", Value: s.Source.Steps}}
}

// Counter returns the binding of the source's counter.
func (s Step) Counter() engine.Binding {
	return engine.Binding{Name: "counter", View: s.Source.Counter.All()}
}

// terms returns the constants of the part gather for the terms of steps.
func (s Step) terms() shaders.Constants {
	if !s.Training || s.Source.Terms.Size == 0 {
		return shaders.Constants{{Name: "STEP_TERMS", Value: false}, {Name: "MIXED", Value: false}}
	}
	return shaders.Constants{{Name: "STEP_TERMS", Value: true}, {Name: "TERMS_AT", Value: s.Source.Terms.Offset / 4}, {Name: "MIXED", Value: s.Source.Mixed}}
}

// inPlace tells whether a pixel that a step gathers is that of one image at the same place.
func (s Step) inPlace() bool {
	return !s.Training || s.Source.Augment == (Augment{}) && !s.Source.Mixed
}

// CheckImages returns an error unless the images fit the network.
func (net *Network) CheckImages(what string, images dataset.Images) error {
	in := Shape{images.Height, images.Width, images.Channels}
	switch {
	case images.Len() == 0:
		return fmt.Errorf("nn: the %s set is empty", what)
	case in.String() != net.In.String():
		return fmt.Errorf("nn: %s images %v: the network takes %v: %w", what, in, net.In, ErrShape)
	case len(images.Pixels) != images.Len()*in.Size():
		return fmt.Errorf("nn: %s images: %d bytes of pixels for %d images of %v: %w", what, len(images.Pixels), images.Len(), in, ErrShape)
	}
	for i, label := range images.Labels {
		if int(label) >= net.Classes() {
			return fmt.Errorf("nn: %s image %d has label %d: the network has %d classes", what, i, label, net.Classes())
		}
	}
	return nil
}
