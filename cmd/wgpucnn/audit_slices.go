package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/monitor"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/train"
)

// point is where a slice begins or ends: a checkpoint of the run, or its start.
type point struct {
	epoch    int
	file     string // below the variant's folder, "" for the start
	schedule int    // epochs of the training then, which a schedule spreads over
}

// slice is a part of a variant's training.
type slice struct {
	v        variant
	from, to point
}

// slices compares the files of a variant with each other, and returns the slices of its training.
func (a *audit) slices(v variant) []slice {
	end, schedule, err := a.read(v, runs.CheckpointFile)
	if err != nil {
		a.fault(v.name, "%v", err)
		return nil
	}
	a.compareResults(v, end)
	var points []point
	for _, epoch := range a.folder.Kept(v.name) {
		file := runs.KeptFile(epoch)
		c, schedule, err := a.read(v, file)
		var found comparison
		switch {
		case err != nil:
			a.fault(v.name, "%v", err)
			continue
		case len(c.Epochs) != epoch || epoch >= len(end.Epochs):
			a.fault(v.name, "%s has %d epochs, and %s %d", file, len(c.Epochs), runs.CheckpointFile, len(end.Epochs))
			continue
		}
		if found.figures(end.Epochs[:epoch], c.Epochs); found.first != "" {
			a.fault(v.name, "%s: %s, as in %s", file, found.first, runs.CheckpointFile)
		}
		points = append(points, point{epoch, file, schedule})
	}
	points = append(points, point{len(end.Epochs), runs.CheckpointFile, schedule})
	switch first := points[0]; {
	case a.before.Initial != nil: // the file may be gone, or another
		a.say(v.name, fmt.Sprintf("epochs 1 to %d: cannot be trained again, because they began from a file of --init", first.epoch))
	case a.spans() && first.schedule != schedule:
		a.say(v.name, fmt.Sprintf("epochs 1 to %d: cannot be trained again, because the schedule was that of another number of epochs", first.epoch))
	default:
		if len(points) == 1 {
			a.say(v.name, fmt.Sprintf("no checkpoint along the way: its one slice has all %s epochs", report.Thousands(first.epoch)))
		}
		points = append([]point{{}}, points...)
	}
	var all []slice
	for i, to := range points[1:] {
		all = append(all, slice{v, points[i], to})
	}
	return all
}

// read reads a checkpoint of the run, with the epochs that the training should have then. It returns an
// error unless the checkpoint fits the settings.
func (a *audit) read(v variant, file string) (*modelfile.Checkpoint, int, error) {
	c, err := modelfile.LoadCheckpoint(a.folder.Join(v.name, file))
	if err != nil {
		return nil, 0, err
	}
	if got, want := difference(c.Model.Network, v.model); got != want {
		return nil, 0, fmt.Errorf("%s has %s: by %s it is %s", file, got, runs.ConfigFile, want)
	}
	if a.claim(v, c) != nil {
		return nil, 0, fmt.Errorf("%s and %s do not have the same settings", runs.ConfigFile, file)
	}
	return c, c.Model.Training.(runs.Training).Recipe.Epochs, nil
}

// compareResults compares the model and the figures of a variant with its last checkpoint.
func (a *audit) compareResults(v variant, end *modelfile.Checkpoint) {
	model, err := modelfile.Load(a.folder.Join(v.name, runs.ModelFile))
	var weights, figures comparison
	switch {
	case err != nil:
		a.fault(v.name, "%v", err)
	default:
		weights.states(kept(end), model.State, "")
	}
	if weights.first != "" {
		a.fault(v.name, "%s: %s, as in %s", runs.ModelFile, weights.first, runs.CheckpointFile)
	}
	text, err := os.ReadFile(a.folder.Join(v.name, runs.MetricsFile))
	epochs, fault := report.ParseMetrics(text, a.evalName())
	switch {
	case err != nil:
		a.fault(v.name, "%v", err)
		return
	case fault != nil:
		a.fault(v.name, "%v", fault)
		return
	}
	if figures.figures(end.Epochs, epochs); figures.first != "" {
		a.fault(v.name, "%s: %s, as in %s", runs.MetricsFile, figures.first, runs.CheckpointFile)
	}
}

// pick chooses so many slices at random. all holds those of each variant. It takes one of each variant
// before it takes a second of any. The chosen ones are in the order of all.
func pick(all [][]slice, count int, seed uint64) []slice {
	random := rand.New(rand.NewPCG(seed, 0))
	order := slices.Concat(all...)
	for _, of := range all {
		random.Shuffle(len(of), func(i, k int) { of[i], of[k] = of[k], of[i] })
	}
	random.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	var chosen []slice
	for round := 0; ; round++ {
		before := len(chosen)
		for _, of := range all {
			if round < len(of) && len(chosen) < count {
				chosen = append(chosen, of[round])
			}
		}
		if len(chosen) == before {
			slices.SortFunc(chosen, func(x, y slice) int { return slices.Index(order, x) - slices.Index(order, y) })
			return chosen
		}
	}
}

// repeat trains a slice again, and says whether that comes to what the run has.
func (a *audit) repeat(ctx context.Context, s slice) error {
	var from *modelfile.Checkpoint
	var err error
	if s.from.file != "" {
		if from, _, err = a.read(s.v, s.from.file); err != nil {
			return err
		}
	}
	want, _, err := a.read(s.v, s.to.file)
	if err != nil {
		return err
	}
	got, err := a.retrain(ctx, s, from)
	if err != nil {
		return fmt.Errorf("%s: %w", s.v.name, err)
	}
	changes := a.changes(want.Model.Training.(runs.Training).Config.Config)
	if from != nil && len(changes) == 0 {
		changes = a.changes(from.Model.Training.(runs.Training).Config.Config)
	}
	found := compareCheckpoints(got, want, s.from.epoch)
	epochs := fmt.Sprintf("epochs %d to %d: ", s.from.epoch+1, s.to.epoch)
	switch {
	case found.first == "":
		a.say(s.v.name, epochs+"equal to the last bit")
	case len(changes) == 0:
		a.fault(s.v.name, "%s%s: %s", epochs, s.to.file, found.first)
	case found.worst <= auditTolerance:
		a.say(s.v.name, fmt.Sprintf("%sequal within the rounding of another %s: %s differs most, by %.2g %%", epochs, strings.Join(changes, " and "), found.place, found.worst*100))
	default:
		a.fault(s.v.name, "%s%s: %s differs by %.2g %%: want at most %v %% with another %s; only an audit without that is exact",
			epochs, s.to.file, found.place, found.worst*100, auditTolerance*100, strings.Join(changes, " and "))
	}
	return nil
}

// retrain trains a slice from its first checkpoint, nil for the start.
func (a *audit) retrain(ctx context.Context, s slice, from *modelfile.Checkpoint) (*modelfile.Checkpoint, error) {
	r := *a.run
	if err := r.holdOut(s.v.seed); err != nil {
		return nil, err
	}
	data := *r.data
	data.Test = r.evaluated
	optimiser, err := r.optimiser(s.v.model, s.to.schedule, r.stepsPerEpoch())
	if err != nil {
		return nil, err
	}
	r.epochs = s.to.epoch // where the keeper ends
	began, ready := time.Now(), meter.Wait(r.progress, meter.CompileShaders)
	trainer, err := train.New(r.dev, s.v.model, &data, optimiser, r.options(s.v.seed, from))
	ready()
	if err != nil {
		return nil, err
	}
	defer trainer.Release()
	compiled := time.Since(began)
	progress := monitor.NewProgress(r.progress, r.epochs, s.from.epoch, trainer.StepsPerEpoch(), r.evalName())
	observer, keeper := progress.Observer(), r.newKeeper(trainer, from)
	keeper.observe(&observer)
	err = keeper.train(ctx, observer)
	progress.End(compiled)
	if err != nil {
		return nil, err
	}
	c, err := trainer.Checkpoint()
	if err == nil {
		keeper.fill(c)
	}
	return c, err
}
