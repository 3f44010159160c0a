package classify

import (
	"bytes"
	"strings"
	"testing"

	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
)

// Names of any script keep the columns of the table in their places.
func TestTablePrinter(t *testing.T) {
	classes := []string{"りんご", "cafe\u0301", "palm_tree"}
	images := []string{"森.png", "e\u0301.png", "photo.jpg"}
	var out bytes.Buffer
	print := tablePrinter(&out, 49, classes, images)
	for i, image := range images {
		if err := print(image, predict.Prediction{Class: i, Probabilities: []float64{0.5, 0.25, 0.25}}); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	end := report.Width(lines[0][:strings.Index(lines[0], "  next")])
	for _, line := range lines[1:] {
		if at := strings.Index(line, " %  "); report.Width(line[:at+2]) != end || report.Width(line) > 49 {
			t.Errorf("the probability ends at column %d, the line at %d: want %d, and 49 at most:\n%s", report.Width(line[:at+2]), report.Width(line), end, &out)
		}
	}
}
