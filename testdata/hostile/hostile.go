// Package hostile holds readers of files that may come from anywhere to what they owe: an
// error of one line, and no memory on the word of a header.
package hostile

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// Refuse fails the test unless read returns an error of one line that contains want, and
// allocates at most so many bytes.
func Refuse(t testing.TB, want string, most uint64, read func() error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := read()
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want an error with %q", err, want)
	}
	OneLine(t, err)
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("took %d bytes, want at most %d", took, most)
	}
}

// line is a line that says first which package it comes from.
var line = regexp.MustCompile(`^[a-z]+: [^\r\n\x1b]*$`)

// OneLine fails the test unless an error is one short line that says where it comes from.
func OneLine(t testing.TB, err error) {
	t.Helper()
	if text := err.Error(); !line.MatchString(text) || len(text) > 1000 {
		t.Errorf("want one line, got %d bytes: %.300q", len(text), text)
	}
}
