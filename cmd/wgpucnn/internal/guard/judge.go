//go:build !js

package guard

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/signals"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
)

// kind is how a child ended.
type kind int

const (
	itself  kind = iota // with an exit status
	ours                // by a bug in this program
	lost                // the adapter was lost
	memory              // the adapter's memory is full
	crashed             // wgpu or a driver failed in another way
	hung                // killed by the parent
	killed              // killed by another process or the system
)

// judge says how a child ended. It returns the exit status, or false if another child is to go on.
func (p *parent) judge(c *child) (status int, over bool) {
	end, what := p.end(c)
	switch {
	case end == itself || end == ours:
		os.Stderr.Write(c.dump.held.Bytes())
		return c.ProcessState.ExitCode(), true
	case p.by != 0:
		p.say("stopped: " + what + p.goesOn())
		return p.by.Status(), true
	case end == killed:
		p.say(what + p.goesOn())
		state := c.ProcessState.Sys().(syscall.WaitStatus)
		return signals.Caught(state.Signal()).Status(), true
	case end == memory:
		p.say(what + ": close other programs that use it, or choose a smaller batch" + p.goesOn())
		return 1, true
	case !p.again:
		p.say(what + ": run again, with a smaller batch if this repeats")
		return 1, true
	case p.inRow == MostRestarts:
		p.say(fmt.Sprintf("%s, %d times without a new checkpoint: choose a smaller batch or another adapter, or update the driver%s", what, MostRestarts+1, p.goesOn()))
		return 1, true
	}
	p.restarts++
	p.inRow++
	from := "starting again"
	if p.told.Resume != nil {
		p.args = p.told.Resume
		if epoch := p.saved[p.told.Network]; epoch > 0 {
			from = fmt.Sprintf("going on from epoch %d", epoch)
		}
	}
	p.say(what + ": " + from + ", with submissions half as long")
	return 0, false
}

// asks are the signals that end a process on somebody's order, not by its own fault. The system sends
// SIGKILL if its memory is full.
var asks = []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// end returns how a child ended, and says it in words.
func (p *parent) end(c *child) (kind, string) {
	told, cause := c.dump.cause()
	state, _ := c.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case c.done && c.lost == "":
		return itself, ""
	case c.killed != "":
		return hung, c.killed
	case c.lost != "":
		return lost, p.adapter() + " " + c.lost + p.place()
	case told == lost:
		return lost, p.adapter() + " was lost" + p.place()
	case told == memory:
		return memory, "not enough memory left on " + p.adapter() + " for the commands of a submission" + p.place()
	case told == ours:
		return ours, ""
	case told == crashed:
		return crashed, fmt.Sprintf("the driver of %s failed%s (%s)", p.adapter(), p.place(), cause)
	case state.Signaled() && slices.Contains(asks, state.Signal()):
		return killed, fmt.Sprintf("the process was ended by signal %v%s", state.Signal(), p.place())
	}
	return crashed, fmt.Sprintf("the driver of %s ended the process%s (%v)", p.adapter(), p.place(), c.ProcessState)
}

// adapter returns the name of the adapter.
func (p *parent) adapter() string {
	if p.told.Adapter == "" {
		return "the adapter"
	}
	return p.told.Adapter
}

// place returns how far the training was.
func (p *parent) place() string {
	switch {
	case p.told.Network == "":
		return ""
	case p.told.Epoch == 0:
		return " in the first epoch of " + p.told.Network
	}
	return fmt.Sprintf(" after epoch %d of %s", p.told.Epoch, p.told.Network)
}

// hangs says that a driver has not answered for so long.
func (p *parent) hangs(silent time.Duration) string {
	return fmt.Sprintf("the driver of %s hangs%s (no answer for %v)", p.adapter(), p.place(), silent)
}

// goesOn returns the end of a line: the command that goes on.
func (p *parent) goesOn() string {
	if p.told.Command == "" {
		return ""
	}
	return "; " + p.told.Command + " goes on"
}

// say prints a line for the user, in place of a line of progress.
func (p *parent) say(text string) {
	if columns := terminal.Columns(os.Stderr); columns > 0 && os.Getenv("TERM") != "dumb" {
		fmt.Fprintf(os.Stderr, "\r%s\r", strings.Repeat(" ", columns-1))
	}
	fmt.Fprintf(os.Stderr, "%s %s\n", terminal.Red.Paint(os.Stderr, "wgpucnn:"), text)
}
