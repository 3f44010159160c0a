//go:build !js

package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report/htmltest"
	"wgpucnn/testdata/interop"
)

// page is the page in a browser.
type page struct {
	*htmltest.Browser
	t *testing.T
}

// loseDevice is a part of the worker for tests: a message destroys the device.
const loseDevice = `
const request = GPUAdapter.prototype.requestDevice;
let opened;
GPUAdapter.prototype.requestDevice = async function (descriptor) { return opened = await request.call(this, descriptor); };
addEventListener("message", ({ data }) => data.lose && opened.destroy());
`

// serve builds the page and serves it while the test runs. It returns the address.
func serve(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if out, err := exec.Command("./build", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checkSize(t, filepath.Join(folder, "wgpucnn.wasm"))
	worker, err := os.ReadFile("worker.js")
	if err != nil {
		t.Fatal(err)
	}
	interop.Write(t, filepath.Join(folder, "worker.js"), append(worker, loseDevice...))
	server, err := Listen(folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- server.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return server.Address
}

// checkSize fails the test if the program has 8 MB or more as servers compress it.
func checkSize(t *testing.T, path string) {
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	w.Write(program)
	w.Close()
	if compressed.Len() >= 8e6 {
		t.Errorf("the program has %d bytes compressed, want less than 8 MB", compressed.Len())
	}
}

// until waits until an expression is true. It gives up when the page has not changed for five minutes.
func (p page) until(what, expression string) {
	p.t.Helper()
	shown, since := "", time.Now()
	for p.Eval(expression) != "true" {
		now := p.Eval(`$("state").textContent + "; " + $("output").textContent.slice(-500) + "; " + $("report").textContent.slice(-500)`)
		if now != shown {
			shown, since = now, time.Now()
		}
		if time.Since(since) > 5*time.Minute {
			p.t.Fatalf("%s: not in time; the page says %q", what, now)
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// ended waits for the end of a training, and wants the page to begin its message with want.
func (p page) ended(want string) {
	p.t.Helper()
	p.until("the end of a training", `!$("state").textContent.startsWith("Training")`)
	if got := p.Eval(`$("state").textContent`); !strings.HasPrefix(got, want) {
		p.t.Fatalf("the page says %q, want %q: %s", got, want, p.Eval(`$("output").textContent.slice(-800)`))
	}
}

// file returns a file of the program.
func (p page) file(path string) []byte {
	p.t.Helper()
	text := p.Eval(`ask({ get: "` + path + `" }).then((bytes) => btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), "")))`)
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}

// curves is the number of coloured pixels where the curves are.
const curves = `(() => { const c = new OffscreenCanvas(1280, 800).getContext("2d", { willReadFrequently: true }); c.drawImage($("view"), 0, 0); const p = c.getImageData(0, 90, 1280, 420).data; let n = 0; for (let i = 0; i < p.length; i += 4) n += Math.abs(p[i] - p[i + 2]) > 60; return n })()`

// A browser loads the page, trains on its WebGPU, draws the curves while it trains, leaves the files of the run, classifies
// pictures, and proves a part of the kernels. A training that was stopped goes on, and so does one that lost its device.
// Nothing comes from another server.
func TestInteropPage(t *testing.T) {
	interop.Need(t)
	address := serve(t)
	p := page{htmltest.OpenBrowser(t, "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--window-size=1280,900"), t}
	p.Visit(address)
	p.until("load", `$("state").textContent === "Ready."`)
	if got := p.Eval(`$("adapter").textContent`); !strings.Contains(got, "backend    WebGPU") {
		t.Errorf("the adapter: %q", got)
	}

	// By keyboard: Enter in a field trains.
	p.Eval(`$("net").value = "text"; $("text").value = "conv 4 5x5 stride 4, relu, global max"; $("epochs").value = 3; $("epochs").focus()`)
	p.Press("Enter", "\r", 13)
	p.until("the beginning", `$("state").textContent.startsWith("Training")`)
	p.ended("The training is done.")
	p.checkFiles()
	p.checkNative()
	p.checkLogits()
	p.checkReport()
	p.checkClassify()
	p.checkViews()

	p.checkSuite()

	p.Eval(`$("epochs").value = 100; $("more").value = "--checkpoint-every 1"; $("settings").requestSubmit()`)
	p.until("an empty picture", curves+" === 0")
	p.until("a curve", curves+" > 0")
	p.until("a longer curve", curves+" > 2000")
	p.Eval(`worker.postMessage({ lose: true })`)
	p.ended("The training ended: wgpucnn: net1: engine: ")
	if got := p.Eval(`$("state").textContent`); !strings.Contains(got, "was lost: its driver was reset, or the adapter was removed") {
		t.Errorf("after a loss the page says %q", got)
	}
	p.Eval(`$("resume").focus()`)
	p.Press(" ", " ", 32)
	p.until("going on", `$("state").textContent === "Training goes on …" && /epoch [0-9]/.test($("output").textContent)`)
	p.Eval(`$("stop").click()`)
	p.ended("The training ended: wgpucnn: net1: stopped after ")
	p.Eval(`$("resume").click()`)
	p.ended("The training is done.")
	if got := bytes.Count(p.file("/run/net1/metrics.csv"), []byte("\n")); got != 101 {
		t.Errorf("metrics.csv has %d lines, want a head and 100 epochs", got)
	}
	p.checkOwn()
	p.CheckEvents(address, "blob:"+address)
	t.Run("without WebGPU", func(t *testing.T) { withoutWebGPU(t, address) })
}

// withoutWebGPU checks that the page says what is missing and what to do, and offers nothing that would fail.
func withoutWebGPU(t *testing.T, address string) {
	p := page{htmltest.OpenBrowser(t), t}
	p.Visit(address)
	p.until("load", `!$("state").textContent.startsWith("Loading")`)
	want := "This Chrome offers no WebGPU. Start it with --enable-unsafe-webgpu --enable-features=Vulkan, and look at chrome://gpu."
	if got := p.Eval(`$("state").textContent`); got != want || p.Eval(`$("main").hidden`) != "true" {
		t.Errorf("the page says %q", got)
	}
}

// checkSuite proves a part of the kernels, or all of them if WGPUCNN_NIGHTLY is 1. WGPUCNN_REPORT names a file for the report.
func (p page) checkSuite() {
	p.t.Helper()
	parts := "relu"
	if os.Getenv("WGPUCNN_NIGHTLY") == "1" {
		parts = ""
	}
	p.Eval(`$("parts").value = "` + parts + `"; $("verify").click()`)
	p.until("verify", `/^verify/.test($("state").textContent)`)
	text := p.Eval(`$("report").textContent.trim()`)
	p.t.Log(text)
	if got := p.Eval(`$("state").textContent`); got != "verify is done." {
		p.t.Errorf("the page says %q", got)
	}
	if path := os.Getenv("WGPUCNN_REPORT"); path != "" {
		interop.Write(p.t, path, p.file("/wgpucnn-verify.json"))
	}
}

// checkFiles checks that the page offers the files of a run.
func (p page) checkFiles() {
	p.t.Helper()
	for _, path := range []string{"report.html", "summary.md", "net1/model.safetensors", "net1/model.onnx", "net1/metrics.csv"} {
		if n := len(p.file("/run/" + path)); n < 100 {
			p.t.Errorf("%s has %d bytes", path, n)
		}
		if p.Eval(`[...document.querySelectorAll("#downloads a")].some((a) => a.textContent === "`+path+`")`) != "true" {
			p.t.Errorf("the page does not offer %s", path)
		}
	}
}

// checkNative checks that the same command line trains the same network outside of a browser: from the same weights, on the
// same rows in the same order. The adapters differ, and round differently.
func (p page) checkNative() {
	p.t.Helper()
	var words []string
	if err := json.Unmarshal([]byte(p.Eval(`JSON.stringify(trainCommand())`)), &words); err != nil {
		p.t.Fatal(err)
	}
	folder := filepath.Join(p.t.TempDir(), "run")
	interop.Run(p.t, "go", append([]string{"run", "../../../../cmd/wgpucnn"}, append(words, "--out", folder)...)...)
	native, err := modelfile.Load(filepath.Join(folder, "net1", "model.safetensors"))
	if err != nil {
		p.t.Fatal(err)
	}
	inPage, err := modelfile.Unmarshal(p.file("/run/net1/model.safetensors"))
	if err != nil {
		p.t.Fatal(err)
	}
	for i, want := range native.State {
		got := inPage.State[i]
		if want.Name != got.Name || len(want.Data) != len(got.Data) {
			p.t.Fatalf("%s has %d values in the browser, %s has %d outside", got.Name, len(got.Data), want.Name, len(want.Data))
		}
		for j, v := range want.Data {
			if math.Abs(float64(v-got.Data[j])) > 1e-4 {
				p.t.Fatalf("%s[%d] is %v in the browser and %v outside", want.Name, j, got.Data[j], v)
			}
		}
	}
}

// checkLogits checks that ONNX Runtime computes from the page's ONNX file what the engine computes here from its model.
func (p page) checkLogits() {
	p.t.Helper()
	folder := p.t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	interop.Write(p.t, path("model.onnx"), p.file("/run/net1/model.onnx"))
	model, err := modelfile.Unmarshal(p.file("/run/net1/model.safetensors"))
	if err != nil {
		p.t.Fatal(err)
	}
	images := interop.Images(7, 32, 32, 3)
	interop.WriteImages(p.t, path("input.f32"), images)
	interop.Run(p.t, "node", "../../../../testdata/interop/logits.mjs", path("model.onnx"), "32", "32", "3", path("input.f32"), path("output.f32"))
	logits, err := predict.Logits(context.Background(), enginetest.Open(p.t), model.Network, model.State, images, predict.Options{Batch: 7})
	if err != nil {
		p.t.Fatal(err)
	}
	interop.Compare(p.t, logits, path("output.f32"), 1e-4, 0)
}

// checkReport checks that the page shows the report of the run, and that its script runs.
func (p page) checkReport() {
	p.t.Helper()
	p.until("the report", `!$("page").hidden && $("page").onload === null`)
	if got := p.EvalFrame(p.Eval("location.href")+"view.html", `"ready" in document.documentElement.dataset && document.querySelector("h1").textContent`); got == "false" || got == "" {
		p.t.Errorf("the report shows %q", got)
	}
}

// checkClassify checks that the page classifies a picture, by the run's network and by a model that somebody else trained.
func (p page) checkClassify() {
	p.t.Helper()
	answer := func(names ...string) {
		p.t.Helper()
		p.until("the answer", `!$("answer").hidden && $("answer").textContent !== ""`)
		got := p.Eval(`$("answer").textContent`)
		for _, name := range names {
			if !strings.Contains(got, name) {
				p.t.Errorf("the answer %q does not name %s", got, name)
			}
		}
		p.Eval(`$("answer").textContent = ""`)
	}
	p.Choose("#picture", paint(p.t, filepath.Join(p.t.TempDir(), "one.png"), 1))
	answer("palm_tree", "apple", "forest")

	network, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 2})
	if err != nil {
		p.t.Fatal(err)
	}
	file, err := (&modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"ferry", "tram"}}).Marshal()
	if err != nil {
		p.t.Fatal(err)
	}
	path := filepath.Join(p.t.TempDir(), "own.safetensors")
	interop.Write(p.t, path, file)
	p.Choose("#model", path)
	p.Choose("#picture", paint(p.t, filepath.Join(p.t.TempDir(), "two.png"), 2))
	answer("ferry", "tram")
}

// checkViews checks that the page fits a wide screen in both schemes, and a phone.
func (p page) checkViews() {
	p.t.Helper()
	for _, view := range htmltest.Views {
		p.Resize(view)
		p.CheckWidth(view)
		p.Screenshot("page-" + view.Name)
	}
	p.Resize(htmltest.Views[0])
}

// checkOwn checks that the page trains on the visitor's pictures: a folder of class folders.
func (p page) checkOwn() {
	p.t.Helper()
	folder := filepath.Join(p.t.TempDir(), "mine")
	for i := range 20 {
		class := []string{"left", "right"}[i%2]
		if err := os.MkdirAll(filepath.Join(folder, class), 0o777); err != nil {
			p.t.Fatal(err)
		}
		paint(p.t, filepath.Join(folder, class, fmt.Sprint(i, ".png")), i)
	}
	p.Eval(`document.querySelector("input[value=own]").click(); $("epochs").value = 1; $("batch").value = 8`)
	p.Choose("#folder", folder)
	p.until("the folder", `$("folder").files.length === 20`)
	p.Eval(`$("settings").requestSubmit()`)
	p.ended("The training is done.")
	if got := p.Eval(`$("output").textContent`); !strings.Contains(got, "left 8+2, right 8+2") {
		p.t.Errorf("the training of a folder printed %q", got)
	}
}

// paint writes a picture of 40 x 30 pixels and returns its path.
func paint(t *testing.T, path string, seed int) string {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for i := range 40 * 30 {
		picture.Set(i%40, i/40, color.NRGBA{uint8(i * seed), uint8(i % 40 * 6), uint8(seed * 12), 255})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	interop.Write(t, path, file.Bytes())
	return path
}
