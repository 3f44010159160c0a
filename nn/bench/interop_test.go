package bench

import (
	"testing"

	"wgpucnn/nn/report/htmltest"
	"wgpucnn/testdata/interop"
)

// A browser draws the page in both schemes and on a phone. It reports no error and fetches nothing.
// The bars and the points are visible.
func TestInteropPage(t *testing.T) {
	interop.Need(t)
	page := pageOf(t, compared(t))
	b := htmltest.OpenBrowser(t)
	for _, view := range htmltest.Views {
		b.Open(page, view)
		b.CheckWidth(view)
		for what, expression := range map[string]string{
			"the longest bar": `Math.max(...[...document.querySelectorAll(".bar rect")].map((r) => r.getBoundingClientRect().width)) > 60`,
			"the intervals":   `[...document.querySelectorAll(".strip")].every((s) => s.getBoundingClientRect().width > 100)`,
			"the axis":        `[...document.querySelectorAll(".axis span")].every((s) => s.getBoundingClientRect().right <= innerWidth + 5)`,
		} {
			if got := b.Eval(expression); got != "true" {
				t.Errorf("%s: %s is not drawn well: %s", view.Name, what, got)
			}
		}
		b.Screenshot("compare-" + view.Name)
	}
	b.CheckEvents()
}
