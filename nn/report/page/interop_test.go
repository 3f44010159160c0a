package page

import (
	"fmt"
	"os"
	"testing"

	"wgpucnn/nn/report/htmltest"
	"wgpucnn/testdata/interop"
)

// A browser draws the page in both schemes and on a phone. It reports no error and fetches
// nothing. The curves answer to the keyboard and the pointer.
func TestInteropBrowser(t *testing.T) {
	interop.Need(t)
	one := newRun(t, "2026-11-23-101500", 0)
	pages := map[string]string{"one": render(t, one), "two": render(t, one, newRun(t, "2026-11-24-090000", 0.1))}
	if path := os.Getenv("WGPUCNN_PAGE"); path != "" { // the page of a real run, to look at
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pages["real"] = string(text)
	}
	b := htmltest.OpenBrowser(t)
	for name, html := range pages {
		for _, view := range htmltest.Views {
			b.Open(html, view)
			if got := b.Eval(`"ready" in document.documentElement.dataset`); got != "true" {
				t.Errorf("%s: the script did not run to its end", view.Name)
			}
			b.CheckWidth(view)
			// Without scrolling, the screen shows the test accuracy.
			if got := b.Eval(`[...document.querySelectorAll("#comparison th")].every((h) => h.textContent !== "test acc" || h.getBoundingClientRect().right <= innerWidth)`); got != "true" {
				t.Errorf("%s: %s: the test accuracy lies beyond the edge", name, view.Name)
			}
			b.Screenshot(name + "-" + view.Name)
		}
	}
	b.Open(pages["one"], htmltest.Views[0])
	const visible = `[...document.querySelectorAll(".curve")].filter((c) => c.getBoundingClientRect().width > 100 && c.querySelector(".line").getTotalLength() > 100).length`
	expect := func(what, expression, want string) {
		t.Helper()
		if got := b.Eval(expression); got != want {
			t.Errorf("%s: %s is %s, want %s", what, expression, got, want)
		}
	}
	expect("at first", visible, "8") // two variants, two sets of rows, loss and accuracy
	expect("at first", `document.getElementById("at").textContent`, "After epoch 30")
	expect("at first", `document.querySelector("#values td").textContent`, "–") // the series of max ends before epoch 30

	b.Eval(`document.getElementById("log").focus()`)
	b.Press(" ", " ", 32)
	expect("log by keyboard", `[...document.querySelectorAll("figure")].map((f) => f.hidden).join()`, "true,false,false")
	b.Eval(`document.querySelector("input[data-series='1']").focus()`)
	b.Press(" ", " ", 32)
	expect("one variant by keyboard", visible, "4")
	expect("one variant by keyboard", `document.querySelectorAll("#values tbody tr:not([hidden])").length`, "1")

	b.Eval(`document.getElementById("epoch").focus()`)
	for range 7 {
		b.Press("ArrowLeft", "", 37)
	}
	expect("arrow keys", `document.getElementById("at").textContent`, "After epoch 23")
	expect("arrow keys", `document.getElementById("epoch").getAttribute("aria-valuetext")`, "epoch 23")
	e := one.Variants[0].Epochs[22].TestLoss
	expect("arrow keys", `document.querySelectorAll("#values td")[1].textContent`, fmt.Sprintf("%.4f (%.4f–%.4f)", e.Mean, e.P25, e.P75))
	b.Press("Home", "", 36)
	expect("Home", `document.getElementById("at").textContent`, "After epoch 1")

	var plot struct{ X, Y, Width float64 }
	b.Box(`figure[data-quantity="accuracy"] svg`, &plot)
	b.Call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": plot.X + plot.Width*(54+454*9.0/29)/520, "y": plot.Y + 50}, nil)
	expect("hover", `document.getElementById("at").textContent`, "After epoch 10")
	expect("hover", `document.querySelectorAll("figure:not([hidden]) .dot").length`, "4")
	// The dots lie on their lines.
	expect("hover", `[...document.querySelectorAll("figure:not([hidden]) .dot")].every((dot) => [...dot.ownerSVGElement.querySelectorAll(".line")].some((line) =>
		line.getAttribute("d").split(/[ML]/).some((p) => p && Math.hypot(p.split(",")[0] - dot.getAttribute("cx"), p.split(",")[1] - dot.getAttribute("cy")) < 0.2)))`, "true")

	b.Eval(`document.querySelector("details:not([open]) summary").focus()`)
	b.Press("Enter", "\r", 13)
	expect("Enter", `document.querySelectorAll("details[open]").length`, "2")
	expect("pictures", `[...document.images].every((picture) => picture.complete && picture.naturalWidth > 0)`, "true")

	b.CheckEvents()
}
