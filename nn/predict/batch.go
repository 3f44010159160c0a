package predict

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
)

// Batch is a batch of images that the GPU works on.
type Batch struct {
	pending  *engine.Pending
	logits   []float32
	mirrored []float32 // the logits of the mirror images, nil without any
}

// Start begins to predict images, at most Options.Batch of them, and returns at once. That is one
// submission: the images go up with it and the logits come down. Batches are done in the order in
// which they were started, and each must be waited for.
func (p *Predictor) Start(images dataset.Images) (*Batch, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	network, rows := p.network, images.Len()
	if err := network.CheckImages("given", images); err != nil {
		return nil, err
	}
	if rows > p.most {
		return nil, fmt.Errorf("predict: %d images: want at most the batch of %d", rows, p.most)
	}
	pixels := images.Pixels
	if p.mirror {
		pixels = append(pixels[:len(pixels):len(pixels)], mirrored(pixels, images.Width)...)
	}
	if odd := len(pixels) % 4; odd > 0 {
		pixels = append(pixels[:len(pixels):len(pixels)], make([]byte, 4-odd)...)
	}
	if err := p.dev.Write(engine.View{Buffer: p.source.Images, Size: len(pixels)}, pixels); err != nil {
		return nil, err
	}
	b := &Batch{logits: make([]float32, p.layout.Batch*network.Classes())}
	recorder := p.dev.NewRecorder()
	recorder.Run(p.program)
	recorder.Read(p.layout.Logits, engine.Bytes(b.logits))
	all, size := b.logits, rows*network.Classes()
	b.logits = all[:size]
	if p.mirror {
		b.mirrored = all[size : 2*size]
	}
	var err error
	b.pending, err = recorder.Submit()
	return b, err
}

// Done reports whether Wait would return at once.
func (b *Batch) Done() bool { return b.pending.Done() }

// Wait returns the logits (N, classes) of the images, row-major.
func (b *Batch) Wait() ([]float32, error) {
	if err := b.pending.Wait(); err != nil {
		return nil, err
	}
	for i, other := range b.mirrored {
		b.logits[i] = b.logits[i]/2 + other/2
	}
	b.mirrored = nil
	return b.logits, nil
}

// mirrored returns rows of so many pixels with their pixels in the other direction.
func mirrored(pixels []byte, width int) []byte {
	other := slices.Clone(pixels)
	for row := range slices.Chunk(other, width) {
		slices.Reverse(row)
	}
	return other
}

// inFlight is how many batches are started before the first of them is waited for.
const inFlight = 2

// Batches returns the logits of images batch by batch, in their order. The last batch may lack rows.
// An error is the last element. Nothing is on its way when the iteration ends.
func (p *Predictor) Batches(ctx context.Context, images dataset.Images) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		if err := cmp.Or(p.check(), p.network.CheckImages("given", images)); err != nil {
			yield(nil, err)
			return
		}
		var running []*Batch
		defer func() {
			for _, b := range running {
				b.Wait()
			}
		}()
		finish := func() bool {
			logits, err := running[0].Wait()
			running = running[1:]
			return yield(logits, err) && err == nil
		}
		for first := 0; first < images.Len(); first += p.most {
			if len(running) == inFlight && !finish() {
				return
			}
			b, err := p.start(ctx, images, first)
			if err != nil {
				yield(nil, err)
				return
			}
			running = append(running, b)
		}
		for len(running) > 0 && finish() {
		}
	}
}

// start starts the batch that begins with an image, unless ctx is done.
func (p *Predictor) start(ctx context.Context, images dataset.Images, first int) (*Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	size, last := p.network.In.Size(), min(first+p.most, images.Len())
	images.Pixels, images.Labels = images.Pixels[first*size:last*size], images.Labels[first:last]
	return p.Start(images)
}
