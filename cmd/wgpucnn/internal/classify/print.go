package classify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
)

// printer writes the class that a model gives to an image.
type printer func(image string, p predict.Prediction) error

// tablePrinter returns a printer that writes the lines of a table. The first line is the heading. A
// line names as many classes as fit the columns, or four more than the first if columns is 0.
func tablePrinter(w io.Writer, columns int, classes, images []string) printer {
	const next = 4 // classes after the first that a line names
	imageWidth, classWidth := columnWidth("image", images), columnWidth("class", classes)
	line := func(image, class, probability string, after ...string) error {
		text := fmt.Sprintf("%s  %s  %11s  ", report.Left(image, imageWidth), report.Left(class, classWidth), probability)
		for columns > 0 && len(after) > 1 && report.Width(text+strings.Join(after, ", ")) > columns {
			after = after[:len(after)-1]
		}
		_, err := fmt.Fprintln(w, text+strings.Join(after, ", "))
		return err
	}
	begun := false
	return func(image string, p predict.Prediction) error {
		if !begun {
			begun = true
			if err := line("image", "class", "probability", "next"); err != nil {
				return err
			}
		}
		var after []string
		for _, label := range others(p)[:min(next, len(classes)-1)] {
			after = append(after, terminal.Printable(classes[label])+" "+percent(p.Probabilities[label]))
		}
		return line(terminal.Printable(image), terminal.Printable(classes[p.Class]), percent(p.Probabilities[p.Class]), after...)
	}
}

// columnWidth returns the width of a column that holds names. A few names may be too long for it.
func columnWidth(heading string, names []string) int {
	const most = 48
	width := len(heading)
	for _, name := range names {
		width = max(width, report.Width(terminal.Printable(name)))
	}
	return min(width, most)
}

// others returns the labels without the predicted one, the most probable first.
func others(p predict.Prediction) []int {
	var labels []int
	for label := range p.Probabilities {
		if label != p.Class {
			labels = append(labels, label)
		}
	}
	slices.SortStableFunc(labels, func(a, b int) int { return cmp.Compare(p.Probabilities[b], p.Probabilities[a]) })
	return labels
}

func percent(probability float64) string { return fmt.Sprintf("%.2f %%", 100*probability) }

// jsonPrinter returns a printer that writes one JSON object a line.
func jsonPrinter(w io.Writer, classes []string) printer {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return func(image string, p predict.Prediction) error {
		probabilities := map[string]float64{}
		for label, class := range classes {
			probabilities[class] = p.Probabilities[label]
		}
		return encoder.Encode(struct {
			Image         string             `json:"image"`
			Label         int                `json:"label"`
			Class         string             `json:"class"`
			Probability   float64            `json:"probability"`
			Probabilities map[string]float64 `json:"probabilities"`
		}{image, p.Class, classes[p.Class], p.Probabilities[p.Class], probabilities})
	}
}
