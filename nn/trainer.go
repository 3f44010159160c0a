package nn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
)

// ErrDiverged is wrapped by the error of a training whose loss is no number any more.
var ErrDiverged = errors.New("training diverged")

// Options are the settings of a training besides its optimiser.
type Options struct {
	Batch  int       // rows of a step; the last of an epoch may have fewer
	Seed   uint64    // of the initial weights and of the order of rows
	State  StateDict // initial weights instead of drawn ones, nil for those
	Tiling Tiling    // of the kernels; the zero value means TilingFor the adapter

	// Resume goes on from a checkpoint, in place of Seed and State. With the data, SGD
	// and Options of the training that it is of, on the same adapter, driver and
	// tiling, what follows is to the last bit what that training would have come to.
	Resume *Checkpoint

	// Order returns the rows of an epoch, counted from 0, in the order of their
	// training; nil shuffles them anew for each epoch.
	Order func(epoch int) []uint32
}

// Observer is told how a training goes. Any function may be nil; none may use the
// Trainer.
type Observer struct {
	Step  func(StepStats)  // called once for each training step, in order, a submission's at a time
	Epoch func(EpochStats) // called once for each finished epoch

	// Submission is called once for each submission with the number of its steps, those of
	// evaluation counted, and the time from its recording to its end. The next one is
	// recorded meanwhile.
	Submission func(steps int, took time.Duration)

	// Weights is called with those of the last finished epoch, once a submission that
	// finished any.
	Weights func(StateDict)

	// Pause is called before each submission. The training waits for it, and does not
	// count the time.
	Pause func()

	// Checkpoint is called every Every epochs, or as soon after as a submission ends;
	// never where Every is 0. The GPU goes on meanwhile. An error ends the training.
	Checkpoint func(*Checkpoint) error
	Every      int
}

// Trainer trains a network on a device. Data, weights and metrics live on the
// GPU; the host reads metrics once a submission, which holds as many steps as
// take a quarter of a second.
type Trainer struct {
	dev         *engine.Device
	model       *Sequential
	net         *Network
	seed        uint64
	train, test *Source
	optimiser   *Optimiser
	moments     *engine.Buffer
	target      *engine.Buffer
	tallies     [2]*Tally      // of train and test
	snapshot    *engine.Buffer // the parameters at the end of the last finished epoch
	momentum    *engine.Buffer // the optimiser's velocity then
	step, eval  *engine.Program
	order       func(epoch int) []uint32 // see Options.Order
	done        int                      // steps recorded, those of evaluation counted, since the start
	ordered     int                      // epochs whose order has been uploaded
	saved       int                      // epochs of the last checkpoint that the Observer was given
	stats       []EpochStats             // of the finished epochs
	seconds     float64                  // spent in Train
	compiling   float64                  // seconds spent in compile, here and before the checkpoint
	clock       time.Time                // up to when seconds count
	pace        pace
	released    bool
}

// NewTrainer uploads data and initial weights. It compiles the kernels of a
// training step, and of the evaluation on data.Test that ends each epoch, and
// runs each kernel once: many drivers compile no sooner.
func NewTrainer(dev *engine.Device, model *Sequential, data *dataset.Dataset, sgd SGD, o Options) (*Trainer, error) {
	if err := sgd.check(); err != nil {
		return nil, err
	}
	if err := model.checkImages("training", data.Train); err != nil {
		return nil, err
	}
	if err := model.checkImages("test", data.Test); err != nil {
		return nil, err
	}
	if o.Batch < 1 || o.Batch > data.Train.Len() {
		return nil, fmt.Errorf("nn: batch of %d: want 1 to %d, the rows of the training set", o.Batch, data.Train.Len())
	}
	if model.ParamCount() == 0 {
		return nil, errors.New("nn: the network has no parameters to train")
	}
	from, err := o.start(model)
	if err != nil {
		return nil, err
	}
	tiling, err := o.Tiling.or(dev.Adapter())
	if err != nil {
		return nil, err
	}
	t := &Trainer{dev: dev, model: model, seed: from.Seed, order: o.Order}
	if t.order == nil {
		t.order = t.shuffle
	}
	if err := t.prepare(data, sgd, o.Batch, tiling); err != nil {
		t.Release()
		return nil, err
	}
	if err := t.restore(from); err != nil {
		t.Release()
		return nil, err
	}
	return t, nil
}

// ringBytes bounds the memory of the orders of rows that are uploaded ahead.
const ringBytes = 4 << 20

func (t *Trainer) prepare(data *dataset.Dataset, sgd SGD, batch int, tiling Tiling) error {
	t.net = NewNetwork(t.model, batch, tiling, true, true)
	orders := min(max(ringBytes/(4*data.Train.Len()), 2), 256)
	t.train = NewSource("train", t.model.In, data.Train.Len(), batch, orders)
	t.test = NewSource("test", t.model.In, data.Test.Len(), batch, 1)
	t.moments = engine.NewBuffer("moments", 8*t.model.In[2])
	t.target = engine.NewBuffer("target", 4*batch)
	t.tallies[0] = NewTally("train", t.train, orders*t.train.Steps)
	t.tallies[1] = NewTally("test", t.test, orders*t.test.Steps)
	t.optimiser = NewOptimiser(t.net, sgd, t.tallies[0])
	t.snapshot = engine.NewBuffer("snapshot", t.net.Params.Size())
	t.momentum = engine.NewBuffer("snapshot.momentum", t.net.Params.Size())

	normalize := t.model.Modules[0].Layer.(Normalize)
	step := normalize.Gather(t.train, t.model.In, t.moments.All(), t.net.X, t.target.All())
	step = append(step, t.net.Gradients(t.tallies[0], t.target.All())...)
	step = append(step, t.optimiser.ReduceUpdate()...)
	eval := normalize.Gather(t.test, t.model.In, t.moments.All(), t.net.X, t.target.All())
	eval = append(eval, t.net.Evaluate(t.tallies[1], t.target.All())...)
	eval = append(eval, t.tallies[1].Count()...)

	if err := t.dev.Allocate(t.snapshot, t.momentum); err != nil {
		return err
	}
	if err := t.compile(step, eval); err != nil {
		return err
	}
	if err := t.train.Upload(t.dev, data.Train); err != nil {
		return err
	}
	if err := t.test.Upload(t.dev, data.Test); err != nil {
		return err
	}
	if err := t.test.SetOrder(t.dev, 0, identity(data.Test.Len())); err != nil {
		return err
	}
	if err := t.dev.Write(t.moments.All(), engine.Bytes(normalize.Moments())); err != nil {
		return err
	}
	if err := t.dev.Write(t.optimiser.Blocks.All(), engine.Bytes(t.optimiser.Table)); err != nil {
		return err
	}
	return t.warm()
}

// check returns an error if the trainer was released.
func (t *Trainer) check() error {
	if t.released {
		return fmt.Errorf("nn: the trainer %w: make another", engine.ErrReleased)
	}
	return nil
}

// Release frees what the trainer holds on the GPU, before or after its device.
func (t *Trainer) Release() {
	t.released = true
	for _, program := range []*engine.Program{t.step, t.eval} {
		if program != nil {
			for _, buffer := range program.Buffers() {
				engine.Release(buffer)
			}
			program.Release()
		}
	}
	engine.Release(t.snapshot, t.momentum)
}

// StepsPerEpoch returns the training steps of an epoch.
func (t *Trainer) StepsPerEpoch() int { return t.train.Steps }

// Plan returns what a training step runs.
func (t *Trainer) Plan() engine.Plan { return t.step.Plan() }

// StepProgram returns what a training step runs, for tools that time it or look inside.
// Each run trains for a step, on the order of rows that an epoch has; Train does not know
// of it, so a trainer is for the one or for the other.
func (t *Trainer) StepProgram() (*engine.Program, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	for epoch := range t.train.Orders {
		if err := t.train.SetOrder(t.dev, epoch, t.order(epoch)); err != nil {
			return nil, err
		}
	}
	return t.step, nil
}

// perEpoch returns the steps of an epoch with those of its evaluation.
func (t *Trainer) perEpoch() int { return t.train.Steps + t.test.Steps }

// Train trains for so many epochs more. When ctx is done it stops after what
// has been submitted and returns ctx's error; State is then that of the last
// finished epoch, while a later call goes on where the steps stopped.
func (t *Trainer) Train(ctx context.Context, epochs int, observer Observer) error {
	if err := t.check(); err != nil {
		return err
	}
	end := (t.done/t.perEpoch() + epochs) * t.perEpoch()
	var flight []*submission // on their way, at most two: one runs while the next is recorded
	var failure error
	t.clock = time.Now()
	for failure == nil && (t.done < end || len(flight) > 0) {
		if t.done < end && len(flight) < 2 && ctx.Err() == nil {
			if observer.Pause != nil {
				start := time.Now()
				observer.Pause()
				t.clock = t.clock.Add(time.Since(start))
			}
			s, err := t.submit(end, observer)
			if err != nil {
				failure = err
				break
			}
			flight = append(flight, s)
			continue
		}
		if len(flight) == 0 {
			return ctx.Err()
		}
		failure = t.finish(flight[0], observer)
		flight = flight[1:]
	}
	for _, s := range flight {
		var err error
		if errors.Is(failure, ErrDiverged) { // the weights that remain are those of the last epoch: it is reported too
			err = t.finish(s, observer)
		} else {
			err = s.pending.Wait()
		}
		if err != nil && !errors.Is(err, ErrDiverged) {
			return err
		}
	}
	return failure
}

// Epoch trains for one epoch and returns its figures.
func (t *Trainer) Epoch(ctx context.Context) (EpochStats, error) {
	var stats EpochStats
	err := t.Train(ctx, 1, Observer{Epoch: func(s EpochStats) { stats = s }})
	return stats, err
}

// State reads the weights as they were at the end of the last finished epoch.
func (t *Trainer) State() (StateDict, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return readState(t.dev, t.snapshot, t.net.Weights, t.model)
}

// submission is a range of steps on their way. Steps are counted with those of
// evaluation: each epoch has perEpoch of them.
type submission struct {
	first, end int
	pending    *engine.Pending
	start      time.Time
	metrics    [2][]float32
	checkpoint [2][]float32 // parameters and velocity after the last finished epoch, nil unless one is due
	weights    []float32    // parameters after the last finished epoch, nil unless the observer wants any
}

// submit records as many steps as the pace allows, up to end, and a checkpoint where
// one is due, every so many epochs.
func (t *Trainer) submit(end int, observer Observer) (*submission, error) {
	per := t.perEpoch()
	s := &submission{first: t.done, start: time.Now()}
	// The rings must hold all that the submission leaves to read, and the epoch it starts in.
	s.end = min(end, t.done+t.pace.steps(), (t.done/per+t.train.Orders)*per)
	for ; t.ordered <= (s.end-1)/per; t.ordered++ {
		if err := t.train.SetOrder(t.dev, t.ordered, t.order(t.ordered)); err != nil {
			return nil, err
		}
	}
	recorder := t.dev.NewRecorder()
	for i := s.first; i < s.end; i++ {
		if i%per < t.train.Steps {
			recorder.Run(t.step)
		} else {
			recorder.Run(t.eval)
		}
		if (i+1)%per == 0 && i+1+per > s.end {
			recorder.Copy(t.snapshot.All(), t.net.Params.All())
			recorder.Copy(t.momentum.All(), t.optimiser.Velocity.All())
		}
	}
	if observer.Weights != nil && s.end/per > s.first/per {
		s.weights = make([]float32, t.snapshot.Size()/4)
		recorder.Read(t.snapshot.All(), engine.Bytes(s.weights))
	}
	saved := t.saved
	if finished := s.end / per; observer.Every > 0 && finished-saved >= observer.Every {
		saved = finished
		for i, buffer := range []*engine.Buffer{t.snapshot, t.momentum} {
			s.checkpoint[i] = make([]float32, buffer.Size()/4)
			recorder.Read(buffer.All(), engine.Bytes(s.checkpoint[i]))
		}
	}
	for i, tally := range t.tallies {
		s.metrics[i] = make([]float32, tally.Metrics.Size/4)
		recorder.Read(tally.Metrics, engine.Bytes(s.metrics[i]))
	}
	var err error
	if s.pending, err = recorder.Submit(); err != nil {
		return nil, err
	}
	t.done, t.saved = s.end, saved
	return s, nil
}

// finish waits for a submission and reports the epochs that it finished, all of them also if
// the training diverged in one.
func (t *Trainer) finish(s *submission, observer Observer) error {
	if err := s.pending.Wait(); err != nil {
		return err
	}
	now := time.Now()
	t.pace.took(s.end-s.first, s.start, now)
	t.seconds += now.Sub(t.clock).Seconds()
	t.clock = now
	if observer.Submission != nil {
		observer.Submission(s.end-s.first, now.Sub(s.start))
	}
	per := t.perEpoch()
	if observer.Step != nil {
		for i := s.first; i < s.end; i++ {
			if i%per < t.train.Steps {
				observer.Step(t.stepStats(s.metrics[0], i/per*t.train.Steps+i%per))
			}
		}
	}
	var diverged error
	for epoch := s.first / per; epoch < s.end/per; epoch++ {
		stats := EpochStats{Epoch: epoch + 1}
		stats.TrainLoss, stats.TrainAccuracy = t.spreads(t.train, s.metrics[0], epoch)
		stats.TestLoss, stats.TestAccuracy = t.spreads(t.test, s.metrics[1], epoch)
		t.stats = append(t.stats, stats)
		if observer.Epoch != nil {
			observer.Epoch(stats)
		}
		if mean := stats.TrainLoss.Mean; diverged == nil && (math.IsNaN(mean) || math.IsInf(mean, 0)) {
			diverged = fmt.Errorf("nn: epoch %d: the loss is %v: %w: lower the learning rate", stats.Epoch, mean, ErrDiverged)
		}
	}
	if diverged != nil {
		return diverged
	}
	if s.weights != nil {
		observer.Weights(unpackState(s.weights, t.net.Weights, t.model))
	}
	if observer.Checkpoint != nil && s.checkpoint[0] != nil {
		return observer.Checkpoint(t.checkpoint(unpackState(s.checkpoint[0], t.net.Weights, t.model), unpackState(s.checkpoint[1], t.net.Weights, t.model)))
	}
	return nil
}

// stepStats returns the figures of a training step, counted from 0, out of the
// ring of metrics.
func (t *Trainer) stepStats(ring []float32, step int) StepStats {
	slot := step % (len(ring) / 2)
	return StepStats{Step: step + 1, Loss: float64(ring[2*slot]), Correct: int(ring[2*slot+1]), Rows: t.train.Rows(step)}
}

// spreads summarises an epoch's batches out of a ring of metrics.
func (t *Trainer) spreads(s *Source, ring []float32, epoch int) (loss, accuracy Spread) {
	losses, accuracies := make([]float64, s.Steps), make([]float64, s.Steps)
	for i := range s.Steps {
		slot := (epoch*s.Steps + i) % (len(ring) / 2)
		losses[i] = float64(ring[2*slot])
		accuracies[i] = float64(ring[2*slot+1]) / float64(s.Rows(i))
	}
	return NewSpread(losses), NewSpread(accuracies)
}

// shuffle draws the order of an epoch's rows from the seed and the epoch alone.
func (t *Trainer) shuffle(epoch int) []uint32 {
	order := identity(t.train.Count)
	random := rand.New(rand.NewPCG(t.seed, streamOrder+uint64(epoch)))
	random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

func identity(count int) []uint32 {
	order := make([]uint32, count)
	for i := range order {
		order[i] = uint32(i)
	}
	return order
}
