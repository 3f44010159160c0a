// Package bench measures how fast an adapter runs the kernels, the training steps and the
// predictions of the lab's models, what its dispatches, submissions and copies cost, and
// compares what was measured on several machines or of several commits.
//
// Every figure is the median of repeated measurements after a warm-up, with its quartiles
// and an interval: see Sample. How each time was taken stands beside it: see Method. The
// command "wgpucnn bench" runs it; docs/benchmarking.md tells how to read the results.
package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// Settings say what is measured, and for how long.
type Settings struct {
	Variants []string `json:"variants"` // of the lab's model, some of nn.Poolings
	Batch    int      `json:"batch"`    // rows of a training step
	Predict  []int    `json:"predict"`  // batch sizes of prediction
	Seconds  float64  `json:"seconds"`  // of sampling for a measurement, four times as many for a training step
	Rounds   int      `json:"rounds"`   // that all of it is measured in, one after another, to sample the machine's moods
	Copy     int      `json:"copy"`     // bytes of a copied buffer

	// Tiling is the adapter's, the zero value for nn.TilingFor it. Its report holds it.
	Tiling nn.Tiling `json:"-"`
}

// Standard measures everything: about two minutes on an adapter that computes on the CPU.
func Standard() Settings {
	return Settings{Variants: slices.Clone(nn.Poolings), Batch: 128, Predict: []int{1, 16, 128, 1024}, Seconds: 0.5, Rounds: 3, Copy: 32 << 20}
}

// Quick measures less of it for a shorter time.
func Quick() Settings {
	s := Standard()
	s.Predict, s.Seconds = []int{1, 128}, 0.1
	return s
}

// Bounds of Settings.
const (
	mostBatch   = 1 << 16
	mostSeconds = 3600
)

// Check returns an error for settings that make no sense.
func (s Settings) Check() error {
	for i, v := range s.Variants {
		if !slices.Contains(nn.Poolings, v) || slices.Contains(s.Variants[:i], v) {
			return fmt.Errorf("bench: variant %q: want some of %s, each once", v, strings.Join(nn.Poolings, ","))
		}
	}
	for i, n := range append([]int{s.Batch}, s.Predict...) {
		if n < 1 || n > mostBatch {
			return fmt.Errorf("bench: batch of %d: want 1 to %d", n, mostBatch)
		}
		if i > 0 && slices.Contains(s.Predict[:i-1], n) {
			return fmt.Errorf("bench: prediction by batches of %d stands there twice", n)
		}
	}
	if !(s.Seconds > 0 && s.Seconds <= mostSeconds) {
		return fmt.Errorf("bench: %v seconds for a measurement: want above 0, at most %d", s.Seconds, mostSeconds)
	}
	if s.Rounds < 1 || s.Rounds > leastCount {
		return fmt.Errorf("bench: %d rounds: want 1 to %d", s.Rounds, leastCount)
	}
	if s.Copy < 4 || s.Copy%4 != 0 {
		return fmt.Errorf("bench: copies of %d bytes: want a multiple of 4", s.Copy)
	}
	return nil
}

// parts returns how many parts a run has: in each round overhead, copies, and three of
// each variant.
func (s Settings) parts() int { return s.Rounds * (2 + 3*len(s.Variants)) }

// Observer is told before each part of a run what it is, and how many are done.
type Observer func(part string, done, total int)

// run is a run on one device.
type run struct {
	ctx      context.Context
	dev      *engine.Device
	settings Settings
	watch    *stopwatch
	observe  Observer
	done     int
	report   AdapterReport
	kernel   map[string]timing // of this round, by their fingerprints
	times    map[key][]float64 // the samples of the report's measurements so far, in seconds
}

// Run measures a device. When ctx is done it returns ctx's error.
func Run(ctx context.Context, dev *engine.Device, s Settings, observe Observer) (AdapterReport, error) {
	if err := s.Check(); err != nil {
		return AdapterReport{}, err
	}
	if s.Tiling == (nn.Tiling{}) {
		s.Tiling = nn.TilingFor(dev.Adapter())
	}
	start := time.Now()
	watch, err := newStopwatch(ctx, dev, s)
	if err != nil {
		return AdapterReport{}, err
	}
	defer watch.release()
	r := &run{ctx: ctx, dev: dev, settings: s, watch: watch, observe: observe, report: AdapterReport{Adapter: dev.Adapter(), Tiling: s.Tiling},
		times: map[key][]float64{}}
	if watch.timer != nil {
		r.report.Tick = watch.timer.Tick()
	}
	for range s.Rounds {
		if err := r.round(); err != nil {
			return AdapterReport{}, cmp.Or(ctx.Err(), err)
		}
	}
	if err := r.summarise(); err != nil {
		return AdapterReport{}, err
	}
	r.report.Clock = watch.reason
	r.report.Seconds = time.Since(start).Seconds()
	return r.report, nil
}

// round measures everything once.
func (r *run) round() error {
	r.kernel = map[string]timing{}
	r.begin("overhead")
	if err := r.overhead(); err != nil {
		return err
	}
	r.begin("copies")
	if err := r.copies(); err != nil {
		return err
	}
	for _, variant := range r.settings.Variants {
		if err := r.variant(variant); err != nil {
			return fmt.Errorf("bench: %s: %w", variant, err)
		}
	}
	return nil
}

// summarise makes samples of the times of all rounds.
func (r *run) summarise() error {
	all := r.report.Measurements
	for i := range all {
		var err error
		if all[i].Seconds, err = NewSample(r.times[all[i].key()]); err != nil {
			return fmt.Errorf("%w (%s %q)", err, all[i].Group, all[i].Name)
		}
	}
	slices.SortStableFunc(all, func(a, b Measurement) int { return slices.Index(groups, a.Group) - slices.Index(groups, b.Group) })
	return nil
}

// begin tells the observer of the next part.
func (r *run) begin(part string) {
	r.observe(part, r.done, r.settings.parts())
	r.done++
}

// add keeps the times of a measurement in a round. Where rounds had to take them by
// different methods, the least exact of these stands for all.
func (r *run) add(m Measurement, times []float64) {
	before := find(r.report.Measurements, m.key())
	if before == nil {
		r.report.Measurements = append(r.report.Measurements, m)
	} else if slices.Index(methods, m.Method) > slices.Index(methods, before.Method) {
		before.Method = m.Method
	}
	r.times[m.key()] = append(r.times[m.key()], times...)
}

// rows is the size of the lab's training set.
const rows = 1500
