package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/hostclock"
	"wgpucnn/nn"
	"wgpucnn/nn/stats"
)

// perEpoch returns the steps of an epoch with those of its evaluation.
func (t *Trainer) perEpoch() int { return t.plans.train.Steps + t.plans.test.Steps }

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
	t.clock = hostclock.Now()
	for failure == nil && (t.done < end || len(flight) > 0) {
		if t.done < end && len(flight) < 2 && ctx.Err() == nil {
			if observer.Pause != nil {
				start := hostclock.Now()
				observer.Pause()
				t.clock = t.clock.Add(hostclock.Since(start))
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
		if errors.Is(failure, nn.ErrDiverged) { // the weights that remain are those of the last epoch: it is reported too
			err = t.finish(s, observer)
		} else {
			err = s.pending.Wait()
		}
		if err != nil && !errors.Is(err, nn.ErrDiverged) {
			return err
		}
	}
	return failure
}

// Epoch trains for one epoch and returns its figures.
func (t *Trainer) Epoch(ctx context.Context) (stats.Epoch, error) {
	var figures stats.Epoch
	err := t.Train(ctx, 1, Observer{Epoch: func(s stats.Epoch) { figures = s }})
	return figures, err
}

// submission is a range of steps on their way. Steps are counted with those of
// evaluation: each epoch has perEpoch of them.
type submission struct {
	first, end int
	pending    *engine.Pending
	start      time.Time
	metrics    [2][]float32
	weights    [][]float32 // the snapshots of the weights, nil unless the observer wants any
	checkpoint [][]float32 // all snapshots, nil unless a checkpoint is due or kept
	due, kept  bool
}

// stepOf returns a step, counted with those of evaluation, as a step of training or of evaluation.
func (t *Trainer) stepOf(i int) (step int, training bool) {
	epoch, at := i/t.perEpoch(), i%t.perEpoch()
	if at < t.plans.train.Steps {
		return epoch*t.plans.train.Steps + at, true
	}
	return epoch*t.plans.test.Steps + at - t.plans.train.Steps, false
}

// bound returns the end of the submission that begins at the next step: as many steps as the pace
// allows, up to end, and up to the next epoch to keep. The rings must hold all that the submission reads or leaves to read. A
// training step with a hook has a submission of its own.
func (t *Trainer) bound(end int, keepAfter []int) int {
	per := t.perEpoch()
	for _, epoch := range keepAfter {
		if epoch*per > t.done {
			end = min(end, epoch*per)
		}
	}
	end = min(end, t.done+t.pace.steps(), (t.done/per+t.plans.train.Orders)*per)
	for _, s := range []*nn.Source{t.plans.train, t.plans.test} {
		if s.Slots > 0 {
			end = min(end, t.done+s.Slots)
		}
	}
	if t.hook == nil {
		return end
	}
	for i := t.done; i < end; i++ {
		if _, training := t.stepOf(i); training {
			return max(i, t.done+1)
		}
	}
	return end
}

// submit records as many steps as the pace allows, up to end, and a checkpoint if one is due.
func (t *Trainer) submit(end int, observer Observer) (*submission, error) {
	per := t.perEpoch()
	s := &submission{first: t.done, end: t.bound(end, observer.KeepAfter), start: hostclock.Now()}
	for ; t.ordered <= (s.end-1)/per; t.ordered++ {
		if err := t.setEpoch(t.ordered); err != nil {
			return nil, err
		}
	}
	if err := t.feed(s.first, s.end); err != nil {
		return nil, err
	}
	if step, training := t.stepOf(s.first); training && t.hook != nil {
		if err := t.callHook(step); err != nil {
			return nil, err
		}
	}
	recorder := t.dev.NewRecorder()
	for i := s.first; i < s.end; i++ {
		if _, training := t.stepOf(i); training {
			recorder.Run(t.programs.step)
		} else {
			recorder.Run(t.programs.eval)
		}
		if (i+1)%per == 0 && i+1+per > s.end {
			for k, buffer := range t.plans.state() {
				recorder.Copy(t.snapshots[k].All(), buffer.All())
			}
		}
	}
	finished := s.end / per
	s.due = t.due(finished, observer)
	s.kept = s.end%per == 0 && slices.Contains(observer.KeepAfter, finished)
	if s.due || s.kept {
		s.checkpoint = readSnapshots(recorder, t.snapshots)
	}
	if observer.Weights != nil && finished > s.first/per {
		s.weights = readSnapshots(recorder, t.snapshots[:len(t.plans.layout.StateBuffers())])
	}
	for i, tally := range t.plans.tallies {
		s.metrics[i] = make([]float32, tally.Metrics.Size/4)
		recorder.Read(tally.Metrics, engine.Bytes(s.metrics[i]))
	}
	var err error
	if s.pending, err = recorder.Submit(); err != nil {
		return nil, err
	}
	t.done = s.end
	if s.due {
		t.saved, t.savedAt = finished, t.seconds
	}
	return s, nil
}

// due tells whether the observer wants a checkpoint of so many epochs.
func (t *Trainer) due(epochs int, o Observer) bool {
	if o.Every > 0 && epochs-t.saved >= o.Every {
		return true
	}
	return o.Within > 0 && epochs > t.saved && t.seconds-t.savedAt >= o.Within.Seconds()
}

// readSnapshots asks for the contents of snapshots.
func readSnapshots(recorder *engine.Recorder, snapshots []*engine.Buffer) [][]float32 {
	var all [][]float32
	for _, snapshot := range snapshots {
		values := make([]float32, snapshot.Size()/4)
		recorder.Read(snapshot.All(), engine.Bytes(values))
		all = append(all, values)
	}
	return all
}

// feed gives the rings the batches of the steps from first up to end.
func (t *Trainer) feed(first, end int) error {
	for i := first; i < end; i++ {
		step, training := t.stepOf(i)
		s := t.streams[0]
		if !training {
			s = t.streams[1]
		}
		if err := s.feed(t.dev, step); err != nil {
			return err
		}
	}
	return nil
}

// callHook computes the gradients of a training step, gives them to the hook, and brings back
// what it made of them.
func (t *Trainer) callHook(step int) error {
	values := make([]float32, t.plans.gradient.Size()/4)
	recorder := t.dev.NewRecorder()
	recorder.Run(t.programs.gradients)
	recorder.Read(t.plans.gradient.All(), engine.Bytes(values))
	pending, err := recorder.Submit()
	if err != nil {
		return err
	}
	if err := pending.Wait(); err != nil {
		return err
	}
	if err := t.hook(step, t.plans.layout.Slot(values)); err != nil {
		return fmt.Errorf("train: gradients of step %d: %w", step, err)
	}
	return t.dev.Write(t.plans.gradient.All(), engine.Bytes(values))
}

// finish waits for a submission and reports the epochs that it finished, all of them also if
// the training diverged in one.
func (t *Trainer) finish(s *submission, observer Observer) error {
	if err := s.pending.Wait(); err != nil {
		return err
	}
	now := hostclock.Now()
	t.pace.took(s.end-s.first, s.start, now)
	t.seconds += now.Sub(t.clock).Seconds()
	t.clock = now
	if observer.Submission != nil {
		observer.Submission(s.end-s.first, now.Sub(s.start))
	}
	if observer.Step != nil {
		for i := s.first; i < s.end; i++ {
			if step, training := t.stepOf(i); training {
				observer.Step(t.stepStats(s.metrics[0], step))
			}
		}
	}
	if err := t.finishEpochs(s, observer); err != nil {
		return err
	}
	if s.weights != nil {
		observer.Weights(t.state(s.weights))
	}
	if observer.Checkpoint != nil && s.due {
		if err := observer.Checkpoint(t.checkpoint(s.checkpoint)); err != nil {
			return err
		}
	}
	if observer.Keep != nil && s.kept {
		return observer.Keep(t.checkpoint(s.checkpoint))
	}
	return nil
}

// finishEpochs reports the epochs that a submission finished. It returns an error if the training
// diverged in one of them.
func (t *Trainer) finishEpochs(s *submission, observer Observer) error {
	var diverged error
	for epoch := s.first / t.perEpoch(); epoch < s.end/t.perEpoch(); epoch++ {
		figures := stats.Epoch{Epoch: epoch + 1}
		figures.TrainLoss, figures.TrainAccuracy = spreads(t.plans.train, s.metrics[0], epoch)
		figures.TestLoss, figures.TestAccuracy = spreads(t.plans.test, s.metrics[1], epoch)
		t.stats = append(t.stats, figures)
		if observer.Epoch != nil {
			observer.Epoch(figures)
		}
		if mean := figures.TrainLoss.Mean; diverged == nil && (math.IsNaN(mean) || math.IsInf(mean, 0)) {
			diverged = fmt.Errorf("train: epoch %d: the loss is %v: %w: lower the learning rate", figures.Epoch, mean, nn.ErrDiverged)
		}
	}
	return diverged
}

// stepStats returns the figures of a training step, counted from 0, out of the
// ring of metrics.
func (t *Trainer) stepStats(ring []float32, step int) stats.Step {
	slot := step % (len(ring) / 2)
	return stats.Step{Step: step + 1, Loss: float64(ring[2*slot]), Correct: int(ring[2*slot+1]), Rows: t.plans.train.Rows(step)}
}

// spreads summarises an epoch's batches out of a ring of metrics.
func spreads(s *nn.Source, ring []float32, epoch int) (loss, accuracy stats.Spread) {
	losses, accuracies := make([]float64, s.Steps), make([]float64, s.Steps)
	for i := range s.Steps {
		slot := (epoch*s.Steps + i) % (len(ring) / 2)
		losses[i] = float64(ring[2*slot])
		accuracies[i] = float64(ring[2*slot+1]) / float64(s.Rows(i))
	}
	return stats.NewSpread(losses), stats.NewSpread(accuracies)
}
