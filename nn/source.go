package nn

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
)

// Source is a data set that lives on the GPU and is taken in batches.
type Source struct {
	Count   int // rows
	Batch   int
	Steps   int            // batches of an epoch, the last of which may lack rows
	Orders  int            // epochs whose order of rows is held at a time, a ring
	Images  *engine.Buffer // bytes (Count, H, W, C)
	Labels  *engine.Buffer // (Count)
	Order   *engine.Buffer // (Orders, Count)
	Counter *engine.Buffer // steps taken
}

// NewSource declares the buffers of count images of shape rows, to be taken in
// batches, with room for the orders of so many epochs.
func NewSource(name string, rows Shape, count, batch, orders int) *Source {
	return &Source{
		Count: count, Batch: batch, Steps: ceilDiv(count, batch), Orders: orders,
		Images:  engine.NewBuffer(name+".images", (count*rows.Size()+3)/4*4),
		Labels:  engine.NewBuffer(name+".labels", 4*count),
		Order:   engine.NewBuffer(name+".order", 4*orders*count),
		Counter: engine.NewBuffer(name+".counter", 4),
	}
}

// Upload brings the images to the GPU.
func (s *Source) Upload(dev *engine.Device, images dataset.Images) error {
	if err := dev.Allocate(s.Images, s.Labels, s.Order, s.Counter); err != nil {
		return err
	}
	pixels := images.Pixels
	if len(pixels) != s.Images.Size() {
		pixels = append(make([]byte, 0, s.Images.Size()), pixels...)[:s.Images.Size()]
	}
	if err := dev.Write(s.Images.All(), pixels); err != nil {
		return err
	}
	return dev.Write(s.Labels.All(), engine.Bytes(images.Labels))
}

// SetOrder says in which order the rows of an epoch, counted from 0, come.
func (s *Source) SetOrder(dev *engine.Device, epoch int, order []uint32) error {
	return dev.Write(engine.View{Buffer: s.Order, Offset: epoch % s.Orders * 4 * s.Count, Size: 4 * s.Count}, engine.Bytes(order))
}

// Rows returns the true size of a step's batch.
func (s *Source) Rows(step int) int {
	return min(s.Batch, s.Count-step%s.Steps*s.Batch)
}

// Release frees the buffers.
func (s *Source) Release() { engine.Release(s.Images, s.Labels, s.Order, s.Counter) }

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
