//go:build !js

package site

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder without the page, or without the program, is refused with what to do.
func TestFolder(t *testing.T) {
	folder := t.TempDir()
	for _, file := range []string{"index.html", "wgpucnn.wasm"} {
		_, err := Folder([]string{folder})
		if err == nil || !strings.Contains(err.Error(), "has no "+file+`: run "make web" first`) {
			t.Errorf("without %s: got %v", file, err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(file), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Folder([]string{folder}); got != folder || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Folder(nil); err == nil {
		t.Error("a page beside the program of the tests")
	}
}

// The server serves the folder on this machine alone, with the type that browsers want of a program, and ends with its
// context. A port that is taken is an error.
func TestServe(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "wgpucnn.wasm"), []byte("code"), 0o666); err != nil {
		t.Fatal(err)
	}
	server, err := Listen(folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(server.Address, "http://127.0.0.1:") {
		t.Errorf("the address %s", server.Address)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- server.Serve(ctx) }()
	for path, want := range map[string]string{"wgpucnn.wasm": "code", "nothing": "404 page not found\n", "../site.go": "404 page not found\n"} {
		answer, err := http.Get(server.Address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || string(body) != want {
			t.Errorf("%s: got %q, %v, want %q", path, body, err, want)
		}
		if got := answer.Header.Get("Content-Type"); path == "wgpucnn.wasm" && got != "application/wasm" {
			t.Errorf("the type of the program is %q", got)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}
