package runs

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
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

// A run that was killed when only the name of config.json was left to make gets config.json. One that was
// killed before gets an error that says what to do. Other folders are not changed.
func TestFinishConfig(t *testing.T) {
	const whole = `{"command":["wgpucnn","train"],"data_sha256":"1"}`
	for name, c := range map[string]struct {
		files string // their names
		text  string
		want  string // the error
		left  string
	}{
		"whole":           {".wgpucnn-1 .wgpucnn-2", whole, "", "config.json .wgpucnn-2"},
		"half":            {".wgpucnn-1", whole[:20], "the run was killed before it wrote config.json: begin it again with --out ", ".wgpucnn-1"},
		"of another file": {".wgpucnn-1", "{}", "the run was killed before it wrote config.json: begin it again with --out ", ".wgpucnn-1"},
		"there already":   {".wgpucnn-1 config.json", whole, "", ".wgpucnn-1 config.json"},
		"a later write":   {".wgpucnn-1 summary.json", whole, "", ".wgpucnn-1 summary.json"},
		"empty":           {"", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for _, file := range strings.Fields(c.files) {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(c.text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if err := FinishConfig(folder); (err == nil) != (c.want == "") || err != nil && err.Error() != c.want+folder {
				t.Errorf("got %v, want %q", err, c.want)
			}
			all := runstest.Files(t, folder)
			for _, file := range strings.Fields(c.left) {
				if string(all[file]) != c.text {
					t.Errorf("%s is %q", file, all[file])
				}
			}
			if len(all) != len(strings.Fields(c.left)) {
				t.Errorf("got %q, want %s", all, c.left)
			}
		})
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, ".wgpucnn-1"), []byte(whole), 0o666); err != nil {
		t.Fatal(err)
	}
	held := Folder{Path: folder}
	if err := held.Lock(); err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	if err := FinishConfig(folder); err == nil || err.Error() != "another process is training there: wait for its end" {
		t.Errorf("of a run that begins now: got %v", err)
	}
}
