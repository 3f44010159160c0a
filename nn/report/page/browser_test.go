package page

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// browser is a Chromium without a window that shows one page. The test controls it through
// pipes by the DevTools protocol.
type browser struct {
	t       *testing.T
	out     io.Writer
	in      *bufio.Reader
	session string // id of the session with the page
	calls   int
	events  []event // received so far, in order
}

// event is a message of the browser: the answer to a call, or an event.
type event struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// openBrowser starts a Chromium that ends with the test.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	toBrowser, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	in, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
		"--user-data-dir="+t.TempDir(), "about:blank")
	command.ExtraFiles = []*os.File{toBrowser, fromBrowser} // file descriptors 3 and 4
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	watchdog := time.AfterFunc(2*time.Minute, func() { command.Process.Kill() })
	b := &browser{t: t, out: out, in: bufio.NewReader(in)}
	t.Cleanup(func() {
		b.call("Browser.close", nil, nil)
		command.Wait()
		watchdog.Stop()
		out.Close()
		in.Close()
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call calls a method and stores its result.
func (b *browser) call(method string, params, result any) {
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
func (b *browser) await(what string, want func(event) bool) event {
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

// open shows a page from a file in a viewport of width x height pixels.
func (b *browser) open(html string, width, height int, scheme string) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(html), 0o666); err != nil {
		b.t.Fatal(err)
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.call("Page.navigate", map[string]any{"url": "file://" + path}, nil)
	b.await("load", func(e event) bool { return e.Method == "Page.loadEventFired" })
}

// eval evaluates an expression of JavaScript and returns its value as text.
func (b *browser) eval(expression string) string {
	b.t.Helper()
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails)
	}
	return fmt.Sprint(r.Result.Value)
}

// box scrolls to the first element of a selector and stores its position in pixels of the
// viewport.
func (b *browser) box(selector string, box any) {
	b.t.Helper()
	b.eval(`document.documentElement.style.scrollBehavior = "auto"`)
	text := b.eval("(() => { const e = document.querySelector(" + strconv.Quote(selector) + "); e.scrollIntoView(); return JSON.stringify(e.getBoundingClientRect()); })()")
	if err := json.Unmarshal([]byte(text), box); err != nil {
		b.t.Fatal(err)
	}
}

// press presses and releases a key.
func (b *browser) press(key, text string, code int) {
	b.t.Helper()
	params := map[string]any{"key": key, "code": key, "windowsVirtualKeyCode": code, "type": "keyDown", "text": text}
	if text == " " {
		params["code"] = "Space"
	}
	b.call("Input.dispatchKeyEvent", params, nil)
	params["type"] = "keyUp"
	delete(params, "text")
	b.call("Input.dispatchKeyEvent", params, nil)
}

// screenshot writes a picture of the whole page to the folder named by WGPUCNN_SCREENSHOTS, if
// that is set.
func (b *browser) screenshot(name string) {
	b.t.Helper()
	folder := os.Getenv("WGPUCNN_SCREENSHOTS")
	if folder == "" {
		return
	}
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o666)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
