package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/nn/stats"
)

// keptColumn is the heading of the last column of a training that keeps its best epoch.
const keptColumn = "kept"

// metricsColumns returns the heading of the CSV, without keptColumn.
func metricsColumns(evaluated string) []string {
	columns := []string{"epoch"}
	for _, rows := range []string{"train", evaluated} {
		for _, quantity := range []string{"loss", "accuracy"} {
			for _, figure := range []string{"mean", "p25", "p75"} {
				columns = append(columns, rows+"_"+quantity+"_"+figure)
			}
		}
	}
	return columns
}

// Metrics returns the statistics of a training as CSV, one row an epoch, every number with all
// its digits. Accuracies are shares from 0 to 1. evaluated, "test" or "validation", begins the
// names of the columns of the evaluated rows. kept is the epoch whose weights the model has. It
// has 1 in a column of its own. For 0 there is no such column: the model has the last weights.
func Metrics(epochs []stats.Epoch, evaluated string, kept int) []byte {
	columns := metricsColumns(evaluated)
	if kept > 0 {
		columns = append(columns, keptColumn)
	}
	text := []byte(strings.Join(columns, ","))
	for _, s := range epochs {
		text = strconv.AppendInt(append(text, '\n'), int64(s.Epoch), 10)
		for _, spread := range []stats.Spread{s.TrainLoss, s.TrainAccuracy, s.TestLoss, s.TestAccuracy} {
			for _, v := range []float64{spread.Mean, spread.P25, spread.P75} {
				text = strconv.AppendFloat(append(text, ','), v, 'g', -1, 64)
			}
		}
		switch {
		case kept == s.Epoch:
			text = append(text, ",1"...)
		case kept > 0:
			text = append(text, ",0"...)
		}
	}
	return append(text, '\n')
}

// ParseMetrics reads what Metrics wrote, for epochs 1, 2, ... The text may come from anywhere. A figure
// that is impossible is an error.
func ParseMetrics(text []byte, evaluated string) ([]stats.Epoch, error) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("report: metrics: %w", err)
	}
	want := metricsColumns(evaluated)
	if len(rows) == 0 || !slices.Equal(rows[0], want) && !slices.Equal(rows[0], append(want, keptColumn)) {
		return nil, fmt.Errorf("report: metrics: want the columns %s", strings.Join(want, ","))
	}
	var epochs []stats.Epoch
	for i, row := range rows[1:] {
		s := stats.Epoch{Epoch: i + 1}
		if row[0] != strconv.Itoa(s.Epoch) {
			return nil, fmt.Errorf("report: metrics: epoch %.40q: want %d", row[0], s.Epoch)
		}
		for j, spread := range []*stats.Spread{&s.TrainLoss, &s.TrainAccuracy, &s.TestLoss, &s.TestAccuracy} {
			for k, figure := range []*float64{&spread.Mean, &spread.P25, &spread.P75} {
				if *figure, err = strconv.ParseFloat(row[1+3*j+k], 64); err != nil {
					return nil, fmt.Errorf("report: metrics: epoch %d: %.100v", s.Epoch, err)
				}
			}
		}
		if err := checkEpoch(s, evaluated); err != nil {
			return nil, fmt.Errorf("report: metrics: epoch %d: %w", s.Epoch, err)
		}
		epochs = append(epochs, s)
	}
	return epochs, nil
}

// checkEpoch returns an error if a figure of an epoch is impossible. A loss may be infinite or not a
// number, because a training may diverge.
func checkEpoch(s stats.Epoch, evaluated string) error {
	figures := func(of stats.Spread) []float64 { return []float64{of.Mean, of.P25, of.P75} }
	for _, rows := range []struct {
		name           string
		loss, accuracy stats.Spread
	}{{"train", s.TrainLoss, s.TrainAccuracy}, {evaluated, s.TestLoss, s.TestAccuracy}} {
		for _, loss := range figures(rows.loss) {
			if err := checkLoss(rows.name+" loss", loss); err != nil {
				return err
			}
		}
		for _, accuracy := range figures(rows.accuracy) {
			if err := between(rows.name+" accuracy", accuracy, 0, 1); err != nil {
				return err
			}
		}
	}
	return nil
}
