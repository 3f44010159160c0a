package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"wgpucnn/nn/report"

	"github.com/mattn/go-isatty"
)

// plainEvery is how often a line is written where there is no terminal, barEvery how often
// it is written over where there is one.
const (
	plainEvery = 5 * time.Second
	barEvery   = 100 * time.Millisecond
)

// isTerminal tells whether a person watches w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// meter shows how far something is: on a terminal in a line that it writes over, elsewhere
// in a line now and then.
type meter struct {
	out   io.Writer
	spoke time.Time // when it wrote the last line
	label string    // of that
	wide  int       // columns of the line that is on the terminal, 0 for none
}

// newMeter returns a meter that shows nothing yet.
func newMeter(out io.Writer) *meter { return &meter{out: out, spoke: time.Now()} }

// reading is what a meter shows.
type reading struct {
	label   string   // what goes on; where it changes, the line does at once
	share   float64  // that is done, below 0 where nobody knows
	details []string // the most important first: a narrow terminal lacks the last
	plain   string   // the line where there is no terminal, "" for none
}

func (m *meter) show(r reading) {
	since := time.Since(m.spoke)
	switch {
	case !isTerminal(m.out) || os.Getenv("TERM") == "dumb":
		if since >= plainEvery && r.plain != "" {
			m.spoke = time.Now()
			fmt.Fprintf(m.out, "  %s\n", r.plain)
		}
	case since >= barEvery || m.wide == 0 || r.label != m.label:
		m.spoke, m.label = time.Now(), r.label
		before, bar, after := r.layout(width(m.out) - 1) // a full line may wrap
		wide := report.Width(before + bar + after)
		blank := strings.Repeat(" ", max(m.wide-wide, 0))
		fmt.Fprintf(m.out, "\r%s%s%s%s", before, cyan.paint(m.out, legible(m.out, bar)), legible(m.out, after), blank)
		m.wide = wide
	}
}

// count shows how many of a part's things are done.
func (m *meter) count(part string, done, total int) {
	of := fmt.Sprintf("%s of %s", report.Thousands(done), report.Thousands(total))
	m.show(reading{label: part, share: float64(done) / float64(max(total, 1)), details: []string{of}, plain: part + ": " + of})
}

// hide takes the line off the terminal.
func (m *meter) hide() {
	if m.wide > 0 {
		fmt.Fprintf(m.out, "\r%s\r", strings.Repeat(" ", m.wide))
		m.wide, m.label = 0, ""
	}
}

// layout returns a reading as a line of so many columns at most: what stands before the
// bar, the bar, and what stands after it.
func (r reading) layout(columns int) (before, bar, after string) {
	const least, most = 6, 24 // columns of a bar
	before = "  " + r.label
	details := r.details
	if r.share >= 0 {
		details = append([]string{fmt.Sprintf("%3.0f %%", 100*min(r.share, 1))}, details...)
	}
	room := func() int {
		after = ""
		if len(details) > 0 {
			after = "   " + strings.Join(details, "   ")
		}
		return columns - report.Width(before+after)
	}
	for room() < 0 && len(details) > 0 || r.share >= 0 && room() < least+1 && len(details) > 1 {
		details = details[:len(details)-1]
	}
	if size := min(room()-1, most); r.share >= 0 && size >= least {
		return before + " ", drawBar(size, r.share), strings.TrimPrefix(after, " ")
	}
	return report.Fit(before+after, columns), "", ""
}

// drawBar returns a bar of so many columns.
func drawBar(size int, share float64) string {
	halves := int(min(max(share, 0), 1) * float64(2*size))
	return strings.Repeat("━", halves/2) + strings.Repeat("╸", halves%2) + strings.Repeat(" ", size-halves/2-halves%2)
}

// wait shows what is waited for and for how long, from the first second on, until the
// function that it returns is called. Nothing else may write to out before.
func wait(out io.Writer, what string) (end func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		m, start, tick := newMeter(out), time.Now(), time.NewTicker(time.Second)
		defer tick.Stop()
		defer m.hide()
		for {
			select {
			case <-tick.C:
				took := time.Since(start).Round(time.Second)
				m.show(reading{label: what, share: -1, details: []string{took.String()}, plain: fmt.Sprintf("%s: %v", what, took)})
			case <-stop:
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-stopped
	})
}

// compileShaders is what is waited for until an adapter has run what it shall run: many
// drivers compile at the first use.
const compileShaders = "compile shaders"
