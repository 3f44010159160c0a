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
	Batch int       // rows of a step; the last of an epoch may have fewer
	Seed  uint64    // of the initial weights and of the order of rows
	State StateDict // initial weights instead of drawn ones, nil for those
}

// Observer is told how a training goes. Either function may be nil; neither may
// use the Trainer.
type Observer struct {
	// Steps is called after each submission with the training steps done since
	// the Trainer was made.
	Steps func(done int)
	// Epoch is called once for each finished epoch.
	Epoch func(EpochStats)
}

// Trainer trains a network on a device. Data, weights and metrics live on the
// GPU; the host reads metrics once a submission, which holds as many steps as
// take a quarter of a second.
type Trainer struct {
	dev         *engine.Device
	model       *Sequential
	net         *network
	seed        uint64
	train, test *source
	optimiser   *optimiser
	moments     *engine.Buffer
	target      *engine.Buffer
	metrics     [2]*engine.Buffer // rings of train and test metrics
	snapshot    *engine.Buffer    // the parameters at the end of the last finished epoch
	step, eval  *engine.Program
	order       func(epoch int) []uint32 // rows of an epoch, from 0
	done        int                      // steps recorded, those of evaluation counted, since the start
	ordered     int                      // epochs whose order has been uploaded
	pace        pace
}

// NewTrainer uploads data and initial weights and compiles the kernels of a
// training step and of the evaluation on data.Test, which runs at the end of
// each epoch.
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
	state := o.State
	if state == nil {
		state = model.InitState(o.Seed)
	}
	if err := model.CheckState(state); err != nil {
		return nil, err
	}
	t := &Trainer{dev: dev, model: model, seed: o.Seed}
	t.order = t.shuffle
	if err := t.prepare(data, sgd, o.Batch, state); err != nil {
		t.Release()
		return nil, err
	}
	return t, nil
}

// ringBytes bounds the memory of the orders of rows that are uploaded ahead.
const ringBytes = 4 << 20

func (t *Trainer) prepare(data *dataset.Dataset, sgd SGD, batch int, state StateDict) error {
	tile := tilingFor(t.dev.Adapter().Type)
	t.net = newNetwork(t.model, batch, tile, true, true)
	orders := min(max(ringBytes/(4*data.Train.Len()), 2), 256)
	t.train = newSource("train", t.model.In, data.Train.Len(), batch, orders)
	t.test = newSource("test", t.model.In, data.Test.Len(), batch, 1)
	t.optimiser = newOptimiser(t.net)
	t.moments = engine.NewBuffer("moments", 8*t.model.In[2])
	t.target = engine.NewBuffer("target", 4*batch)
	t.metrics[0] = engine.NewBuffer("train.metrics", metricsSize*orders*t.train.steps)
	t.metrics[1] = engine.NewBuffer("test.metrics", metricsSize*orders*t.test.steps)
	t.snapshot = engine.NewBuffer("snapshot", t.net.params.Size())

	normalize := t.model.Modules[0].Layer.(Normalize)
	step := normalize.record(t.train, t.model.In, t.moments.All(), t.net.x, t.target.All())
	step = append(step, t.net.forward...)
	step = append(step, crossEntropy(t.net, t.train, t.target.All(), t.metrics[0].All(), t.net.dlogits)...)
	step = append(step, t.net.backward...)
	step = append(step, t.optimiser.reduceUpdate(t.net, sgd)...)
	eval := normalize.record(t.test, t.model.In, t.moments.All(), t.net.x, t.target.All())
	eval = append(eval, t.net.forward...)
	eval = append(eval, crossEntropy(t.net, t.test, t.target.All(), t.metrics[1].All(), engine.View{})...)

	var err error
	if t.step, err = t.dev.Compile(step); err != nil {
		return err
	}
	if t.eval, err = t.dev.Compile(eval); err != nil {
		return err
	}
	if err := t.dev.Allocate(t.snapshot); err != nil {
		return err
	}
	if err := t.train.upload(t.dev, data.Train); err != nil {
		return err
	}
	if err := t.test.upload(t.dev, data.Test); err != nil {
		return err
	}
	if err := t.test.setOrder(t.dev, 0, identity(data.Test.Len())); err != nil {
		return err
	}
	if err := t.dev.Write(t.moments.All(), engine.Bytes(normalize.moments())); err != nil {
		return err
	}
	if err := t.dev.Write(t.optimiser.blocks.All(), engine.Bytes(t.optimiser.table)); err != nil {
		return err
	}
	for _, buffer := range []*engine.Buffer{t.net.params, t.snapshot} {
		if err := writeState(t.dev, buffer, t.net.weights, state); err != nil {
			return err
		}
	}
	return nil
}

// Release frees what the trainer holds on the GPU.
func (t *Trainer) Release() {
	for _, program := range []*engine.Program{t.step, t.eval} {
		if program != nil {
			for _, buffer := range program.Buffers() {
				engine.Release(buffer)
			}
			program.Release()
		}
	}
	engine.Release(t.snapshot)
}

// StepsPerEpoch returns the training steps of an epoch.
func (t *Trainer) StepsPerEpoch() int { return t.train.steps }

// perEpoch returns the steps of an epoch with those of its evaluation.
func (t *Trainer) perEpoch() int { return t.train.steps + t.test.steps }

// Train trains for so many epochs more. When ctx is done it stops after what
// has been submitted and returns ctx's error; State is then that of the last
// finished epoch, while a later call goes on where the steps stopped.
func (t *Trainer) Train(ctx context.Context, epochs int, observer Observer) error {
	end := (t.done/t.perEpoch() + epochs) * t.perEpoch()
	var flight []*submission // on their way, at most two: one runs while the next is recorded
	var failure error
	for failure == nil && (t.done < end || len(flight) > 0) {
		if t.done < end && len(flight) < 2 && ctx.Err() == nil {
			s, err := t.submit(end)
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
		if err := s.pending.Wait(); err != nil {
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
	return readState(t.dev, t.snapshot, t.net.weights, t.model)
}

// submission is a range of steps on their way. Steps are counted with those of
// evaluation: each epoch has perEpoch of them.
type submission struct {
	first, end int
	pending    *engine.Pending
	start      time.Time
	metrics    [2][]float32
}

// submit records as many steps as the pace allows, up to end.
func (t *Trainer) submit(end int) (*submission, error) {
	per := t.perEpoch()
	s := &submission{first: t.done, start: time.Now()}
	// The rings must hold all that the submission leaves to read, and the epoch it starts in.
	s.end = min(end, t.done+t.pace.steps(), (t.done/per+t.train.orders)*per)
	for ; t.ordered <= (s.end-1)/per; t.ordered++ {
		if err := t.train.setOrder(t.dev, t.ordered, t.order(t.ordered)); err != nil {
			return nil, err
		}
	}
	recorder := t.dev.NewRecorder()
	for i := s.first; i < s.end; i++ {
		if i%per < t.train.steps {
			recorder.Run(t.step)
		} else {
			recorder.Run(t.eval)
		}
		if (i+1)%per == 0 && i+1+per > s.end {
			recorder.Copy(t.snapshot.All(), t.net.params.All())
		}
	}
	for i, ring := range t.metrics {
		s.metrics[i] = make([]float32, ring.Size()/4)
		recorder.Read(ring.All(), engine.Bytes(s.metrics[i]))
	}
	var err error
	s.pending, err = recorder.Submit()
	t.done = s.end
	return s, err
}

// finish waits for a submission and reports the epochs that it finished.
func (t *Trainer) finish(s *submission, observer Observer) error {
	if err := s.pending.Wait(); err != nil {
		return err
	}
	t.pace.took(s.end-s.first, s.start, time.Now())
	per := t.perEpoch()
	if observer.Steps != nil {
		observer.Steps(s.end/per*t.train.steps + min(s.end%per, t.train.steps))
	}
	for epoch := s.first / per; epoch < s.end/per; epoch++ {
		stats := EpochStats{Epoch: epoch + 1}
		stats.TrainLoss, stats.TrainAccuracy = t.spreads(t.train, s.metrics[0], epoch)
		stats.TestLoss, stats.TestAccuracy = t.spreads(t.test, s.metrics[1], epoch)
		if observer.Epoch != nil {
			observer.Epoch(stats)
		}
		if math.IsNaN(stats.TrainLoss.Mean) || math.IsInf(stats.TrainLoss.Mean, 0) {
			return fmt.Errorf("nn: epoch %d: the loss is %v: %w: lower the learning rate", stats.Epoch, stats.TrainLoss.Mean, ErrDiverged)
		}
	}
	return nil
}

// spreads summarises an epoch's batches out of a ring of metrics.
func (t *Trainer) spreads(s *source, ring []float32, epoch int) (loss, accuracy Spread) {
	losses, accuracies := make([]float64, s.steps), make([]float64, s.steps)
	for i := range s.steps {
		slot := (epoch*s.steps + i) % (len(ring) / 2)
		losses[i] = float64(ring[2*slot])
		accuracies[i] = float64(ring[2*slot+1]) / float64(s.rows(i))
	}
	return NewSpread(losses), NewSpread(accuracies)
}

// shuffle draws the order of an epoch's rows from the seed and the epoch alone.
func (t *Trainer) shuffle(epoch int) []uint32 {
	order := identity(t.train.count)
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
