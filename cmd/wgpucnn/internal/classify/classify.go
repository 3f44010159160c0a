// Package classify classifies image files by a model, one batch at a time, and prints the classes.
package classify

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
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
)

// BatchSize is the number of images that the GPU takes at a time. The last batch has this size too,
// because a driver compiles the kernels anew for each size.
const BatchSize = 128

// Job is what there is to classify.
type Job struct {
	Model     *modelfile.Model
	Predictor *predict.Predictor // of the model, for BatchSize images
	Images    []string           // their names
	Stdin     io.Reader          // the image that StdinName means
	Out, Err  io.Writer          // for results and for progress
	JSON      bool               // one object a line instead of the table
}

// classifier is a job and how far it is.
type classifier struct {
	Job
	results  *bufio.Writer // to Out
	print    printer       // to results
	watched  bool          // the results themselves show how far it is
	progress *meter.Meter

	waiting      []decoded      // the images of the next batch
	batch        dataset.Images // their pixels
	running      *predict.Batch // that the GPU works on, nil for none
	classified   []decoded      // its images
	done, failed int
	changes      []change
}

// Run classifies the images in batches. While the GPU works on a batch, the next one is decoded and
// goes to the GPU too.
func (j Job) Run(ctx context.Context) error {
	start := time.Now()
	results := bufio.NewWriter(j.Out)
	c := classifier{Job: j, results: results, watched: terminal.Is(j.Out), progress: meter.New(j.Err), changes: newChanges(j.Model.In)}
	if j.JSON {
		c.print = jsonPrinter(results, j.Model.ClassNames)
	} else {
		c.print = tablePrinter(results, terminal.Columns(j.Out), j.Model.ClassNames, j.Images)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer c.abandon()
	for one := range decodeAhead(ctx, c.Images, c.Stdin, c.Model.In) {
		select {
		case image := <-one:
			if err := c.add(image); err != nil {
				return err
			}
		case <-ctx.Done(): // standard input may never end
			return ctx.Err()
		}
		if len(c.waiting) == BatchSize {
			if err := c.classify(ctx); err != nil {
				return err
			}
		} else if c.running != nil && c.running.Done() {
			if err := c.printRunning(); err != nil {
				return err
			}
		}
	}
	for more := true; more; more = c.running != nil {
		if err := c.classify(ctx); err != nil {
			return err
		}
	}
	return c.finish(time.Since(start))
}

// add takes an image into the batch, or says why it cannot do that.
func (c *classifier) add(image decoded) error {
	switch {
	case errors.Is(image.err, nn.ErrShape): // no image fits the model
		return image.err
	case image.err != nil:
		return c.skip(image.err)
	}
	c.batch.Height, c.batch.Width, c.batch.Channels = image.Height, image.Width, image.Channels
	c.batch.Pixels = append(c.batch.Pixels, image.Pixels...)
	c.batch.Labels = append(c.batch.Labels, image.Labels...)
	image.Images = dataset.Images{}
	c.waiting = append(c.waiting, image)
	return nil
}

// skip counts an image that is not classified and says why. If there is no other image, the reason
// is the error of the command.
func (c *classifier) skip(err error) error {
	if len(c.Images) == 1 {
		return err
	}
	c.failed++
	c.progress.Hide()
	fmt.Fprintf(c.Err, "%s %v\n", terminal.Red.Paint(c.Err, "wgpucnn:"), err)
	return nil
}

// classify starts the next batch, if it has images, and prints the classes of the batch before it.
func (c *classifier) classify(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var next *predict.Batch
	if len(c.waiting) > 0 {
		var err error
		if next, err = c.Predictor.Start(c.batch); err != nil {
			return err
		}
	}
	err := c.printRunning()
	c.running, c.classified, c.waiting = next, c.waiting, c.classified[:0]
	c.batch.Pixels, c.batch.Labels = c.batch.Pixels[:0], c.batch.Labels[:0]
	return err
}

// printRunning waits for the batch that the GPU works on, and prints the classes of its images.
func (c *classifier) printRunning() error {
	if c.running == nil {
		return nil
	}
	compiled := func() {}
	if c.done == 0 {
		compiled = meter.Wait(c.Err, meter.CompileShaders)
	}
	logits, err := c.running.Wait()
	c.running = nil
	compiled()
	if err != nil {
		return err
	}
	for i, p := range predict.Predictions(logits, c.Model.Classes()) {
		image := c.classified[i]
		if math.IsNaN(p.Probabilities[0]) {
			err = c.skip(fmt.Errorf("%s: the model makes infinite numbers of it: is it damaged?", image.name))
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
		c.progress.Count("images", c.done+c.failed, len(c.Images))
	}
	return nil
}

// abandon waits for the batch that the GPU works on, because its device may be released then.
func (c *classifier) abandon() {
	if c.running != nil {
		c.running.Wait()
	}
}

// finish says how many images were classified and what happened to them before.
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
	terminal.Say(c.Err, "%s\n", line)
	if c.failed > 0 {
		return fmt.Errorf("predict: %s of %s images could not be classified", report.Thousands(c.failed), report.Thousands(len(c.Images)))
	}
	return nil
}
