package style

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

// The colours of both schemes have the contrast that WCAG 2 asks for: 4.5 to 1 for text, 3 to 1
// for lines.
func TestContrast(t *testing.T) {
	light, dark, found := strings.Cut(CSS, "prefers-color-scheme: dark")
	if !found {
		t.Fatal("no dark scheme")
	}
	for scheme, css := range map[string]string{"light": light, "dark": dark} {
		luminance := func(name string) float64 {
			match := regexp.MustCompile(name + `: #(\w\w)(\w\w)(\w\w);`).FindStringSubmatch(css)
			if match == nil {
				t.Fatalf("%s: no %s", scheme, name)
			}
			sum := 0.0
			for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
				var v int
				fmt.Sscanf(match[i+1], "%x", &v)
				c := float64(v) / 255
				if c <= 0.03928 {
					c /= 12.92
				} else {
					c = math.Pow((c+0.055)/1.055, 2.4)
				}
				sum += weight * c
			}
			return sum
		}
		contrast := func(a, b string) float64 {
			x, y := luminance(a), luminance(b)
			return (max(x, y) + 0.05) / (min(x, y) + 0.05)
		}
		for _, text := range []string{"--ink", "--quiet", "--accent", "--good"} {
			for _, paper := range []string{"--paper", "--raised"} {
				if c := contrast(text, paper); c < 4.5 {
					t.Errorf("%s: %s on %s: %.2f to 1", scheme, text, paper, c)
				}
			}
		}
		for i := range Colors {
			if c := contrast(fmt.Sprintf("--c%d", i), "--paper"); c < 3 {
				t.Errorf("%s: --c%d: %.2f to 1", scheme, i, c)
			}
		}
	}
}
