package page

import "strconv"

// data is what page.js shows of each epoch, as JSON in the page.
type data struct {
	Series []seriesData `json:"series"`
}

// seriesData are the curves of a variant: of each epoch the mean and the quartiles, for the
// training rows and for the evaluated rows.
type seriesData struct {
	Epochs   []int           `json:"epochs"`
	Loss     [][2][3]decimal `json:"loss"`
	Accuracy [][2][3]decimal `json:"accuracy"` // in percent
}

// decimal is a number with five digits in JSON. It is null if it is not finite.
type decimal float64

func (d decimal) MarshalJSON() ([]byte, error) {
	if !finite(float64(d)) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(d), 'g', 5, 64), nil
}

func newData(all []series) data {
	var d data
	for _, s := range all {
		var curves seriesData
		for _, e := range s.Epochs {
			curves.Epochs = append(curves.Epochs, e.Epoch)
			var loss, accuracy [2][3]decimal
			for set := range 2 {
				v := spread(e, "loss", set)
				loss[set] = [3]decimal{decimal(v.Mean), decimal(v.P25), decimal(v.P75)}
				v = spread(e, "accuracy", set)
				accuracy[set] = [3]decimal{decimal(v.Mean), decimal(v.P25), decimal(v.P75)}
			}
			curves.Loss, curves.Accuracy = append(curves.Loss, loss), append(curves.Accuracy, accuracy)
		}
		d.Series = append(d.Series, curves)
	}
	return d
}
