package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn"
	"wgpucnn/nn/report"
)

// alike lists the adapters for --jobs. Tests replace it: machines with one adapter can open it twice.
var alike = choose.Alike

// trainAll trains the variants, one after another or --jobs at once. If one diverges in a run of several
// seeds, the others go on.
func (r *run) trainAll(ctx context.Context, variants []variant) error {
	if r.jobs > 1 {
		return r.trainAtOnce(ctx, variants)
	}
	var failure error
	for _, v := range variants {
		err := r.trainVariant(ctx, v)
		failure = fail.Then(failure, err)
		if err != nil && !r.goesOn(err) {
			break
		}
	}
	return failure
}

// goesOn tells whether the other variants are trained after the error of one.
func (r *run) goesOn(err error) bool { return r.seeds != "" && errors.Is(err, nn.ErrDiverged) }

// trainAtOnce trains the variants on as many adapters as --jobs says. All are of the same name, backend
// and driver, so a variant has the same weights on each. Variant k is trained on adapter k modulo their
// number.
func (r *run) trainAtOnce(ctx context.Context, variants []variant) error {
	workers, err := r.workers()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failures := make([]error, len(workers))
	var wait sync.WaitGroup
	for i, w := range workers {
		wait.Go(func() {
			defer w.dev.Release()
			for k := i; k < len(variants) && ctx.Err() == nil; k += len(workers) {
				w.speak(variants[k].name)
				err := w.trainVariant(ctx, variants[k])
				failures[i] = fail.Then(failures[i], err)
				if err != nil && !r.goesOn(err) {
					stop() // the others keep what their finished epochs produced
					return
				}
			}
		})
	}
	wait.Wait()
	for _, v := range variants {
		for _, w := range workers {
			if at := slices.IndexFunc(w.summary.Variants, func(done report.Variant) bool { return done.Name == v.name }); at >= 0 {
				r.summary.Variants = append(r.summary.Variants, w.summary.Variants[at])
			}
		}
	}
	// The error that stopped the others comes first.
	slices.SortStableFunc(failures, func(a, b error) int { return order(a) - order(b) })
	return failures[0]
}

// order ranks the errors of workers: causes, then what was stopped, then none.
func order(err error) int {
	switch {
	case err == nil:
		return 2
	case errors.Is(err, context.Canceled):
		return 1
	}
	return 0
}

// worker is a run on an adapter of its own, which writes no result.
type worker struct {
	*run
	outputs *sync.Mutex
	of      *run // that the worker is one of
}

// workers opens an adapter for each of --jobs.
func (r *run) workers() ([]worker, error) {
	options, err := alike("train", r.adapter, r.dev.Adapter())
	if err != nil {
		return nil, err
	}
	if len(options) < r.jobs {
		return nil, fmt.Errorf("train: --jobs %d: found %d of %v: want at most so many jobs, because an adapter trains one variant at a time", r.jobs, len(options), r.dev.Adapter())
	}
	var all []worker
	outputs := new(sync.Mutex)
	for _, o := range options[:r.jobs] {
		dev, err := choose.Adapter("train", o)
		if err != nil {
			for _, w := range all {
				w.dev.Release()
			}
			return nil, err
		}
		copied, data := *r, *r.data
		copied.dev, copied.data = dev, &data
		copied.summary.Variants = nil
		all = append(all, worker{&copied, outputs, r})
	}
	return all, nil
}

// speak lets the worker write whole lines that begin with a variant's name. What would be a page about
// each variant is left out.
func (w worker) speak(name string) {
	w.chat = io.Discard
	for _, out := range []struct {
		to   *io.Writer
		from io.Writer
	}{{&w.progress, w.of.progress}, {&w.warnings, w.of.warnings}, {&w.gpu, w.of.gpu}} {
		*out.to = out.from
		if out.from != io.Discard {
			*out.to = namedLines{w.outputs, out.from, name}
		}
	}
}

// namedLines writes lines with a name before each. Every Write is of whole lines.
type namedLines struct {
	mu   *sync.Mutex
	out  io.Writer
	name string
}

func (l namedLines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(text) {
		if _, err := fmt.Fprintf(l.out, "%s: %s", l.name, bytes.TrimLeft(line, " ")); err != nil {
			return 0, err
		}
	}
	return len(text), nil
}
