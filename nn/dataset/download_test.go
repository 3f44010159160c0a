//go:build !js

package dataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pack makes an archive of entries in the given order.
func pack(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var file bytes.Buffer
	zipped := gzip.NewWriter(&file)
	w := tar.NewWriter(zipped)
	files := good()
	for _, e := range entries {
		data := files[filepath.Base(e.Name)]
		if e.Typeflag == tar.TypeReg {
			e.Size = int64(len(data))
		}
		e.Mode = 0o644
		if err := w.WriteHeader(&e); err != nil {
			t.Fatal(err)
		}
		if e.Typeflag == tar.TypeReg {
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func regular(names ...string) (entries []tar.Header) {
	for _, name := range names {
		entries = append(entries, tar.Header{Name: name, Typeflag: tar.TypeReg})
	}
	return entries
}

// whole is a correct archive.
func whole(t *testing.T) []byte {
	return pack(t, append([]tar.Header{{Name: "set/", Typeflag: tar.TypeDir}}, regular("set/file.txt~", "set/meta", "set/test", "set/train")...)...)
}

func published(data []byte, url string) archive {
	return archive{"set", url, fmt.Sprintf("%x", md5.Sum(data))}
}

// serve answers every request by handle and counts the requests.
func serve(t *testing.T, handle http.HandlerFunc) (url string, requests *int) {
	t.Helper()
	requests = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests++
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/set.tar.gz", requests
}

// file serves data, with ranges.
func file(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "set.tar.gz", time.Time{}, bytes.NewReader(data))
	}
}

// left lists a folder.
func left(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestFetch(t *testing.T) {
	data := whole(t)
	url, requests := serve(t, file(data))
	cache := filepath.Join(t.TempDir(), "new")
	steps := map[string][2]int64{} // the last done and total of each step
	o := Options{CacheDir: cache, Progress: func(step string, done, total int64) { steps[step] = [2]int64{done, total} }}
	for range 2 { // the second time from the cache
		folder, err := published(data, url).fetch(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := open(t, folder); err != nil || d.Train.Len() != 8 {
			t.Errorf("got %v, %v", d, err)
		}
	}
	if *requests != 1 {
		t.Errorf("%d requests, want 1", *requests)
	}
	all := [2]int64{int64(len(data)), int64(len(data))}
	if want := map[string][2]int64{"download": all, "check": all, "unpack": all}; !maps.Equal(steps, want) {
		t.Errorf("progress %v, want %v", steps, want)
	}
	if got := left(t, cache); got != "set" {
		t.Errorf("the cache holds %s", got)
	}
	if got := left(t, filepath.Join(cache, "set")); got != "meta test train" {
		t.Errorf("the folder holds %s", got)
	}
}

// An interrupted transfer continues where it ended if the server supports ranges. Otherwise it
// starts again.
func TestFetchResumes(t *testing.T) {
	data := whole(t)
	for name, rest := range map[string]http.HandlerFunc{
		"ranges": func(w http.ResponseWriter, r *http.Request) {
			if got, want := r.Header.Get("Range"), fmt.Sprintf("bytes=%d-", len(data)/2); got != want {
				t.Errorf("asked for %q, want %q", got, want)
			}
			file(data)(w, r)
		},
		"no ranges": func(w http.ResponseWriter, r *http.Request) { w.Write(data) },
		"wrong range": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" {
				w.Write(data)
				return
			}
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(data)-1, len(data)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(data)
		},
	} {
		t.Run(name, func(t *testing.T) {
			cut := true
			url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if cut {
					w.Header().Set("Content-Length", fmt.Sprint(len(data)))
					w.Write(data[:len(data)/2])
					return
				}
				rest(w, r)
			})
			o := Options{CacheDir: t.TempDir()}
			_, err := published(data, url).fetch(context.Background(), o)
			if want := fmt.Sprintf("cut after %d bytes", len(data)/2); err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("got %v, want an error with %q", err, want)
			}
			cut = false
			if _, err := published(data, url).fetch(context.Background(), o); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Some servers label an archive as a compressed answer. The file is stored as it comes.
func TestFetchKeepsTheCompression(t *testing.T) {
	data := whole(t)
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(data)
	})
	if _, err := published(data, url).fetch(context.Background(), Options{CacheDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
}

// A file that was complete when the program ended is not downloaded again.
func TestFetchUnpacksWhatIsThere(t *testing.T) {
	data := whole(t)
	url, _ := serve(t, file(data))
	o := Options{CacheDir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(o.CacheDir, "set.tar.gz.part"), data, 0o666); err != nil {
		t.Fatal(err)
	}
	o.Progress = func(step string, _, _ int64) {
		if step == "download" {
			t.Error("the file was downloaded again")
		}
	}
	if _, err := published(data, url).fetch(context.Background(), o); err != nil {
		t.Fatal(err)
	}
}

func TestFetchErrors(t *testing.T) {
	defer func(before time.Duration) { stallTimeout = before }(stallTimeout)
	stallTimeout = 200 * time.Millisecond
	data := whole(t)
	link := tar.Header{Name: "set/train", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}
	for name, c := range map[string]struct {
		handle  http.HandlerFunc
		archive []byte
		want    string
		left    string // in the cache
	}{
		"not found":    {http.NotFound, data, "404 Not Found", ""},
		"wrong file":   {file([]byte("hello")), data, "the archive's MD5 is 5d41402abc4b2a76b9719d911017c592", ""},
		"not a gzip":   {file([]byte("hello")), []byte("hello"), "unpack", "set.tar.gz.part"},
		"file missing": {file(pack(t, regular("set/meta", "set/train")...)), pack(t, regular("set/meta", "set/train")...), "it lacks [test]", "set.tar.gz.part"},
		"link":         {file(pack(t, link)), pack(t, link), "it lacks", "set.tar.gz.part"},
		"way out": {file(pack(t, regular("set/../../train", "/set/test", "../set/meta")...)),
			pack(t, regular("set/../../train", "/set/test", "../set/meta")...), "it lacks [train test meta]", "set.tar.gz.part"},
		"stalled": {func(w http.ResponseWriter, r *http.Request) {
			w.Write(data[:10])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, data, "sent nothing for 200ms", "set.tar.gz.part"},
		"mute": {func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, data, "sent nothing for 200ms", ""},
		"huge": {func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "9999999999") }, data, "want at most", ""},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := serve(t, c.handle)
			o := Options{CacheDir: filepath.Join(t.TempDir(), "a", "b")}
			_, err := published(c.archive, url).fetch(context.Background(), o)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, c.want)
			}
			if got := left(t, o.CacheDir); got != c.left {
				t.Errorf("the cache holds %q, want %q", got, c.left)
			}
			if got := left(t, filepath.Dir(o.CacheDir)); got != "b" {
				t.Errorf("the folder of the cache holds %q, want only b", got)
			}
		})
	}
}

func TestFetchCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := published(nil, url).fetch(ctx, Options{CacheDir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// The user may give another address. The archive there must be the same.
func TestFetchFromElsewhere(t *testing.T) {
	data := whole(t)
	url, requests := serve(t, file(data))
	if _, err := published(data, "http://localhost:1/").fetch(context.Background(), Options{CacheDir: t.TempDir(), URL: url}); err != nil || *requests != 1 {
		t.Errorf("%v after %d requests", err, *requests)
	}
}
