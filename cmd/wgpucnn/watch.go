package main

import (
	"context"
	"fmt"

	"wgpucnn/cmd/wgpucnn/internal/monitor"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"
)

// watch trains as train does, and shows the training in a window.
func (r *run) watch(ctx context.Context) error {
	var err error
	r.view, err = monitor.Open(monitor.Settings{
		Title: describeData(r.data.Name, r.summary.Config.Classes), Device: r.dev, Tilings: r.tilings,
		Images: r.evaluated, Classes: report.PicturedNames(r.data.Classes), Evaluated: r.evalName(),
		Epochs: r.epochs, Variants: len(r.names()), Redraw: r.redrawEvery, Warnings: r.warnings,
		Save: func(name string, picture []byte) error { return durable.Write(r.folder.Join(name), picture) },
	})
	if err != nil {
		return windowError(err)
	}
	defer r.view.Close()
	return r.train(ctx)
}

// windowError says what to do if there can be no window.
func windowError(err error) error {
	return fmt.Errorf("train: --window: %w: leave it out, and look at the run's report.html at the end", err)
}
