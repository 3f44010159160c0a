// Package bench measures the kernels, the training steps and the predictions of the lab's
// models on an adapter, the adapter's peaks, and the cost of its dispatches, submissions and copies. It also
// compares measurements of several machines or commits.
//
// Every figure is the median of repeated measurements after a warm-up, with quartiles and an
// interval: see Sample. Each figure names its Method. The command "wgpucnn bench" runs the
// package; docs/benchmarking.md explains the results.
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
	Variants []string `json:"variants"` // of the lab's model: some of nn.Poolings
	Batch    int      `json:"batch"`    // rows of a training step
	Predict  []int    `json:"predict"`  // batch sizes of prediction
	Seconds  float64  `json:"seconds"`  // of sampling for a measurement; four times as many for a training step
	Rounds   int      `json:"rounds"`   // everything is measured in this many rounds, so that samples come from different times
	Copy     int      `json:"copy"`     // bytes of a copied buffer; the peak of memory is that of buffers eight times as large

	// Tilings are those of the kernels. The zero value means nn.TilingFor the adapter. The
	// report contains them.
	Tilings nn.Tilings `json:"-"`
}

// Standard measures everything. It takes about two minutes on an adapter that computes on the
// CPU.
func Standard() Settings {
	return Settings{Variants: slices.Clone(nn.Poolings), Batch: 128, Predict: []int{1, 16, 128, 1024}, Seconds: 0.5, Rounds: 3, Copy: 32 << 20}
}

// Quick measures fewer batch sizes, and each for a shorter time.
func Quick() Settings {
	s := Standard()
	s.Predict, s.Seconds = []int{1, 128}, 0.1
	return s
}

// The bounds of Settings.
const (
	maxBatch   = 1 << 16
	maxSeconds = 3600
)

// Check returns an error for settings that cannot be measured.
func (s Settings) Check() error {
	for i, v := range s.Variants {
		if !slices.Contains(nn.Poolings, v) || slices.Contains(s.Variants[:i], v) {
			return fmt.Errorf("bench: variant %q: want some of %s, each once", v, strings.Join(nn.Poolings, ","))
		}
	}
	for i, n := range append([]int{s.Batch}, s.Predict...) {
		if n < 1 || n > maxBatch {
			return fmt.Errorf("bench: batch of %d: want 1 to %d", n, maxBatch)
		}
		if i > 0 && slices.Contains(s.Predict[:i-1], n) {
			return fmt.Errorf("bench: prediction by batches of %d is chosen twice", n)
		}
	}
	if !(s.Seconds > 0 && s.Seconds <= maxSeconds) {
		return fmt.Errorf("bench: %v seconds for a measurement: want above 0, at most %d", s.Seconds, maxSeconds)
	}
	if s.Rounds < 1 || s.Rounds > minSamples {
		return fmt.Errorf("bench: %d rounds: want 1 to %d", s.Rounds, minSamples)
	}
	if s.Copy < 4 || s.Copy%4 != 0 {
		return fmt.Errorf("bench: copies of %d bytes: want a multiple of 4", s.Copy)
	}
	return nil
}

// parts returns the number of parts of a run: in each round peaks, overhead, copies, and three
// for each variant.
func (s Settings) parts() int { return s.Rounds * (3 + 3*len(s.Variants)) }

// Observer is called before each part of a run, with the number of parts done so far.
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
	meter    *meter            // nil if the adapter has none
	kernel   map[string]timing // the timings of kernels in this round, by fingerprint
	times    map[key][]float64 // the samples so far of the report's measurements, in seconds
}

// Run measures a device. When ctx is done it returns ctx's error.
func Run(ctx context.Context, dev *engine.Device, s Settings, observe Observer) (AdapterReport, error) {
	start := time.Now()
	r, err := newRun(ctx, dev, s, observe)
	if err != nil {
		return AdapterReport{}, err
	}
	defer r.watch.release()
	if r.watch.timer != nil {
		r.report.Tick = r.watch.timer.Tick()
	}
	if r.meter, err = findMeter(dev); err != nil {
		r.report.NoMeter = err.Error()
	}
	for range s.Rounds {
		if err := r.round(); err != nil {
			return AdapterReport{}, cmp.Or(ctx.Err(), err)
		}
	}
	if err := r.summarise(); err != nil {
		return AdapterReport{}, err
	}
	r.report.Clock = r.watch.reason
	r.report.Seconds = time.Since(start).Seconds()
	return r.report, nil
}

// Step measures the training step of the first of the variants, and nothing else. When ctx is done it
// returns ctx's error.
func Step(ctx context.Context, dev *engine.Device, s Settings) (Measurement, error) {
	s.Rounds = 1
	r, err := newRun(ctx, dev, s, func(string, int, int) {})
	if err != nil {
		return Measurement{}, err
	}
	defer r.watch.release()
	_, trainer, err := r.trainer(s.Variants[0])
	if err != nil {
		return Measurement{}, err
	}
	defer trainer.Release()
	step, err := trainer.StepProgram()
	if err != nil {
		return Measurement{}, err
	}
	if err := r.training(s.Variants[0], step); err != nil {
		return Measurement{}, cmp.Or(ctx.Err(), err)
	}
	if err := r.summarise(); err != nil {
		return Measurement{}, err
	}
	return r.report.Measurements[0], nil
}

// newRun returns a run that has measured nothing. The caller releases its stopwatch.
func newRun(ctx context.Context, dev *engine.Device, s Settings, observe Observer) (*run, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	var err error
	if s.Tilings, err = s.Tilings.Or(dev.Adapter()); err != nil {
		return nil, err
	}
	watch, err := newStopwatch(ctx, dev, s)
	if err != nil {
		return nil, err
	}
	return &run{ctx: ctx, dev: dev, settings: s, watch: watch, observe: observe, report: AdapterReport{Adapter: dev.Adapter(), Tilings: s.Tilings},
		times: map[key][]float64{}}, nil
}

// round measures everything once.
func (r *run) round() error {
	r.kernel = map[string]timing{}
	r.begin("peaks")
	if err := r.peaks(); err != nil {
		return err
	}
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

// summarise turns the times of all rounds into samples.
func (r *run) summarise() error {
	all := r.report.Measurements
	for i := range all {
		var err error
		if all[i].Seconds, err = NewSample(r.times[all[i].key()]); err != nil {
			return fmt.Errorf("%w (%s %q)", err, all[i].Group, all[i].Name)
		}
	}
	slices.SortStableFunc(all, func(a, b Measurement) int { return slices.Index(groups, a.Group) - slices.Index(groups, b.Group) })
	r.report.explain()
	return nil
}

// begin announces the next part to the observer.
func (r *run) begin(part string) {
	r.observe(part, r.done, r.settings.parts())
	r.done++
}

// add stores the times of a measurement in a round. If rounds used different methods, the
// report shows the least exact.
func (r *run) add(m Measurement, times []float64) {
	before := find(r.report.Measurements, m.key())
	if before == nil {
		r.report.Measurements = append(r.report.Measurements, m)
	} else if slices.Index(methods, m.Method) > slices.Index(methods, before.Method) {
		before.Method = m.Method
	}
	r.times[m.key()] = append(r.times[m.key()], times...)
}

// find returns the measurement of a key, or nil.
func find(measurements []Measurement, k key) *Measurement {
	for i := range measurements {
		if measurements[i].key() == k {
			return &measurements[i]
		}
	}
	return nil
}

// trainingRows is the size of the lab's training set.
const trainingRows = 1500
