package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"wgpucnn/engine/window"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// How often the window looks for keys, and how long it shows one picture while there may be
// a newer one.
const (
	lookEvery = 50 * time.Millisecond
	drawEvery = 450 * time.Millisecond
)

// monitor shows a run in a window. The training tells it the news from one goroutine,
// another draws them, so that the training waits for no picture.
type monitor struct {
	window  *window.Window // nil when it has been closed
	painter report.DashboardPainter
	guesser guesser
	run     *run

	epochs int           // on the picture
	name   string        // of its file, "" before the first variant
	shown  time.Time     // when it was
	took   time.Duration // to draw
	note   string        // of the last key
	noted  time.Time

	mu   sync.Mutex
	news news
	gate chan struct{} // that opens when a pause ends, nil without one
}

// news is what the training has told.
type news struct {
	curves   []report.VariantCurves // the last one's variant is in training
	model    *nn.Network
	weights  nn.StateDict // after the last epoch, nil before one
	progress progress
}

// watch does what train does, in a window.
func (r *run) watch(ctx context.Context) error {
	r.monitor = &monitor{run: r, guesser: newGuesser(r.evaluated, report.PicturedNames(r.data.Classes))}
	opened, trained, gone := make(chan error), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		r.monitor.show(opened, trained)
	}()
	if err := <-opened; err != nil {
		return windowError(err)
	}
	defer func() {
		close(trained)
		<-gone
	}()
	return r.train(ctx)
}

// show opens the window, reports that, and draws until it is closed or all is trained.
func (m *monitor) show(opened chan<- error, trained <-chan struct{}) {
	var err error
	m.window, err = window.Open("wgpucnn train: space pauses, S saves the picture", 1280, 800, m.run.dev.Adapter().Name)
	opened <- err
	for m.window != nil {
		select {
		case <-trained:
			m.close()
			return
		default:
		}
		if err := m.turn(); err != nil {
			fmt.Fprintf(m.run.warnings, "wgpucnn: %v: the training goes on without it\n", err)
			m.close()
		}
	}
}

// windowError says what to do about a window that cannot be had.
func windowError(err error) error {
	return fmt.Errorf("train: --window: %w: leave it out, and look at the run's report.html at the end", err)
}

// begin takes note of a variant that is next, and of the checkpoint that it goes on from,
// which may be nil.
func (m *monitor) begin(pooling string, model *nn.Network, from *modelfile.Checkpoint) {
	if m == nil {
		return
	}
	curves := report.VariantCurves{Name: pooling}
	if from != nil {
		curves.Stats = slices.Clone(from.Epochs)
	}
	m.tell(func(n *news) {
		*n = news{curves: append(n.curves, curves), model: model, progress: progress{epochs: m.run.epochs}}
	})
}

// join lets the monitor hear what an observer hears, whose progress p is.
func (m *monitor) join(ctx context.Context, p *progress, o *train.Observer) {
	if m == nil {
		return
	}
	step, epoch := o.Step, o.Epoch
	o.Step = func(s stats.Step) {
		step(s)
		m.tell(func(n *news) { n.progress = *p })
	}
	o.Epoch = func(s stats.Epoch) {
		epoch(s)
		m.tell(func(n *news) {
			last := &n.curves[len(n.curves)-1]
			last.Stats = append(last.Stats, s)
		})
	}
	o.Weights = func(state nn.StateDict) { m.tell(func(n *news) { n.weights = state }) }
	o.Pause = func() {
		start := time.Now()
		m.wait(ctx)
		p.start = p.start.Add(time.Since(start))
	}
}

func (m *monitor) tell(change func(*news)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.news)
}

// latest returns the news as they are now.
func (m *monitor) latest() news {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.news
	n.curves = slices.Clone(n.curves)
	return n
}

// wait returns when there is no pause, or ctx is done.
func (m *monitor) wait(ctx context.Context) {
	m.mu.Lock()
	gate := m.gate
	m.mu.Unlock()
	if gate == nil {
		return
	}
	select {
	case <-gate:
	case <-ctx.Done():
	}
}

// pause begins a pause, or ends it.
func (m *monitor) pause(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gate != nil {
		close(m.gate)
		m.gate = nil
	}
	if on {
		m.gate = make(chan struct{})
	}
}

// paused is for the goroutine that calls pause.
func (m *monitor) paused() bool { return m.gate != nil }

// close closes the window, if that was not done before, and ends a pause.
func (m *monitor) close() {
	if m.window != nil {
		m.window.Close()
		m.window = nil
	}
	m.pause(false)
}
