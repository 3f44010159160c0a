//go:build !js

// Package site serves the page on which a browser trains. The page's files lie beside this one; "make web"
// puts them into a folder with the program, compiled for WebAssembly.
package site

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

// Folder returns the folder to serve: the argument if there is one, else the folder web beside the program.
func Folder(args []string) (string, error) {
	var folder string
	if len(args) > 0 {
		folder = args[0]
	} else {
		program, err := os.Executable()
		if err != nil {
			return "", err
		}
		folder = filepath.Join(filepath.Dir(program), "web")
	}
	for _, file := range []string{"index.html", "wgpucnn.wasm"} {
		if _, err := os.Stat(filepath.Join(folder, file)); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s has no %s: run \"make web\" first, and give the folder that it builds", folder, file)
		} else if err != nil {
			return "", err
		}
	}
	return folder, nil
}

// Server serves a folder to the browsers of this machine.
type Server struct {
	Address  string // of the page
	listener net.Listener
	http     http.Server
}

// Listen returns a server on a port of 127.0.0.1, or on a free one for port 0.
func Listen(folder string, port int) (*Server, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	return &Server{
		Address: "http://" + listener.Addr().String() + "/", listener: listener,
		http: http.Server{Handler: handler(folder), ReadHeaderTimeout: 10 * time.Second},
	}, nil
}

// Serve serves until ctx is done.
func (s *Server) Serve(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { s.http.Close() })()
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// handler serves the files of a folder. Browsers ask again each time, so that they see a new build.
func handler(folder string) http.Handler {
	files := http.FileServer(http.Dir(folder))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if filepath.Ext(r.URL.Path) == ".wasm" {
			w.Header().Set("Content-Type", "application/wasm") // some systems do not know the type
		}
		files.ServeHTTP(w, r)
	})
}

// Open opens an address in the browser of the user.
func Open(ctx context.Context, address string) error {
	words := map[string][]string{"windows": {"rundll32", "url.dll,FileProtocolHandler"}, "darwin": {"open"}}[runtime.GOOS]
	if words == nil {
		words = []string{"xdg-open"}
	}
	return exec.CommandContext(ctx, words[0], append(words[1:], address)...).Run()
}
