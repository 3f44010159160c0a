package monitor

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/window"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// lookEvery is the time from one look for keys to the next. drawEvery is the time for which one
// picture stays while there may be a newer one.
const (
	lookEvery = 50 * time.Millisecond
	drawEvery = 450 * time.Millisecond
)

// Settings are what a window is told about a run before it begins.
type Settings struct {
	Title     string         // of the picture
	Device    *engine.Device // of the training; its adapter presents the picture
	Tilings   nn.Tilings     // of the training
	Images    dataset.Images // the images to guess
	Classes   []string       // their classes
	Evaluated string         // the name of the rows that each epoch is evaluated on
	Epochs    int            // of a variant
	Variants  int
	Redraw    int // epochs after which a new picture is due early
	Save      func(name string, picture []byte) error
	Warnings  io.Writer
}

// Window shows a run in a window. The goroutine of the training tells it the news, and another
// goroutine draws them, so the training waits for no picture. A nil window shows nothing.
type Window struct {
	settings Settings
	trained  chan struct{} // closed at the end of the training
	gone     chan struct{} // closed when the window is

	window  *window.Window // nil after it was closed
	painter report.DashboardPainter
	epochs  int           // on the picture
	name    string        // of the picture's file, "" before the first variant
	shown   time.Time     // when the picture was shown
	took    time.Duration // to draw it
	note    string        // of the last key
	noted   time.Time

	mu   sync.Mutex
	news news
	gate chan struct{} // closed at the end of a pause, nil without a pause

	guesser *guesser // the goroutine of the training uses it alone
}

// news is what the training has told.
type news struct {
	curves   []report.VariantCurves // of each variant, or of each network if the run has several seeds
	at       int                    // the curves of the variant in training
	name     string                 // of that variant
	begun    int                    // number of variants
	weights  nn.StateDict           // after the last epoch, nil before the first
	guesses  []report.Guess
	progress Progress
}

// Open opens a window. Close closes it.
func Open(s Settings) (*Window, error) {
	w := &Window{settings: s, guesser: newGuesser(s), trained: make(chan struct{}), gone: make(chan struct{})}
	w.news.guesses = w.guesser.pictures()
	opened := make(chan error)
	go func() {
		defer close(w.gone)
		w.show(opened)
	}()
	return w, <-opened
}

// Close closes the window after the training.
func (w *Window) Close() {
	close(w.trained)
	<-w.gone
	w.guesser.release()
}

// show opens the window, reports that, and draws until the user closes it or all is trained.
func (w *Window) show(opened chan<- error) {
	var err error
	w.window, err = window.Open("wgpucnn train: space pauses, S saves the picture", 1280, 800, w.settings.Device.Adapter().Name)
	opened <- err
	for w.window != nil {
		select {
		case <-w.trained:
			w.drop()
			return
		default:
		}
		if err := w.turn(); err != nil {
			fmt.Fprintf(w.settings.Warnings, "wgpucnn: %v: the training goes on without it\n", err)
			w.drop()
		}
	}
}

// drop closes the window, unless it is closed, and ends a pause.
func (w *Window) drop() {
	if w.window != nil {
		w.window.Close()
		w.window = nil
	}
	w.pause(false)
}

// Begin tells that a variant is next. network is the name of its network if the run has several seeds,
// else "". from is the checkpoint that it goes on from, or nil.
func (w *Window) Begin(name, network string, model *nn.Network, from *modelfile.Checkpoint) {
	if w == nil {
		return
	}
	var epochs []stats.Epoch
	if from != nil {
		epochs = slices.Clone(from.Epochs)
	}
	w.tell(func(n *news) {
		n.begin(name, cmp.Or(network, name), epochs)
		n.weights, n.guesses, n.progress = nil, w.guesser.pictures(), Progress{epochs: w.settings.Epochs}
	})
	w.guesser.begin(model)
}

// begin makes a variant the one in training. It has a column of its own, or that of the runs of the same
// network before it.
func (n *news) begin(name, column string, epochs []stats.Epoch) {
	n.name, n.begun = name, n.begun+1
	n.at = slices.IndexFunc(n.curves, func(c report.VariantCurves) bool { return c.Name == column })
	if n.at < 0 {
		n.at = len(n.curves)
		n.curves = append(n.curves, report.VariantCurves{Name: column, Stats: epochs})
		return
	}
	n.curves = slices.Clone(n.curves) // the picture may be drawn of the old ones
	c := &n.curves[n.at]
	c.Earlier, c.Stats = append(slices.Clone(c.Earlier), c.Stats), epochs
}

// Join lets the window hear what an observer hears. p is the progress that the observer tells.
func (w *Window) Join(ctx context.Context, p *Progress, o *train.Observer) {
	if w == nil {
		return
	}
	step, epoch := o.Step, o.Epoch
	o.Step = func(s stats.Step) {
		step(s)
		w.tell(func(n *news) { n.progress = *p })
	}
	o.Epoch = func(s stats.Epoch) {
		epoch(s)
		w.tell(func(n *news) {
			last := &n.curves[n.at]
			last.Stats = append(last.Stats, s)
		})
	}
	o.Weights = func(state nn.StateDict) {
		guesses, err := w.guesser.guess(state)
		if err != nil { // the training meets the same error, and tells it
			guesses = nil
		}
		w.tell(func(n *news) {
			n.weights = state
			if guesses != nil {
				n.guesses = guesses
			}
		})
	}
	o.Pause = func() {
		start := time.Now()
		w.wait(ctx)
		p.start = p.start.Add(time.Since(start))
	}
}

func (w *Window) tell(change func(*news)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.news)
}

// latest returns the news as they are now.
func (w *Window) latest() news {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.news
	n.curves = slices.Clone(n.curves)
	return n
}

// wait returns when there is no pause, or when ctx is done.
func (w *Window) wait(ctx context.Context) {
	w.mu.Lock()
	gate := w.gate
	w.mu.Unlock()
	if gate == nil {
		return
	}
	select {
	case <-gate:
	case <-ctx.Done():
	}
}

// pause begins a pause, or ends it.
func (w *Window) pause(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gate != nil {
		close(w.gate)
		w.gate = nil
	}
	if on {
		w.gate = make(chan struct{})
	}
}

// paused tells whether there is a pause. The goroutine that calls pause may call it.
func (w *Window) paused() bool { return w.gate != nil }
