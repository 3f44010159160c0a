package nn

import (
	"time"

	"wgpucnn/engine"
)

// compile compiles the plans of a training step and of an evaluation step.
func (t *Trainer) compile(step, eval engine.Plan) error {
	began := time.Now()
	var err error
	if t.step, err = t.dev.Compile(step); err != nil {
		return err
	}
	if t.eval, err = t.dev.Compile(eval); err != nil {
		return err
	}
	t.compiling += time.Since(began).Seconds()
	return nil
}

// warm runs each plan once, for many drivers compile a kernel when it first runs. Without
// these runs the time of the compiler would count as training. They change weights,
// velocity and counters, which restore sets afterwards.
func (t *Trainer) warm() error {
	began := time.Now()
	for _, program := range []*engine.Program{t.step, t.eval} {
		recorder := t.dev.NewRecorder()
		recorder.Run(program)
		pending, err := recorder.Submit()
		if err != nil {
			return err
		}
		if err := pending.Wait(); err != nil {
			return err
		}
	}
	t.compiling += time.Since(began).Seconds()
	return nil
}
