//go:build !js

package site

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"wgpucnn/nn/report/htmltest"
	"wgpucnn/testdata/interop"
)

// A browser loads the page, trains on its WebGPU, draws the curves, leaves the files of the run, classifies a picture,
// proves a part of the kernels, and goes on with a training that was stopped. Nothing comes from another server.
func TestInteropPage(t *testing.T) {
	interop.Need(t)
	folder := t.TempDir()
	if out, err := exec.Command("./build", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server, err := Listen(folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- server.Serve(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	b := htmltest.OpenBrowser(t, "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--window-size=1280,900")
	b.Visit(server.Address)
	until := func(what, expression string) {
		t.Helper()
		for range 1200 {
			if b.Eval(expression) == "true" {
				return
			}
			time.Sleep(250 * time.Millisecond)
		}
		t.Fatalf("%s: not in time; the page says %q and %q", what, b.Eval(`$("state").textContent`), b.Eval(`$("output").textContent.slice(-500)`))
	}
	until("load", `$("state").textContent === "Ready."`)
	if got := b.Eval(`$("adapter").textContent`); !strings.Contains(got, "backend    WebGPU") {
		t.Errorf("the adapter: %q", got)
	}

	b.Eval(`$("net").value = "text"; $("text").value = "conv 4 5x5 stride 4, relu, global max"; $("epochs").value = 3; $("settings").requestSubmit()`)
	ink := `(() => { const c = $("view"), p = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 0; i < p.length; i += 4) n += p[i] < 250; return n })()`
	until("training", `!$("state").textContent.startsWith("Training")`)
	if got := b.Eval(`$("state").textContent`); got != "The training is done." {
		t.Fatalf("the page says %q: %s", got, b.Eval(`$("output").textContent.slice(-800)`))
	}
	if n, _ := strconv.Atoi(b.Eval(ink)); n < 20_000 {
		t.Errorf("the picture of the training has %d pixels that are not white", n)
	}
	for _, path := range []string{"report.html", "summary.md", "net1/model.safetensors", "net1/model.onnx", "net1/metrics.csv"} {
		if n, _ := strconv.Atoi(b.Eval(`ask({ get: "/run/` + path + `" }).then((bytes) => bytes.length)`)); n < 100 {
			t.Errorf("%s has %d bytes", path, n)
		}
		if b.Eval(`[...document.querySelectorAll("#downloads a")].some((a) => a.textContent === "`+path+`")`) != "true" {
			t.Errorf("the page does not offer %s", path)
		}
	}

	b.Eval(`new Promise((done) => { const c = new OffscreenCanvas(32, 32); c.getContext("2d").fillRect(4, 4, 9, 9); c.convertToBlob().then((blob) => classify(new File([blob], "one.png"))).then(done) })`)
	if got := b.Eval(`$("answer").textContent`); !strings.Contains(got, "palm_tree") && !strings.Contains(got, "apple") && !strings.Contains(got, "forest") {
		t.Errorf("the answer to a picture: %q", got)
	}

	b.Eval(`$("parts").value = "relu"; $("verify").click()`)
	until("verify", `/^verify/.test($("state").textContent)`)
	if got := b.Eval(`$("state").textContent`); got != "verify is done." {
		t.Errorf("the page says %q: %s", got, b.Eval(`$("report").textContent.slice(-800)`))
	}

	b.Eval(`$("epochs").value = 100; $("settings").requestSubmit()`)
	until("the first epoch", `/epoch [0-9]/.test($("output").textContent)`)
	b.Eval(`$("stop").click()`)
	until("the stop", `!$("state").textContent.startsWith("Training")`)
	if got := b.Eval(`$("state").textContent`); !strings.HasPrefix(got, "The training ended: wgpucnn: net1: stopped after ") {
		t.Errorf("after a stop the page says %q", got)
	}
	b.Eval(`$("resume").click()`)
	until("going on", `!$("state").textContent.startsWith("Training")`)
	if got := b.Eval(`$("state").textContent`); got != "The training is done." {
		t.Errorf("after going on the page says %q: %s", got, b.Eval(`$("output").textContent.slice(-800)`))
	}
	if got := b.Eval(`ask({ get: "/run/net1/metrics.csv" }).then((bytes) => new TextDecoder().decode(bytes).trim().split("\n").length)`); got != "101" {
		t.Errorf("metrics.csv has %s lines, want a head and 100 epochs", got)
	}
	b.CheckEvents(server.Address, "blob:"+server.Address)
}
