package report

import (
	"math"
	"testing"

	"wgpucnn/nn"
)

func TestMetrics(t *testing.T) {
	stats := []nn.EpochStats{
		{Epoch: 1, TrainLoss: nn.Spread{Mean: 1.0986122886681098, P25: 1, P75: 1.25}, TrainAccuracy: nn.Spread{Mean: 1.0 / 3, P25: 0.25, P75: 0.5},
			TestLoss: nn.Spread{Mean: 1e-9, P25: 0, P75: 2e21}, TestAccuracy: nn.Spread{Mean: 1, P25: 1, P75: 1}},
		{Epoch: 2, TrainLoss: nn.Spread{Mean: math.NaN(), P25: math.NaN(), P75: math.Inf(1)}},
	}
	got := string(Metrics(stats, "validation"))
	want := `epoch,train_loss_mean,train_loss_p25,train_loss_p75,train_accuracy_mean,train_accuracy_p25,train_accuracy_p75,` +
		`validation_loss_mean,validation_loss_p25,validation_loss_p75,validation_accuracy_mean,validation_accuracy_p25,validation_accuracy_p75
1,1.0986122886681098,1,1.25,0.3333333333333333,0.25,0.5,1e-09,0,2e+21,1,1,1
2,NaN,NaN,+Inf,0,0,0,0,0,0,0,0,0
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
