package htmltest

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Browser is a Chromium without a window that shows one page. The test controls it through
// pipes by the DevTools protocol.
type Browser struct {
	t       *testing.T
	out     io.Writer
	in      *bufio.Reader
	session string // id of the session with the page
	calls   int
	events  []event // received so far, in order
}

// event is a message of the browser: the answer to a call, or news.
type event struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// OpenBrowser starts a Chromium that ends with the test. more are flags, or none for a browser without a GPU.
func OpenBrowser(t *testing.T, more ...string) *Browser {
	t.Helper()
	toBrowser, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	in, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if more == nil {
		more = []string{"--disable-gpu"}
	}
	command := exec.Command("chromium", append(more, "--headless", "--no-sandbox", "--hide-scrollbars", "--remote-debugging-pipe",
		"--user-data-dir="+t.TempDir(), "about:blank")...)
	command.ExtraFiles = []*os.File{toBrowser, fromBrowser} // file descriptors 3 and 4
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	if end, limited := t.Deadline(); limited { // the test ends before that, and tells where it waits
		watchdog := time.AfterFunc(time.Until(end)-10*time.Second, func() { command.Process.Kill() })
		t.Cleanup(func() { watchdog.Stop() })
	}
	b := &Browser{t: t, out: out, in: bufio.NewReader(in)}
	t.Cleanup(func() {
		b.Call("Browser.close", nil, nil)
		command.Wait()
		out.Close()
		in.Close()
	})
	var target struct{ TargetID string }
	b.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.attach(target.TargetID)
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.Call(domain+".enable", nil, nil)
	}
	return b
}

// attach begins a session with a page or a frame.
func (b *Browser) attach(target string) {
	b.t.Helper()
	var attached struct{ SessionID string }
	b.Call("Target.attachToTarget", map[string]any{"targetId": target, "flatten": true}, &attached)
	b.session = attached.SessionID
}

// Call calls a method and stores its result.
func (b *Browser) Call(method string, params, result any) {
	b.t.Helper()
	b.calls++
	message := map[string]any{"id": b.calls, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" && !strings.HasPrefix(method, "Browser.") {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.out.Write(append(text, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	id := b.calls
	answer := b.await(method, func(e event) bool { return e.ID == id })
	if answer.Error != nil {
		b.t.Fatalf("%s: %s", method, answer.Error.Message)
	}
	if result != nil {
		if err := json.Unmarshal(answer.Result, result); err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
	}
}

// await returns the next wanted message, and keeps those before it in events.
func (b *Browser) await(what string, want func(event) bool) event {
	b.t.Helper()
	for {
		text, err := b.in.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("%s: the browser is gone: %v", what, err)
		}
		var e event
		if err := json.Unmarshal(text[:len(text)-1], &e); err != nil {
			b.t.Fatal(err)
		}
		if want(e) {
			return e
		}
		b.events = append(b.events, e)
	}
}

// Open shows a page from a file.
func (b *Browser) Open(html string, view View) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(html), 0o666); err != nil {
		b.t.Fatal(err)
	}
	b.Resize(view)
	b.Visit("file://" + path)
}

// Resize changes the window.
func (b *Browser) Resize(view View) {
	b.t.Helper()
	b.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": view.Width, "height": view.Height, "deviceScaleFactor": 1, "mobile": view.Width < 500}, nil)
	b.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": view.Scheme}}}, nil)
}

// Visit shows the page of an address.
func (b *Browser) Visit(address string) {
	b.t.Helper()
	b.Call("Page.navigate", map[string]any{"url": address}, nil)
	b.await("load", func(e event) bool { return e.Method == "Page.loadEventFired" })
}

// Eval evaluates an expression of JavaScript and returns its value as text, that of a promise once it is there.
func (b *Browser) Eval(expression string) string {
	b.t.Helper()
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	b.Call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails)
	}
	return fmt.Sprint(r.Result.Value)
}

// EvalFrame evaluates an expression as Eval does, in the sandboxed frame of an address.
func (b *Browser) EvalFrame(address, expression string) string {
	b.t.Helper()
	page := b.session
	defer func() { b.session = page }()
	var all struct {
		TargetInfos []struct{ TargetID, Type, URL string }
	}
	b.Call("Target.getTargets", nil, &all)
	for _, target := range all.TargetInfos {
		if target.Type == "iframe" && target.URL == address {
			b.attach(target.TargetID)
			return b.Eval(expression)
		}
	}
	b.t.Fatalf("no frame shows %s: %v", address, all.TargetInfos)
	return ""
}

// Box scrolls to the first element of a selector and stores its position in pixels of the
// viewport.
func (b *Browser) Box(selector string, box any) {
	b.t.Helper()
	b.Eval(`document.documentElement.style.scrollBehavior = "auto"`)
	text := b.Eval("(() => { const e = document.querySelector(" + strconv.Quote(selector) + "); e.scrollIntoView(); return JSON.stringify(e.getBoundingClientRect()); })()")
	if err := json.Unmarshal([]byte(text), box); err != nil {
		b.t.Fatal(err)
	}
}

// Choose chooses a file or a folder in the file picker of a selector.
func (b *Browser) Choose(selector, path string) {
	b.t.Helper()
	var document struct{ Root struct{ NodeID int } }
	b.Call("DOM.getDocument", nil, &document)
	var picker struct{ NodeID int }
	b.Call("DOM.querySelector", map[string]any{"nodeId": document.Root.NodeID, "selector": selector}, &picker)
	b.Call("DOM.setFileInputFiles", map[string]any{"nodeId": picker.NodeID, "files": []string{path}}, nil)
}

// Press presses and releases a key.
func (b *Browser) Press(key, text string, code int) {
	b.t.Helper()
	params := map[string]any{"key": key, "code": key, "windowsVirtualKeyCode": code, "type": "keyDown", "text": text}
	if text == " " {
		params["code"] = "Space"
	}
	b.Call("Input.dispatchKeyEvent", params, nil)
	params["type"] = "keyUp"
	delete(params, "text")
	b.Call("Input.dispatchKeyEvent", params, nil)
}

// Screenshot writes a picture of the whole page to the folder named by WGPUCNN_SCREENSHOTS, if
// that is set.
func (b *Browser) Screenshot(name string) {
	b.t.Helper()
	folder := os.Getenv("WGPUCNN_SCREENSHOTS")
	if folder == "" {
		return
	}
	var shot struct{ Data string }
	b.Call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o666)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// View is a window that a page is shown in.
type View struct {
	Name          string
	Width, Height int
	Scheme        string
}

// Views are a wide screen in both schemes, and a phone.
var Views = []View{{"light", 1280, 900, "light"}, {"dark", 1280, 900, "dark"}, {"phone", 360, 740, "light"}}

// CheckWidth fails the test if the page or a caption is wider than the window.
func (b *Browser) CheckWidth(view View) {
	b.t.Helper()
	if got := b.Eval(`document.documentElement.scrollWidth <= innerWidth`); got != "true" {
		b.t.Errorf("%s: the page is %s pixels wide, want %d", view.Name, b.Eval(`document.documentElement.scrollWidth`), view.Width)
	}
	if got := b.Eval(`[...document.querySelectorAll("caption")].every((c) => c.getBoundingClientRect().right <= innerWidth)`); got != "true" {
		b.t.Errorf("%s: a caption goes beyond the edge", view.Name)
	}
}

// CheckEvents fails the test if the browser reported an error, or if a page fetched something from another place than
// a file, itself, or an address that begins with one of those.
func (b *Browser) CheckEvents(from ...string) {
	b.t.Helper()
	from = append(from, "file://", "data:image/png")
	for _, e := range b.events {
		if slices.Contains([]string{"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}, e.Method) {
			b.t.Errorf("the browser reports: %s", e.Params)
		}
		known := func(place string) bool { return strings.Contains(string(e.Params), `"request":{"url":"`+place) }
		if e.Method == "Network.requestWillBeSent" && !slices.ContainsFunc(from, known) {
			b.t.Errorf("the page fetches something: %.300s", e.Params)
		}
	}
}
