package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"wgpucnn/nn/report"
	"wgpucnn/nn/report/page"
	"wgpucnn/testdata/hostile"
)

// seed returns a file of a run.
func seed(f *testing.F, name string) string {
	text, err := os.ReadFile(filepath.Join(newRun(f), name))
	if err != nil {
		f.Fatal(err)
	}
	return string(text)
}

// show makes everything that a report shows of a run. It fails the test if that is much larger than the
// file that was altered.
func show(t *testing.T, run page.Run, text string) {
	t.Helper()
	html, err := page.Render([]page.Run{run})
	if err != nil {
		t.Fatal(err)
	}
	s := run.Summary
	shown := len(html) + len(s.Markdown()) + len(s.Table(0)) + len(s.Table(40)) + len(s.SeedTables(0)) + len(s.SeedTables(40)) + len(s.Choice()) + len(s.Caution())
	if most := 200*len(text) + 1<<20; shown > most {
		t.Errorf("%d bytes of %d, want at most %d", shown, len(text), most)
	}
}

// refused holds the error of a file to one short line.
func refused(t *testing.T, err error) {
	t.Helper()
	hostile.OneLine(t, fmt.Errorf("runs: %w", err))
}

func FuzzConfig(f *testing.F) {
	f.Add(seed(f, ConfigFile))
	f.Add(`{"classes":[{"name":"a","test":4294967296}],"recipe":{"validation":0.5,"seeds":"0-9","shard":"1/3"},"initial":{},"nets":[{"name":"a"}],"tilings":{"a":{"tile":1}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var c Config
		if err := decode([]byte(text), &c); err != nil {
			refused(t, err)
			return
		}
		show(t, page.Run{Name: "run", Command: c.Command, Summary: report.Summary{Config: c.Config}}, text)
	})
}

func FuzzSummary(f *testing.F) {
	f.Add(seed(f, SummaryFile))
	f.Add(`{"config":{"classes":[{"test":9}]},"variants":[{"network":"a","test":{"accuracy":1}},{"network":"b"},{"network":"a","seed":1},{"network":"b","seed":1,"stalled":true,"kept_epoch":0}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var s report.Summary
		if err := decode([]byte(text), &s); err != nil {
			refused(t, err)
			return
		}
		show(t, page.Run{Name: "run", Summary: s, Variants: make([]page.Variant, len(s.Variants))}, text)
		again, err := s.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := decode(again, &s); err != nil {
			t.Errorf("written again: %v", err)
		}
	})
}

func FuzzEvaluation(f *testing.F) {
	f.Add(seed(f, "max/"+EvaluationFile))
	f.Add(`{"classes":["a","b"],"sets":[{"name":"train","confusion":[[4294967296,0],[1,2]]}],"mistake_count":0,"mistakes":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var e page.Evaluation
		if err := decode([]byte(text), &e); err != nil {
			refused(t, err)
			return
		}
		show(t, page.Run{Name: "run", DataSHA256: "1", Summary: report.Summary{Variants: make([]report.Variant, 2)}, Variants: []page.Variant{{Evaluation: &e}, {Evaluation: &e}}}, text)
	})
}

func FuzzMetrics(f *testing.F) {
	f.Add(seed(f, "max/"+MetricsFile))
	f.Add(string(report.Metrics(nil, "test", 1)) + "1,NaN,+Inf,1e308,0,0,1,5e-324,-1e-9,Inf,1,1,1,1\n")
	f.Fuzz(func(t *testing.T, text string) {
		epochs, err := report.ParseMetrics([]byte(text), "test")
		if err != nil {
			refused(t, err)
			return
		}
		show(t, page.Run{Name: "run", Summary: report.Summary{Variants: make([]report.Variant, 1)}, Variants: []page.Variant{{Epochs: epochs}}}, text)
		if _, err := report.ParseMetrics(report.Metrics(epochs, "test", 0), "test"); err != nil {
			t.Errorf("written again: %v", err)
		}
	})
}
