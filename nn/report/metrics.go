package report

import (
	"strconv"

	"wgpucnn/nn"
)

// Metrics returns the statistics of a training as CSV, one row an epoch, every
// number with all its digits: losses as they are, accuracies from 0 to 1. The
// columns of the rows that the network was evaluated on begin with evaluated,
// "test" or "validation".
func Metrics(stats []nn.EpochStats, evaluated string) []byte {
	csv := []byte("epoch")
	for _, rows := range []string{"train", evaluated} {
		for _, quantity := range []string{"loss", "accuracy"} {
			for _, figure := range []string{"mean", "p25", "p75"} {
				csv = append(csv, ","+rows+"_"+quantity+"_"+figure...)
			}
		}
	}
	for _, s := range stats {
		csv = strconv.AppendInt(append(csv, '\n'), int64(s.Epoch), 10)
		for _, spread := range []nn.Spread{s.TrainLoss, s.TrainAccuracy, s.TestLoss, s.TestAccuracy} {
			for _, v := range []float64{spread.Mean, spread.P25, spread.P75} {
				csv = strconv.AppendFloat(append(csv, ','), v, 'g', -1, 64)
			}
		}
	}
	return append(csv, '\n')
}
