package main

import (
	"fmt"
	"io"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/train"
)

// tellPlan tells what the GPU does in a training step, and how long the compilation took.
func tellPlan(out io.Writer, t *train.Trainer, took time.Duration) {
	fmt.Fprintf(out, "  compiled, and data uploaded, in %.2f s; a training step (kernel, workgroups, bindings, constants):\n%s",
		took.Seconds(), terminal.Indent(t.Plan().String()))
}

// tellSubmission tells how many steps the GPU got at once.
func tellSubmission(out io.Writer, steps int, took time.Duration) {
	fmt.Fprintf(out, "  submission of %d steps, %.0f ms until it was done\n", steps, 1e3*took.Seconds())
}
