package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Command is a process that tells something. Env is added to the environment; an empty value
// removes a variable.
type Command struct {
	Program string // "" is this program itself
	Args    []string
	Env     map[string]string
	Limit   time.Duration
}

// Output is what a process wrote before its end.
type Output struct {
	Out, Err string
	Failed   error // of a process that did not start, or whose exit status is not 0
	Hung     bool  // it was ended because it took longer than its limit
}

// Run runs a command. Drivers can end the process that asks them, or hang, so they are asked in a
// process of their own.
func Run(ctx context.Context, c Command) Output {
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	if c.Program == "" {
		self, err := os.Executable()
		if err != nil {
			return Output{Failed: err}
		}
		c.Program = self
	}
	var out, errs bounded
	child := exec.CommandContext(ctx, c.Program, c.Args...)
	child.Env = environment(os.Environ(), c.Env)
	child.Stdout, child.Stderr = &out, &errs
	child.WaitDelay = time.Second // for processes that it has started and that hold its pipes
	err := child.Run()
	return Output{out.text.String(), errs.text.String(), err, ctx.Err() == context.DeadlineExceeded}
}

// environment returns variables with others in their place.
func environment(variables []string, others map[string]string) []string {
	var all []string
	for _, v := range variables {
		name, _, _ := strings.Cut(v, "=")
		if _, replaced := others[name]; !replaced {
			all = append(all, v)
		}
	}
	for name, value := range others {
		if value != "" {
			all = append(all, name+"="+value)
		}
	}
	return all
}

// bounded keeps the first bytes that are written to it. A broken driver may write without end.
type bounded struct{ text strings.Builder }

const maxOutput = 1 << 20

func (b *bounded) Write(data []byte) (int, error) {
	b.text.Write(data[:min(len(data), maxOutput-b.text.Len())])
	return len(data), nil
}

// Outcome is how a process of this program ended.
type Outcome struct {
	Line  string `json:"line,omitempty"`  // the program's warning or error
	Crash string `json:"crash,omitempty"` // why the process ended without an answer
	Hung  string `json:"hung,omitempty"`  // the time after which it was ended
}

// dumps begin the lines by which Go and Rust report the end of a process.
var dumps = []string{"SIG", "fatal error:", "panic:", "thread '"}

// outcome reads the answer of a process of this program into value.
func outcome(o Output, limit time.Duration, value any) Outcome {
	if o.Hung {
		return Outcome{Hung: limit.String()}
	}
	var line, dump string
	for text := range strings.Lines(o.Err) {
		text = strings.TrimSpace(text)
		if said, ok := strings.CutPrefix(text, "wgpucnn: "); ok {
			line = said
		}
		for _, begin := range dumps {
			if strings.HasPrefix(text, begin) && dump == "" {
				dump = text
			}
		}
	}
	switch {
	case o.Failed == nil && json.Unmarshal([]byte(o.Out), value) == nil:
		return Outcome{Line: line}
	case o.Failed == nil:
		return Outcome{Crash: "its answer cannot be read"}
	case dump != "":
		return Outcome{Crash: dump}
	case line != "":
		return Outcome{Line: line}
	}
	return Outcome{Crash: fmt.Sprint(o.Failed)}
}
