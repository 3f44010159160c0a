package main

import (
	"io"
	"testing"
	"time"

	"wgpucnn/nn"
)

// The time that is left does not count what the first step waited for, a compiler.
func TestSpeed(t *testing.T) {
	p := newProgress(io.Discard, 1, 0, 101, "test")
	p.compiled()
	p.start = p.start.Add(-time.Hour)
	step := p.observer().Step
	step(nn.StepStats{Step: 1})
	p.ready = p.ready.Add(-10 * time.Second)
	step(nn.StepStats{Step: 11})
	if rate, left := p.speed(); rate != "1.0 steps/s" || left != "1m30s left" {
		t.Errorf("got %s, %s, want 1.0 steps/s, 1m30s left", rate, left)
	}
}
