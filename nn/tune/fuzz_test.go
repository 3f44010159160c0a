package tune

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/testdata/hostile"
)

// FuzzTilings looks for caches that end the program, or that give an adapter tilings which it cannot run.
func FuzzTilings(f *testing.F) {
	c := Cache{filepath.Join(f.TempDir(), "tilings.json")}
	for _, tilings := range []nn.TilingsByKey{{"a": good}, {"a": good, "b": {GPU: nn.GPUTiling{Pixels: 64}}}} {
		if _, err := c.Put(card, kept(tilings), day); err != nil {
			f.Fatal(err)
		}
		text, err := os.ReadFile(c.Path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(`{"wgpucnn_tilings":2,"entries":[{"time":"` + strings.Repeat("2", 3000) + `"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parse([]byte(text))
		if err != nil {
			hostile.OneLine(t, fmt.Errorf("tune: %w", err))
			return
		}
		for _, e := range file.Entries {
			if _, err := (nn.Tilings{Of: e.Tilings}).Or(card); err != nil {
				hostile.OneLine(t, fmt.Errorf("tune: %w", err))
			}
		}
	})
}
