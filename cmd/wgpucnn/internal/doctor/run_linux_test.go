package doctor

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine"
)

// A process that ends badly, hangs or writes without end becomes an outcome.
func TestRun(t *testing.T) {
	run := func(limit time.Duration, script string) Output {
		return Run(context.Background(), Command{Program: "/bin/sh", Args: []string{"-c", script}, Env: map[string]string{"GIVEN": "a", "HOME": ""}, Limit: limit})
	}
	t.Setenv("GIVEN", "b")
	for script, want := range map[string]Outcome{
		`echo '[]'`: {},
		`echo '[]'; echo "wgpucnn: $GIVEN, ${HOME-none}" >&2`:                              {Line: "a, none"},
		`echo "wgpucnn: no such adapter" >&2; exit 1`:                                      {Line: "no such adapter"},
		`echo noise >&2; kill -SEGV $$`:                                                    {Crash: "signal: segmentation fault"},
		`echo "wgpucnn: a warning" >&2; echo "SIGABRT: abort" >&2; exit 2`:                 {Crash: "SIGABRT: abort"},
		`echo "thread '<unnamed>' panicked at 'x'" >&2; echo "SIGABRT: abort" >&2; exit 2`: {Crash: "thread '<unnamed>' panicked at 'x'"},
		`exit 3`: {Crash: "exit status 3"},
		`echo {`: {Crash: "its answer cannot be read"},
	} {
		var adapters []engine.Adapter
		o := run(time.Minute, script)
		got := outcome(o, time.Minute, &adapters)
		got.Crash = strings.TrimSuffix(got.Crash, " (core dumped)")
		if got != want {
			t.Errorf("%s: got %+v of %+v, want %+v", script, got, o, want)
		}
	}
	if o := run(50*time.Millisecond, "exec sleep 1000"); outcome(o, 50*time.Millisecond, nil) != (Outcome{Hung: "50ms"}) {
		t.Errorf("a process that hangs: got %+v", o)
	}
	if o := run(time.Minute, "head -c 3000000 /dev/zero"); len(o.Out) != maxOutput || o.Failed != nil {
		t.Errorf("a process that writes much: %d bytes, %v", len(o.Out), o.Failed)
	}
	if o := Run(context.Background(), Command{Program: "/nowhere", Limit: time.Minute}); o.Failed == nil || o.Hung {
		t.Errorf("no program: got %+v", o)
	}
	if got := environment([]string{"A=1", "B=2"}, map[string]string{"A": "", "C": "3"}); !slices.Equal(got, []string{"B=2", "C=3"}) {
		t.Errorf("got %q", got)
	}
}
