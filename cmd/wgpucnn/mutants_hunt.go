package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/trial"
	"wgpucnn/shaders/mutate"
)

// hunt runs a command on other texts of a file.
type hunt struct {
	file    *trial.File
	path    string // of the file, as the user wrote it
	command []string
	took    time.Duration // by the command, without a defect
	limit   time.Duration // 0 for none
}

// The command may take limitFactor times as long as without a defect, and leastLimit at least.
const (
	limitFactor = 5
	leastLimit  = 10 * time.Second
)

// What prepare adds to a file. The comment is another one each time, because "go test" does not
// repeat what has passed before.
const (
	addedComment = "\n// wgpucnn mutants adds this comment for a moment: %d\n"
	addedFault   = "\n\nwgpucnn mutants makes this no WGSL for a moment\n"
)

var addedPattern = regexp.MustCompile(`^` + strings.Replace(addedComment, "%d", `\d+`, 1) + `$`)

// isTrial tells whether a text is one that mutants makes of an original.
func isTrial(original, text string) bool {
	if added, ok := strings.CutPrefix(text, original); ok {
		return added == addedFault || addedPattern.MatchString(added)
	}
	for _, m := range mutate.Of(original) {
		if m.Apply(original) == text {
			return true
		}
	}
	return false
}

// prepare checks that the command judges the shader, and measures how long it takes.
func (h *hunt) prepare(ctx context.Context) error {
	comment := fmt.Sprintf(addedComment, time.Now().UnixNano())
	for _, check := range []struct {
		added  string
		passes bool
		fault  string
	}{
		{"", true, "fails with %s as it is: make it pass first"},
		{comment, true, "fails if %s has a comment more: want one that judges what the shader computes"},
		{addedFault, false, "passes if %s is no WGSL: does it run the shader, and does it fail without an adapter?"},
	} {
		o, err := h.run(ctx, h.file.Text+check.added)
		if err != nil {
			return err
		}
		if o.Passed != check.passes {
			return fmt.Errorf("mutants: the command "+check.fault, h.path)
		}
		if check.added == comment {
			h.took, h.limit = o.Took, max(leastLimit, limitFactor*o.Took)
		}
	}
	return nil
}

// run runs the command on a text.
func (h *hunt) run(ctx context.Context, text string) (trial.Outcome, error) {
	if err := h.file.Put(text); err != nil {
		return trial.Outcome{}, fmt.Errorf("mutants: %w", err)
	}
	o, err := trial.Run(ctx, h.command, h.limit)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("mutants: %w", err)
	}
	return o, err
}

// verdict is what became of a mutant.
type verdict string

const (
	killed   verdict = "killed"
	survived verdict = "survived"
	invalid  verdict = "invalid"
	timedOut verdict = "timed out"
)

var verdicts = []verdict{killed, survived, invalid, timedOut}

// notCompiled finds the words with which programs say that WGSL does not compile: this one, naga (wgpu,
// Firefox, Deno), and Tint (Dawn, Chromium).
var notCompiled = regexp.MustCompile(`does not compile|(?i:shader ('[^']*' )?(parsing|validation) error|error while parsing WGSL)`)

// judge runs the command on a mutant.
func (h *hunt) judge(ctx context.Context, m mutate.Mutant) (verdict, time.Duration, error) {
	o, err := h.run(ctx, m.Apply(h.file.Text))
	switch {
	case err != nil:
		return "", 0, err
	case o.Passed:
		return survived, o.Took, nil
	case o.TimedOut:
		return timedOut, o.Took, nil
	case notCompiled.MatchString(o.Output):
		return invalid, o.Took, nil
	}
	return killed, o.Took, nil
}
