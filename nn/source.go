package nn

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
)

// source is a data set that lives on the GPU and is taken in batches.
type source struct {
	count   int // rows
	batch   int
	steps   int // batches of an epoch, the last of which may lack rows
	orders  int // epochs whose order of rows is held at a time, a ring
	images  *engine.Buffer
	labels  *engine.Buffer
	order   *engine.Buffer
	counter *engine.Buffer // steps taken
}

func newSource(name string, rows Shape, count, batch, orders int) *source {
	return &source{
		count: count, batch: batch, steps: ceilDiv(count, batch), orders: orders,
		images:  engine.NewBuffer(name+".images", (count*rows.Size()+3)/4*4),
		labels:  engine.NewBuffer(name+".labels", 4*count),
		order:   engine.NewBuffer(name+".order", 4*orders*count),
		counter: engine.NewBuffer(name+".counter", 4),
	}
}

// upload brings the images to the GPU.
func (s *source) upload(dev *engine.Device, images dataset.Images) error {
	if err := dev.Allocate(s.images, s.labels, s.order, s.counter); err != nil {
		return err
	}
	pixels := images.Pixels
	if len(pixels) != s.images.Size() {
		pixels = append(make([]byte, 0, s.images.Size()), pixels...)[:s.images.Size()]
	}
	if err := dev.Write(s.images.All(), pixels); err != nil {
		return err
	}
	return dev.Write(s.labels.All(), engine.Bytes(images.Labels))
}

// setOrder says in which order the rows of an epoch, counted from 0, come.
func (s *source) setOrder(dev *engine.Device, epoch int, order []uint32) error {
	return dev.Write(engine.View{Buffer: s.order, Offset: epoch % s.orders * 4 * s.count, Size: 4 * s.count}, engine.Bytes(order))
}

// rows returns the true size of a step's batch.
func (s *source) rows(step int) int {
	return min(s.batch, s.count-step%s.steps*s.batch)
}

func (s *source) release() { engine.Release(s.images, s.labels, s.order, s.counter) }

// checkImages returns an error unless the images fit the network.
func (m *Sequential) checkImages(what string, images dataset.Images) error {
	in := Shape{images.Height, images.Width, images.Channels}
	switch {
	case images.Len() == 0:
		return fmt.Errorf("nn: the %s set is empty", what)
	case in.String() != m.In.String():
		return fmt.Errorf("nn: %s images %v: the network takes %v: %w", what, in, m.In, ErrShape)
	case len(images.Pixels) != images.Len()*in.Size():
		return fmt.Errorf("nn: %s images: %d bytes of pixels for %d images of %v: %w", what, len(images.Pixels), images.Len(), in, ErrShape)
	}
	for i, label := range images.Labels {
		if int(label) >= m.Classes() {
			return fmt.Errorf("nn: %s image %d has label %d: the network has %d classes", what, i, label, m.Classes())
		}
	}
	return nil
}
