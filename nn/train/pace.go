package train

import "time"

// Submission is how long a submission should keep the GPU: so long that the cost
// of submitting vanishes, short enough for a desktop to stay alive, for progress
// to be seen, and for Ctrl-C to be heard.
const Submission = 250 * time.Millisecond

// pace finds how many steps a submission should hold.
type pace struct {
	aim     time.Duration // of a submission
	perStep time.Duration // measured, 0 at first
	last    int           // steps of the submission measured last
	ended   time.Time     // when it ended
}

// steps returns the steps of the next submission: one at first, then at most
// four times as many as were measured last.
func (p *pace) steps() int {
	if p.perStep <= 0 {
		return 1
	}
	return max(1, min(int(p.aim/p.perStep), 4*p.last))
}

// took takes note of a submission of n steps. The GPU began with it when it was
// submitted, or when the one before it ended.
func (p *pace) took(n int, submitted, ended time.Time) {
	if p.ended.After(submitted) {
		submitted = p.ended
	}
	p.perStep = max(ended.Sub(submitted)/time.Duration(n), 1)
	p.last, p.ended = n, ended
}
