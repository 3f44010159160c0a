package bench

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/hostclock"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/train"
)

// trainer returns a variant of the lab's model, and its trainer on noise.
func (r *run) trainer(variant string) (*nn.Network, *train.Trainer, error) {
	images := dataset.Noise(max(trainingRows, r.settings.Batch))
	model, err := nn.NewLab(variant, nn.Shape{images.Height, images.Width, images.Channels}, nn.LabOptions{Classes: 3})
	if err != nil {
		return nil, nil, err
	}
	data := &dataset.Dataset{Train: images, Test: dataset.Noise(1)}
	trainer, err := train.New(r.dev, model, data, labRule, train.Options{Batch: r.settings.Batch, Tilings: r.settings.Tilings})
	return model, trainer, err
}

// variant measures a variant of the lab's model: its training step, the kernels of the step,
// and prediction.
func (r *run) variant(name string) error {
	model, trainer, err := r.trainer(name)
	if err != nil {
		return err
	}
	defer trainer.Release()
	step, err := trainer.StepProgram()
	if err != nil {
		return err
	}
	r.begin(name + ": training")
	if err := r.training(name, step); err != nil {
		return err
	}
	r.begin(name + ": kernels")
	if err := r.kernels(name, step.Plan()); err != nil {
		return err
	}
	r.begin(name + ": prediction")
	return r.prediction(name, model, model.InitState(0))
}

// submissionTime is the longest time of a submission of training steps, as in training.
const submissionTime = 250 * time.Millisecond

// training measures a step the way training runs it: many steps a submission, and the next
// submission queued while one runs. A value is the time from the end of one submission to the
// end of the next.
func (r *run) training(variant string, step *engine.Program) error {
	w := *r.watch
	w.budget, w.slice = 4*w.budget, min(5*w.slice, submissionTime)
	runs, err := w.warmUp(variant, program(step))
	if err != nil {
		return err
	}
	submit := func() (*engine.Pending, error) {
		recorder := r.dev.NewRecorder()
		program(step)(recorder, runs)
		return recorder.Submit()
	}
	ahead, err := submit()
	if err != nil {
		return err
	}
	var ended time.Time
	turn := func() (float64, error) {
		next, err := submit()
		if err != nil {
			return 0, err
		}
		running, began := ahead, ended
		ahead = next
		if err := running.Wait(); err != nil {
			return 0, err
		}
		ended = hostclock.Now()
		return ended.Sub(began).Seconds() / float64(runs), nil
	}
	var times []float64
	if _, err = turn(); err == nil {
		times, err = w.sample(turn)
	}
	if waited := ahead.Wait(); err == nil {
		err = waited
	}
	if err != nil {
		return err
	}
	flops, bytes := 0, 0
	for _, d := range step.Plan() {
		flops, bytes = flops+d.Flops, bytes+d.Bytes
	}
	m := Measurement{
		Group: Training, Name: fmt.Sprintf("%s batch %d", variant, r.settings.Batch), Method: HostClock,
		Flops: flops, Bytes: bytes, Images: r.settings.Batch,
	}
	if find(r.report.Measurements, m.key()) == nil { // in the first round
		if m.Joules, err = r.joules(runs, submit); err != nil {
			return err
		}
	}
	r.add(m, times)
	return nil
}

// timing is how long something took in a round, and the method.
type timing struct {
	times  []float64
	method Method
}

// measureAlone measures a dispatch by itself.
func (r *run) measureAlone(d engine.Dispatch, code string) (timing, error) {
	one, err := r.dev.Compile(engine.Plan{d})
	if err != nil {
		return timing{}, err
	}
	defer one.Release()
	times, method, err := r.watch.gpu(code, program(one))
	return timing{times, method}, err
}

// kernels measures each dispatch of a plan alone. The plan must have run, so that buffers have
// memory and contain what earlier dispatches write. A kernel that several variants share is
// measured once a round and counts for each.
func (r *run) kernels(variant string, plan engine.Plan) error {
	seen := map[string]int{}
	for _, d := range plan {
		name, code, err := describe(d)
		if err != nil {
			return err
		}
		name = variant + " " + name
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s #%d", name, seen[name])
		}
		t, ok := r.kernel[code]
		if !ok {
			if t, err = r.measureAlone(d, code); err != nil {
				return err
			}
			r.kernel[code] = t
		}
		r.add(Measurement{Group: Kernels, Name: name, Method: t.method, Flops: d.Flops, Bytes: d.Bytes, Code: code}, t.times)
	}
	return nil
}

// describe returns the name of a dispatch, made of its kernel, the first buffer that it reads
// and the first that it writes: "conv2d.forward x→conv1". It also returns the fingerprint of
// what is compiled.
func describe(d engine.Dispatch) (name, code string, err error) {
	source, err := d.Kernel.Source()
	if err != nil {
		return "", "", err
	}
	var read, written string
	for _, b := range d.Bindings {
		binding, ok := source.Binding(b.Name)
		switch {
		case !ok:
		case binding.Write && written == "":
			written = b.View.Buffer.Name
		case !binding.Write && read == "":
			read = b.View.Buffer.Name
		}
	}
	text, err := source.Specialise(d.Kernel.Entry, d.Kernel.Constants)
	if err != nil {
		return "", "", err
	}
	sum := sha256.Sum256([]byte(fmt.Sprint(d.Workgroups, "\n", text)))
	return fmt.Sprintf("%v %s→%s", d.Kernel, read, written), fmt.Sprintf("%x", sum)[:12], nil
}

// maxBudgets is how many times Settings.Seconds one batch of a prediction may take.
const maxBudgets = 3

// prediction measures how long a caller of Predict waits, by batch size: the upload of the
// pixels, a submission, and the download of the logits. It leaves out a batch that would take
// far longer than the time for a measurement.
func (r *run) prediction(variant string, model *nn.Network, state nn.StateDict) error {
	perImage := 0.0 // seconds an image in the batch measured last
	for _, batch := range r.settings.Predict {
		name := fmt.Sprintf("%s batch %d", variant, batch)
		if slices.Contains(r.report.LeftOut, name) {
			continue
		}
		// A batch that one round measured, all rounds measure.
		if find(r.report.Measurements, key{Prediction, name}) == nil && perImage*float64(batch) > maxBudgets*r.settings.Seconds {
			r.report.LeftOut = append(r.report.LeftOut, name)
			continue
		}
		images := dataset.Noise(batch)
		p, err := predict.New(r.dev, model, state, predict.Options{Batch: batch, Tilings: r.settings.Tilings})
		if err != nil {
			return err
		}
		turn := func() (float64, error) {
			start := hostclock.Now()
			_, err := p.Logits(r.ctx, images)
			took := hostclock.Since(start).Seconds()
			perImage = took / float64(batch)
			return took, err
		}
		err = r.timed(Measurement{
			Group: Prediction, Name: name,
			Flops: 2 * batch * model.MultiplyAdds(), Images: batch,
		}, turn)
		p.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// timed measures a function that returns its own time by the host's clock, after two calls to
// warm up and with the GPU's clock raised.
func (r *run) timed(m Measurement, turn func() (float64, error)) error {
	for range 2 {
		if _, err := turn(); err != nil {
			return err
		}
	}
	if err := r.watch.clock.raise(); err != nil {
		return err
	}
	times, err := r.watch.sample(turn)
	if err != nil {
		return err
	}
	m.Method = HostClock
	r.add(m, times)
	return nil
}
