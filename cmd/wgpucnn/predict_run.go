package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/report"
)

// classifier is one call of predict: what it works with, and how far it is.
type classifier struct {
	model     *nn.Model
	predictor *nn.Predictor
	images    []string // their names
	results   *bufio.Writer
	print     printer // to results
	err       io.Writer
	watched   bool // the results themselves show how far it is
	progress  *meter.Meter

	waiting      []decoded      // of the batch
	batch        dataset.Images // their pixels
	done, failed int
	changes      []change
}

// run classifies the images, a batch at a time while the next are decoded.
func (c *classifier) run(ctx context.Context) error {
	start := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for one := range decodeAhead(ctx, c.images, c.model.In) {
		select {
		case image := <-one:
			if err := c.add(image); err != nil {
				return err
			}
		case <-ctx.Done(): // standard input may never end
			return ctx.Err()
		}
		if len(c.waiting) == batchSize {
			if err := c.classify(ctx); err != nil {
				return err
			}
		}
	}
	if err := c.classify(ctx); err != nil {
		return err
	}
	return c.finish(time.Since(start))
}

// add takes an image into the batch, or says why it cannot.
func (c *classifier) add(image decoded) error {
	switch {
	case errors.Is(image.err, nn.ErrShape): // the model's, for which every image is wrong
		return image.err
	case image.err != nil:
		return c.fail(image.err)
	}
	c.batch.Height, c.batch.Width, c.batch.Channels = image.Height, image.Width, image.Channels
	c.batch.Pixels = append(c.batch.Pixels, image.Pixels...)
	c.batch.Labels = append(c.batch.Labels, image.Labels...)
	image.Images = dataset.Images{}
	c.waiting = append(c.waiting, image)
	return nil
}

// fail counts an image that is not classified and says why. Where it is the only one, the
// reason is the command's error.
func (c *classifier) fail(err error) error {
	if len(c.images) == 1 {
		return err
	}
	c.failed++
	c.progress.Hide()
	fmt.Fprintf(c.err, "%s %v\n", terminal.Red.Paint(c.err, "wgpucnn:"), err)
	return nil
}

// classify prints what the images of the batch are taken for, and empties it.
func (c *classifier) classify(ctx context.Context) error {
	if ctx.Err() != nil || len(c.waiting) == 0 {
		return ctx.Err()
	}
	compiled := func() {}
	if c.done == 0 {
		compiled = meter.Wait(c.err, meter.CompileShaders)
	}
	logits, err := c.predictor.Logits(ctx, c.batch)
	compiled()
	if err != nil {
		return err
	}
	for i, p := range nn.Predictions(logits, c.model.Classes()) {
		image := c.waiting[i]
		if math.IsNaN(p.Probabilities[0]) {
			err = c.fail(fmt.Errorf("%s: the model makes infinite numbers of it: is it damaged?", image.name))
		} else {
			c.done++
			for k := range c.changes {
				c.changes[k].count(image.Picture)
			}
			err = c.print(image.name, p)
		}
		if err != nil {
			return err
		}
	}
	if err := c.results.Flush(); err != nil {
		return err
	}
	if !c.watched {
		c.progress.Count("images", c.done+c.failed, len(c.images))
	}
	c.waiting, c.batch.Pixels, c.batch.Labels = c.waiting[:0], c.batch.Pixels[:0], c.batch.Labels[:0]
	return nil
}

// finish says how many images there were and what became of them.
func (c *classifier) finish(took time.Duration) error {
	c.progress.Hide()
	line := fmt.Sprintf("%s images in %.1f s", report.Thousands(c.done), took.Seconds())
	if c.done == 1 {
		line = fmt.Sprintf("1 image in %.1f s", took.Seconds())
	}
	for _, change := range c.changes {
		if change.images > 0 {
			line += fmt.Sprintf(", %s %s", report.Thousands(change.images), change.words)
		}
	}
	fmt.Fprintln(c.err, line)
	if c.failed > 0 {
		return fmt.Errorf("predict: %s of %s images could not be classified", report.Thousands(c.failed), report.Thousands(len(c.images)))
	}
	return nil
}
