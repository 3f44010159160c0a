package runs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		`{"command":["wgpucnn","train"],"data_sha256":"1","classes":[{"name":"a"},{"name":"b"}]}`: "",
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

// A run is complete if its summary has every variant with every epoch.
func TestComplete(t *testing.T) {
	folder := t.TempDir()
	if Complete(folder, nil, 1) {
		t.Error("a run without a summary is complete")
	}
	s := report.Summary{Variants: []report.Variant{{Pooling: "max", Epochs: 3}, {Pooling: "avg", Epochs: 2}}}
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
