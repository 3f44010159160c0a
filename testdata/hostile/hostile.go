// Package hostile checks readers of untrusted files: a bad file must give an error of one line,
// and no number in a header may allocate memory.
package hostile

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// Refuse fails the test unless read returns an error of one line that contains want, and
// allocates at most limit bytes.
func Refuse(t testing.TB, want string, limit uint64, read func() error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := read()
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want an error with %q", err, want)
	}
	OneLine(t, err)
	if took := after.TotalAlloc - before.TotalAlloc; took > limit {
		t.Errorf("took %d bytes, want at most %d", took, limit)
	}
}

// line is a line that begins with the name of a package.
var line = regexp.MustCompile(`^[a-z]+: [^\r\n\x1b]*$`)

// OneLine fails the test unless an error is one short line that begins with the name of a
// package.
func OneLine(t testing.TB, err error) {
	t.Helper()
	if text := err.Error(); !line.MatchString(text) || len(text) > 1000 {
		t.Errorf("want one line, got %d bytes: %.300q", len(text), text)
	}
}
