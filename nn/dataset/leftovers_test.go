//go:build !js

package dataset

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/nn/durable"
	"wgpucnn/nn/durable/durabletest"
)

// A fetch removes what killed ones left in the cache, and nothing else. It leaves what another process may
// be making now.
func TestFetchSweeps(t *testing.T) {
	data := whole(t)
	url, requests := serve(t, file(data))
	o := Options{CacheDir: t.TempDir()}
	leave := func(names string) {
		t.Helper()
		for _, name := range strings.Fields(names) {
			path := filepath.Join(o.CacheDir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("text"), 0o666)); err != nil {
				t.Fatal(err)
			}
		}
	}
	fetch := func(want string) {
		t.Helper()
		if _, err := published(data, url).fetch(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		if got := left(t, o.CacheDir); got != want {
			t.Errorf("the cache holds %s, want %s", got, want)
		}
	}
	leave("set.1.part/train set.part/train set.mine.part/train set.2.part other.3.part/train")
	fetch("other.3.part set set.2.part set.mine.part set.part")
	if *requests != 1 {
		t.Errorf("%d requests", *requests)
	}

	leave("set.4.part/train set.tar.gz.part")
	lock, err := durable.Lock(o.CacheDir)
	if err != nil {
		t.Fatal(err)
	}
	fetch("other.3.part set set.2.part set.4.part set.mine.part set.part set.tar.gz.part")
	lock.Close()
	fetch("other.3.part set set.2.part set.mine.part set.part")
}

// Of two fetches at once one waits for the other. One that waits can be stopped.
func TestFetchTwice(t *testing.T) {
	data := whole(t)
	o := Options{CacheDir: t.TempDir()}
	ctx, cancel := context.WithCancel(context.Background())
	waiting := make(chan bool, 100)
	second := o
	second.Progress = func(step string, done, total int64) {
		if step == "wait for another process" {
			waiting <- true
		}
	}
	answers := make(chan error)
	var fetchers archive
	began := make(chan bool)
	url, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-waiting
		cancel()
		if err := <-answers; err != context.Canceled {
			t.Errorf("the one that was stopped: %v", err)
		}
		go func() {
			_, err := fetchers.fetch(context.Background(), second)
			answers <- err
		}()
		for len(waiting) > 0 {
			<-waiting
		}
		<-waiting
		file(data)(w, r)
	})
	fetchers = published(data, url)
	go func() {
		<-began
		_, err := fetchers.fetch(ctx, second)
		answers <- err
	}()
	if _, err := fetchers.fetch(context.Background(), o); err != nil {
		t.Error(err)
	}
	if err := <-answers; err != nil || *requests != 1 {
		t.Errorf("the second: %v after %d requests", err, *requests)
	}
}

// After a power cut at any moment of a fetch the folder has all its files or is not there. The next fetch
// works and tidies up.
func TestFetchPowerCut(t *testing.T) {
	data := whole(t)
	url, _ := serve(t, file(data))
	parent := t.TempDir()
	cache := func(folder string) string { return filepath.Join(folder, "a", "cache") }
	fetch := func(folder string) {
		t.Helper()
		path, err := published(data, url).fetch(context.Background(), Options{CacheDir: cache(folder)})
		if err != nil {
			t.Fatal(err)
		}
		if d, err := open(t, path); err != nil || d.Train.Len() != 8 {
			t.Errorf("got %v, %v", d, err)
		}
	}
	recording := durabletest.Record(t, parent, func() { fetch(parent) })
	cuts := recording.Cuts()
	for _, c := range cuts {
		folder := c.Lay(t)
		if path := filepath.Join(cache(folder), "set"); isThere(path) {
			if got := left(t, path); got != "meta test train" {
				t.Errorf("after %d changes, %s: the folder has %s", len(c.Done), c.How, got)
			}
		} else if len(c.Done) == len(recording.Changes()) {
			t.Errorf("%s: the folder is lost", c.How)
		}
		fetch(folder)
		if got := left(t, cache(folder)); got != "set" {
			t.Errorf("after %d changes, %s: the cache holds %s", len(c.Done), c.How, got)
		}
	}
	if len(cuts) < 10 {
		t.Errorf("%d cuts", len(cuts))
	}
}
