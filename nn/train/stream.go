package train

import (
	"sync"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
)

// stream gathers the rows of coming batches on other goroutines, for a source that is a
// ring. A nil stream is that of a source that holds all rows: it does nothing.
type stream struct {
	source *nn.Source
	next   int               // the step that is fed next
	coming chan (chan batch) // the batches of the next steps, in order, each when it is gathered
	free   chan batch        // memory of batches that have been fed
	quit   chan struct{}
	once   sync.Once // closes quit
}

// batch is the rows of a step, and their numbers in the data set.
type batch struct {
	dataset.Images
	numbers []uint32
}

// ahead is how many batches are gathered ahead of their steps.
const ahead = 32

// newStream begins to gather the rows of an epoch, counted from 0, and of all that follow. It
// returns nil for a source that holds all rows.
func newStream(images dataset.Images, source *nn.Source, epoch int, order func(epoch int) []uint32) *stream {
	if source.Slots == 0 {
		return nil
	}
	s := &stream{source: source, next: epoch * source.Steps, coming: make(chan chan batch, ahead), free: make(chan batch, ahead), quit: make(chan struct{})}
	size := images.Height * images.Width * images.Channels
	for range ahead {
		s.free <- batch{dataset.Images{Pixels: make([]byte, source.Batch*size), Labels: make([]uint32, source.Batch)}, make([]uint32, source.Batch)}
	}
	go s.gather(images, epoch, order)
	return s
}

// gather sends the batches of an epoch and of all that follow, until the stream is stopped.
func (s *stream) gather(images dataset.Images, epoch int, order func(epoch int) []uint32) {
	defer close(s.coming)
	for ; ; epoch++ {
		rows := order(epoch)
		for step := range s.source.Steps {
			var b batch
			select {
			case b = <-s.free:
			case <-s.quit:
				return
			}
			gathered := make(chan batch, 1)
			go func() {
				first := step * s.source.Batch
				b.copyRows(images, rows[first:first+s.source.Rows(step)])
				gathered <- b
			}()
			select {
			case s.coming <- gathered:
			case <-s.quit:
				return
			}
		}
	}
}

// copyRows copies rows of images to the start of a batch. What stands behind them no kernel takes.
func (b batch) copyRows(images dataset.Images, rows []uint32) {
	copy(b.numbers, rows)
	size := images.Height * images.Width * images.Channels
	for i, row := range rows {
		copy(b.Pixels[i*size:(i+1)*size], images.Pixels[int(row)*size:])
		b.Labels[i] = images.Labels[row]
	}
}

// feed gives the source the batch of a step, counted from 0. Steps come in order. A step that
// was fed before has its batch already.
func (s *stream) feed(dev *engine.Device, step int) error {
	if s == nil || step < s.next {
		return nil
	}
	b := <-<-s.coming
	err := s.source.SetBatch(dev, step, b.Images, b.numbers)
	s.free <- b
	s.next++
	return err
}

// stop ends the gathering.
func (s *stream) stop() {
	if s != nil {
		s.once.Do(func() { close(s.quit) })
	}
}
