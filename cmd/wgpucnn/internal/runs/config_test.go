package runs

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/report"
)

// A folder whose config.json cannot be used says why.
func TestReadConfig(t *testing.T) {
	folder := t.TempDir()
	if _, err := ReadConfig(folder); err == nil || err.Error() != "no config.json there: want the folder of a run" {
		t.Errorf("got %v", err)
	}
	for text, want := range map[string]string{
		"{": "config.json: unexpected end of JSON input: the file is damaged", "{}": "config.json lacks command or data_sha256",
		`{"command":["wgpucnn","train"],"data_sha256":"1","tilings":{"` + strings.Repeat("a", 300) + `":{}}}`: "config.json: nn: tilings: a key of 300 bytes: want 200 or fewer",
		`{"command":["wgpucnn","train"],"data_sha256":"1","classes":[{"name":"a"},{"name":"b"}]}`:             "",
	} {
		if err := os.WriteFile(filepath.Join(folder, ConfigFile), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		c, err := ReadConfig(folder)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
		if names := strings.Join(c.ClassNames(), " "); err == nil && names != "a b" {
			t.Errorf("classes %s", names)
		}
	}
}

// A summary, or the configuration beside it, with more tilings than any network has is an error in one
// line.
func TestHostileTilings(t *testing.T) {
	many := report.Config{Tilings: nn.Tilings{Of: nn.TilingsByKey{}}}
	for i := range nn.MaxTilings + 1 {
		many.Of[strconv.Itoa(i)] = nn.Tiling{}
	}
	const want = "nn: tilings of 1001 dispatches: want 1000 or fewer"
	folder := t.TempDir()
	if err := report.WriteJSON(filepath.Join(folder, SummaryFile), report.Summary{Config: many}); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSummary(folder); err == nil || err.Error() != filepath.Join(folder, SummaryFile)+": "+want {
		t.Errorf("summary: got %v", err)
	}
	if err := report.WriteJSON(filepath.Join(folder, ConfigFile), Config{Config: many}); err != nil {
		t.Fatal(err)
	}
	if err := WritePage(filepath.Join(folder, PageFile), []string{folder}); err == nil || err.Error() != "report: "+filepath.Join(folder, ConfigFile)+": "+want {
		t.Errorf("page: got %v", err)
	}
}

// A run is complete if its summary has every variant with every epoch.
func TestComplete(t *testing.T) {
	folder := t.TempDir()
	if Complete(folder, nil, 1) {
		t.Error("a run without a summary is complete")
	}
	s := report.Summary{Variants: []report.Variant{{Name: "max", Epochs: 3}, {Name: "avg", Epochs: 2}}}
	if err := report.WriteJSON(filepath.Join(folder, SummaryFile), s); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		poolings string
		epochs   int
		want     bool
	}{{"max avg", 2, true}, {"max", 3, true}, {"max avg", 3, false}, {"max base", 1, false}} {
		if got := Complete(folder, strings.Fields(c.poolings), c.epochs); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}
