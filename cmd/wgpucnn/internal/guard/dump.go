//go:build !js

package guard

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
)

// mostHeld bounds the bytes of a dump that are kept.
const mostHeld = 1 << 20

// dump passes on the lines that a child writes to its standard error. From the first line of a dump on it
// holds them back.
type dump struct {
	out   io.Writer
	line  []byte // the begin of a line
	empty bool   // an empty line is kept back: newer Rust panics begin with one
	held  bytes.Buffer
}

// The first lines of what a Rust panic, a Go panic and a signal write, and lines that wgpu writes when
// it drops a device in use.
var (
	firstLine = regexp.MustCompile(`^(thread '.*' (panicked at|has overflowed)|fatal runtime error: |panic: |fatal error: |runtime: |SIG[A-Z]+: )`)
	dropped   = []string{"Memory block wasn't deallocated\n", "Descriptor sets were not deallocated\n"}
)

func (d *dump) Write(text []byte) (int, error) {
	d.line = append(d.line, text...)
	for {
		end := bytes.IndexByte(d.line, '\n') + 1
		if end == 0 {
			return len(text), nil
		}
		d.take(d.line[:end])
		d.line = d.line[end:]
	}
}

// flush takes the last line, if it has no end, and passes on an empty line.
func (d *dump) flush() {
	if len(d.line) > 0 {
		d.take(d.line)
	}
	d.passEmpty()
}

// passEmpty passes on the empty line that is kept back, unless it belongs to a dump.
func (d *dump) passEmpty() {
	if d.empty && d.held.Len() == 0 {
		io.WriteString(d.out, "\n")
	}
	d.empty = false
}

func (d *dump) take(line []byte) {
	switch {
	case d.held.Len() > 0 || firstLine.Match(line):
		if d.held.Len() < mostHeld {
			d.held.Write(line)
		}
	case slices.Contains(dropped, string(line)):
	default:
		d.passEmpty()
		if d.empty = string(line) == "\n"; !d.empty {
			d.out.Write(line)
		}
	}
}

// panicText matches the text of a Rust panic: between quotes before a place, or after the place in newer
// versions.
var panicText = regexp.MustCompile(`(?s)^thread '[^']*' panicked at (?:'(.*?)', [^\n']*:\d+:\d+\n|[^\n]*:\d+:\d+:\n(.*?)\n(?:note|stack|SIG))`)

// cause returns what a dump tells, and its first words. Without a dump it returns itself.
func (d *dump) cause() (kind, string) {
	text := d.held.String()
	first, _, _ := strings.Cut(text, "\n")
	switch {
	case text == "":
		return itself, ""
	case strings.HasPrefix(text, "panic: "), strings.HasPrefix(text, "runtime: "), strings.HasPrefix(text, "fatal error: ") && !strings.HasPrefix(text, "fatal error: unexpected signal"):
		return ours, first
	}
	if m := panicText.FindStringSubmatch(text); m != nil {
		first = strings.Join(strings.Fields(m[1]+m[2]), " ")
	}
	contains := func(word string) bool { return strings.Contains(strings.ToLower(first), word) }
	switch {
	case contains("lost"):
		return lost, first
	case contains("not enough memory"), contains("outofmemory"), contains("out of memory"), contains("out_of_"):
		return memory, first
	}
	return crashed, first
}
