package manual

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		"a -b": `a \-b`, ".x\n'y": "\\&.x\n\\(aqy", `\n`: `\en`, "`q`": `\(gaq\(ga`,
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestFlags(t *testing.T) {
	flags := pflag.NewFlagSet("paint", pflag.ContinueOnError)
	flags.SortFlags = false
	flags.String("out", "", "`file` to write")
	flags.IntP("number", "n", 3, "number of walls")
	flags.Int("from", 0, "first wall")
	flags.Bool("dry", false, "do not paint")
	want := "      --out file    file to write\n  -n, --number int  number of walls (default 3)\n      --from int    first wall\n      --dry         do not paint\n"
	if got := Flags(flags); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// The page has every command and topic. Their texts are escaped.
func TestPage(t *testing.T) {
	page := Page("v1-2", []Command{{"paint", "paint a wall", "wgpucnn paint paints\na wall.\n\n  wgpucnn paint --dry\n"}}, "1 for Ctrl-C.\n")
	for _, want := range []string{
		"\"wgpucnn v1\\-2\"\n", ".SS paint\n.PP\nwgpucnn paint paints a wall.\n.PP\n.nf\n  wgpucnn paint \\-\\-dry\n.fi\n", ".SS files: ", ".SH EXIT STATUS\n1 for Ctrl\\-C.\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}
