package monitor

import (
	"context"
	"testing"
	"time"

	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
)

// The picture shows the figures of the last epoch, and none before the first.
func TestFigures(t *testing.T) {
	spread := func(v float64) stats.Spread { return stats.Spread{Mean: v} }
	n := news{}
	for _, want := range []string{"", "", "after epoch 1,000, mean over batches: train loss 0.500 accuracy 70.0 %, validation loss 0.600 accuracy 65.0 %"} {
		if got := n.figures("validation"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if n.curves == nil {
			n.curves = []report.VariantCurves{{Name: "max"}}
			continue
		}
		n.curves[0].Stats = []stats.Epoch{{Epoch: 999}, {Epoch: 1000, TrainLoss: spread(0.5), TestLoss: spread(0.6), TrainAccuracy: spread(0.7), TestAccuracy: spread(0.65)}}
	}
}

// Closing the window ends a pause.
func TestPause(t *testing.T) {
	w := &Window{}
	w.pause(true)
	waited := make(chan bool)
	go func() {
		w.wait(context.Background())
		close(waited)
	}()
	select {
	case <-waited:
		t.Error("a pause did not last")
	case <-time.After(50 * time.Millisecond):
	}
	w.drop()
	<-waited
	w.pause(true)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w.wait(ctx) // Ctrl-C ends a pause
}

// The runs of a network share a column, and the newest is the one in training.
func TestBeginSeeds(t *testing.T) {
	var n news
	epochs := []stats.Epoch{{Epoch: 1}}
	n.begin("max/seed-0", "max", epochs)
	n.begin("avg/seed-0", "avg", nil)
	n.begin("max/seed-1", "max", nil)
	if len(n.curves) != 2 || n.at != 0 || n.begun != 3 || n.name != "max/seed-1" || len(n.curves[0].Earlier) != 1 || n.curves[0].Stats != nil || n.epochs() != 1 {
		t.Errorf("got %+v", n)
	}
	n.begin("avg/seed-1", "avg", epochs)
	if n.at != 1 || len(n.curves[1].Earlier) != 1 || len(n.curves[1].Stats) != 1 {
		t.Errorf("got %+v", n)
	}
}
