package report

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn/stats"
)

func TestMetrics(t *testing.T) {
	stats := []stats.Epoch{
		{Epoch: 1, TrainLoss: stats.Spread{Mean: 1.0986122886681098, P25: 1, P75: 1.25}, TrainAccuracy: stats.Spread{Mean: 1.0 / 3, P25: 0.25, P75: 0.5},
			TestLoss: stats.Spread{Mean: 1e-9, P25: 0, P75: 2e21}, TestAccuracy: stats.Spread{Mean: 1, P25: 1, P75: 1}},
		{Epoch: 2, TrainLoss: stats.Spread{Mean: math.NaN(), P25: math.NaN(), P75: math.Inf(1)}},
	}
	got := string(Metrics(stats, "validation", 0))
	want := `epoch,train_loss_mean,train_loss_p25,train_loss_p75,train_accuracy_mean,train_accuracy_p25,train_accuracy_p75,` +
		`validation_loss_mean,validation_loss_p25,validation_loss_p75,validation_accuracy_mean,validation_accuracy_p25,validation_accuracy_p75
1,1.0986122886681098,1,1.25,0.3333333333333333,0.25,0.5,1e-09,0,2e+21,1,1,1
2,NaN,NaN,+Inf,0,0,0,0,0,0,0,0,0
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	kept := strings.NewReplacer("p75\n", "p75,kept\n", "1,1,1\n", "1,1,1,0\n", "0,0,0\n", "0,0,0,1\n").Replace(want)
	if got := string(Metrics(stats, "validation", 2)); got != kept {
		t.Errorf("with the weights of epoch 2: got\n%s\nwant\n%s", got, kept)
	}
}

// ParseMetrics returns the numbers of Metrics to the last bit, infinities too.
func TestParseMetrics(t *testing.T) {
	want := history(stats.Spread{Mean: 1.0 / 3, P25: 0.1, P75: 5e-324}, stats.Spread{Mean: math.Inf(1), P25: 0, P75: math.MaxFloat64})
	want[1].TestLoss, want[0].TrainAccuracy = flat(0.7), flat(0.25)
	want[1].TrainAccuracy, want[1].TestAccuracy = flat(1), flat(0)
	for kept := range 3 {
		got, err := ParseMetrics(Metrics(want, "validation", kept), "validation")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	head := string(Metrics(nil, "test", 0))
	for text, want := range map[string]string{
		"":                                      "want the columns epoch,train_loss_mean,",
		string(Metrics(nil, "validation", 0)):   "want the columns epoch,",
		head + "1,2\n":                          "wrong number of fields",
		head + "2,0,0,0,0,0,0,0,0,0,0,0,0\n":    `epoch "2": want 1`,
		head + "1,0,0,0,0,0,0,0,x,0,0,0,0\n":    `epoch 1: strconv.ParseFloat: parsing "x"`,
		head + "1,-5,0,0,0,0,0,0,0,0,0,0,0\n":   "epoch 1: train loss -5: want 0 or more",
		head + "1,0,0,0,0,0,0,0,-Inf,0,0,0,0\n": "epoch 1: test loss -Inf: want 0 or more",
		head + "1,0,0,0,0,0,0,0,0,0,0,0,7.3\n":  "epoch 1: test accuracy 7.3: want 0 to 1",
		head + "1,0,0,0,0,NaN,0,0,0,0,0,0,0\n":  "epoch 1: train accuracy NaN: want 0 to 1",
	} {
		if _, err := ParseMetrics([]byte(text), "test"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}
