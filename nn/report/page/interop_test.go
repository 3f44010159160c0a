package page

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

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
	b := openBrowser(t)
	for name, html := range pages {
		for _, c := range []struct {
			name          string
			width, height int
			scheme        string
		}{{"light", 1280, 900, "light"}, {"dark", 1280, 900, "dark"}, {"phone", 360, 740, "light"}} {
			b.open(html, c.width, c.height, c.scheme)
			if got := b.eval(`"ready" in document.documentElement.dataset`); got != "true" {
				t.Errorf("%s: the script did not run to its end", c.name)
			}
			if got := b.eval(`document.documentElement.scrollWidth <= innerWidth`); got != "true" {
				t.Errorf("%s: the page is %s pixels wide, want %d", c.name, b.eval(`document.documentElement.scrollWidth`), c.width)
			}
			// Without scrolling, the screen shows the test accuracy and the whole of each
			// caption.
			if got := b.eval(`[...document.querySelectorAll("#comparison th")].every((h) => h.textContent !== "test acc" || h.getBoundingClientRect().right <= innerWidth)`); got != "true" {
				t.Errorf("%s: %s: the test accuracy lies beyond the edge", name, c.name)
			}
			if got := b.eval(`[...document.querySelectorAll("caption")].every((c) => c.getBoundingClientRect().right <= innerWidth)`); got != "true" {
				t.Errorf("%s: %s: a caption goes beyond the edge", name, c.name)
			}
			b.screenshot(name + "-" + c.name)
		}
	}
	b.open(pages["one"], 1280, 900, "light")
	const visible = `[...document.querySelectorAll(".curve")].filter((c) => c.getBoundingClientRect().width > 100 && c.querySelector(".line").getTotalLength() > 100).length`
	expect := func(what, expression, want string) {
		t.Helper()
		if got := b.eval(expression); got != want {
			t.Errorf("%s: %s is %s, want %s", what, expression, got, want)
		}
	}
	expect("at first", visible, "8") // two variants, two sets of rows, loss and accuracy
	expect("at first", `document.getElementById("at").textContent`, "After epoch 30")
	expect("at first", `document.querySelector("#values td").textContent`, "–") // the series of max ends before epoch 30

	b.eval(`document.getElementById("log").focus()`)
	b.press(" ", " ", 32)
	expect("log by keyboard", `[...document.querySelectorAll("figure")].map((f) => f.hidden).join()`, "true,false,false")
	b.eval(`document.querySelector("input[data-series='1']").focus()`)
	b.press(" ", " ", 32)
	expect("one variant by keyboard", visible, "4")
	expect("one variant by keyboard", `document.querySelectorAll("#values tbody tr:not([hidden])").length`, "1")

	b.eval(`document.getElementById("epoch").focus()`)
	for range 7 {
		b.press("ArrowLeft", "", 37)
	}
	expect("arrow keys", `document.getElementById("at").textContent`, "After epoch 23")
	expect("arrow keys", `document.getElementById("epoch").getAttribute("aria-valuetext")`, "epoch 23")
	e := one.Variants[0].Epochs[22].TestLoss
	expect("arrow keys", `document.querySelectorAll("#values td")[1].textContent`, fmt.Sprintf("%.4f (%.4f–%.4f)", e.Mean, e.P25, e.P75))
	b.press("Home", "", 36)
	expect("Home", `document.getElementById("at").textContent`, "After epoch 1")

	var plot struct{ X, Y, Width float64 }
	b.box(`figure[data-quantity="accuracy"] svg`, &plot)
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": plot.X + plot.Width*(54+454*9.0/29)/520, "y": plot.Y + 50}, nil)
	expect("hover", `document.getElementById("at").textContent`, "After epoch 10")
	expect("hover", `document.querySelectorAll("figure:not([hidden]) .dot").length`, "4")
	// The dots lie on their lines.
	expect("hover", `[...document.querySelectorAll("figure:not([hidden]) .dot")].every((dot) => [...dot.ownerSVGElement.querySelectorAll(".line")].some((line) =>
		line.getAttribute("d").split(/[ML]/).some((p) => p && Math.hypot(p.split(",")[0] - dot.getAttribute("cx"), p.split(",")[1] - dot.getAttribute("cy")) < 0.2)))`, "true")

	b.eval(`document.querySelector("details:not([open]) summary").focus()`)
	b.press("Enter", "\r", 13)
	expect("Enter", `document.querySelectorAll("details[open]").length`, "2")
	expect("pictures", `[...document.images].every((picture) => picture.complete && picture.naturalWidth > 0)`, "true")

	for _, e := range b.events {
		if slices.Contains([]string{"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}, e.Method) {
			t.Errorf("the browser reports: %s", e.Params)
		}
		if e.Method == "Network.requestWillBeSent" && !strings.Contains(string(e.Params), `"url":"file://`) && !strings.Contains(string(e.Params), `"url":"data:image/png`) {
			t.Errorf("the page fetches something: %.300s", e.Params)
		}
	}
}
