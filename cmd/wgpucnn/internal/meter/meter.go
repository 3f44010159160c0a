// Package meter shows how far something is: in a line of the terminal that is written over, or in
// a new line now and then if there is no terminal.
package meter

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/report"
)

// plainEvery is the time from one line to the next without a terminal, and barEvery the time from
// one picture of the bar to the next on a terminal.
const (
	plainEvery = 5 * time.Second
	barEvery   = 100 * time.Millisecond
)

// Meter shows one reading after another.
type Meter struct {
	out   io.Writer
	spoke time.Time // when it wrote the last line
	label string    // of that line
	wide  int       // columns of the line that is on the terminal, 0 for none
}

// New returns a meter that shows nothing yet.
func New(out io.Writer) *Meter { return &Meter{out: out, spoke: time.Now()} }

// Reading is what a meter shows.
type Reading struct {
	Label   string   // what goes on; a new label is shown at once
	Share   float64  // the share that is done, below 0 if it is unknown
	Details []string // the most important first: a narrow terminal lacks the last
	Plain   string   // the line without a terminal, "" for none
}

// Show shows a reading, unless the last one was shown a moment ago.
func (m *Meter) Show(r Reading) {
	since := time.Since(m.spoke)
	switch {
	case !terminal.Is(m.out) || os.Getenv("TERM") == "dumb":
		if since >= plainEvery && r.Plain != "" {
			m.spoke = time.Now()
			fmt.Fprintf(m.out, "  %s\n", r.Plain)
		}
	case since >= barEvery || m.wide == 0 || r.Label != m.label:
		m.spoke, m.label = time.Now(), r.Label
		before, bar, after := r.layout(terminal.Columns(m.out) - 1) // a full line may wrap
		wide := report.Width(before + bar + after)
		blank := strings.Repeat(" ", max(m.wide-wide, 0))
		fmt.Fprintf(m.out, "\r%s%s%s%s", before, terminal.Cyan.Paint(m.out, terminal.Legible(m.out, bar)), terminal.Legible(m.out, after), blank)
		m.wide = wide
	}
}

// Count shows how many things of a part are done.
func (m *Meter) Count(part string, done, total int) {
	of := fmt.Sprintf("%s of %s", report.Thousands(done), report.Thousands(total))
	m.Show(Reading{Label: part, Share: float64(done) / float64(max(total, 1)), Details: []string{of}, Plain: part + ": " + of})
}

// Hide takes the line off the terminal.
func (m *Meter) Hide() {
	if m.wide > 0 {
		fmt.Fprintf(m.out, "\r%s\r", strings.Repeat(" ", m.wide))
		m.wide, m.label = 0, ""
	}
}

// layout returns a reading as one line with at most so many columns: the text before the bar, the
// bar, and the text after it.
func (r Reading) layout(columns int) (before, bar, after string) {
	const least, most = 6, 24 // columns of a bar
	before = "  " + r.Label
	details := r.Details
	if r.Share >= 0 {
		details = append([]string{fmt.Sprintf("%3.0f %%", 100*min(r.Share, 1))}, details...)
	}
	room := func() int {
		after = ""
		if len(details) > 0 {
			after = "   " + strings.Join(details, "   ")
		}
		return columns - report.Width(before+after)
	}
	for room() < 0 && len(details) > 0 || r.Share >= 0 && room() < least+1 && len(details) > 1 {
		details = details[:len(details)-1]
	}
	if size := min(room()-1, most); r.Share >= 0 && size >= least {
		return before + " ", drawBar(size, r.Share), strings.TrimPrefix(after, " ")
	}
	return report.Fit(before+after, columns), "", ""
}

// drawBar returns a bar of so many columns.
func drawBar(size int, share float64) string {
	halves := int(min(max(share, 0), 1) * float64(2*size))
	return strings.Repeat("━", halves/2) + strings.Repeat("╸", halves%2) + strings.Repeat(" ", size-halves/2-halves%2)
}
