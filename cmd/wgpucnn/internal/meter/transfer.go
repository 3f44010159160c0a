package meter

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Transfer shows how the steps of an archive's way go: its download, its check, its unpacking.
type Transfer struct {
	meter *Meter
	step  string    // that goes on
	first int64     // bytes that were done when it began
	start time.Time // of it
}

// NewTransfer returns a transfer that shows nothing yet.
func NewTransfer(out io.Writer) *Transfer { return &Transfer{meter: New(out)} }

// Show shows that done bytes of total are done. A total below 0 is unknown.
func (t *Transfer) Show(step string, done, total int64) {
	if step != t.step {
		t.step, t.first, t.start = step, done, time.Now()
	}
	r := Reading{Label: step, Share: -1, Details: []string{fmt.Sprintf("%d MB", done/1e6)}}
	rate := float64(done-t.first) / time.Since(t.start).Seconds()
	if total > 0 {
		r.Share, r.Details[0] = float64(done)/float64(total), fmt.Sprintf("%d of %d MB", done/1e6, total/1e6)
	}
	if done > t.first {
		if total > 0 {
			left := time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second)
			r.Details = append(r.Details, fmt.Sprintf("%v left", left))
		}
		r.Details = append(r.Details, fmt.Sprintf("%.1f MB/s", rate/1e6))
	}
	r.Plain = step + ": " + strings.Join(r.Details, ", ")
	t.meter.Show(r)
}

// Hide takes the line off the terminal.
func (t *Transfer) Hide() { t.meter.Hide() }
