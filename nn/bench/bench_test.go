package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
)

// smallest are settings that are short enough for a test. Most of the time goes into compiling.
// Prediction uses the kernels of training.
func smallest() Settings {
	return Settings{Variants: slices.Clone(nn.Poolings), Batch: 4, Predict: []int{4}, Seconds: 0.001, Rounds: 2, Copy: 1 << 16}
}

// A run measures each kernel of each variant and everything else that it promises. All numbers
// are finite and above 0, and the report is read back unchanged.
func TestRun(t *testing.T) {
	dev := enginetest.Open(t)
	const tuned = "forward Conv2d(3, 32, kernel_size=(5, 5), stride=(4, 4), padding=(2, 2))(3, 32, 32)*4"
	settings, tiling := smallest(), nn.TilingFor(dev.Adapter())
	tiling.Workgroup = 8
	settings.Tilings.Of = nn.TilingsByKey{tuned: tiling}
	var parts []string
	one, err := Run(context.Background(), dev, settings, func(part string, done, total int) {
		if done != len(parts) || total != 30 {
			t.Errorf("%s: %d of %d done, want %d of 30", part, done, total, len(parts))
		}
		parts = append(parts, part)
	})
	if err != nil {
		t.Fatal(err)
	}
	if one.Default != nn.TilingFor(dev.Adapter()) || one.Of[tuned] != tiling {
		t.Errorf("the report has the tilings %+v", one.Tilings)
	}
	if len(parts) != 30 {
		t.Errorf("parts %q, want 30", parts)
	}
	count := map[string]int{}
	for _, m := range one.Measurements {
		count[string(m.Group)]++
		if m.Group == Kernels {
			variant, kernel, _ := strings.Cut(m.Name, " ")
			file, _, _ := strings.Cut(kernel, ".")
			count[variant+" "+file]++
			if m.Bytes == 0 || m.Code == "" || m.Perfect.Seconds <= 0 || m.Perfect.Bound == "" {
				t.Errorf("%s: %+v", m.Name, m)
			}
		}
		if m.Group == Training && m.Perfect.Seconds <= 0 {
			t.Errorf("%s has no perfect time", m.Name)
		}
	}
	for what, want := range map[string]int{"training": 4, "prediction": 4, "peaks": 7, "overhead": 4, "copies": 3} {
		if count[what] != want {
			t.Errorf("%d of %s, want %d", count[what], what, want)
		}
	}
	for _, variant := range nn.Poolings {
		for _, file := range []string{"normalize", "conv2d", "sgd"} {
			if count[variant+" "+file] == 0 {
				t.Errorf("no kernel of %s.wgsl in %s", file, variant)
			}
		}
	}
	r := Report{Schema: Schema, Version: "v1", Settings: smallest(), Adapters: []AdapterReport{one}}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", again), fmt.Sprintf("%+v", r); got != want {
		t.Errorf("read back as\n%s\nwant\n%s", got, want)
	}
	for _, want := range []string{"kernels", "share  bound", "perfect", "images/s", "base batch 4", "on the device 0.0625 MiB", string(one.Measurements[0].Method)} {
		if !strings.Contains(one.Table(0), want) {
			t.Errorf("the table lacks %q:\n%s", want, one.Table(0))
		}
	}
}

// Step measures the training step of the first variant alone.
func TestStep(t *testing.T) {
	dev := enginetest.Open(t)
	m, err := Step(context.Background(), dev, smallest())
	if err != nil || m.check() != nil || m.Group != Training || m.Name != "base batch 4" || m.Images != 4 {
		t.Errorf("got %+v, %v, %v", m, err, m.check())
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Step(stopped, dev, smallest()); err != context.Canceled {
		t.Errorf("stopped: got %v", err)
	}
}

// The GPU's work, timed only by the host's clock, gives sane figures.
func TestDifferences(t *testing.T) {
	dev := enginetest.Open(t)
	w, err := newStopwatch(context.Background(), dev, smallest())
	if err != nil {
		t.Fatal(err)
	}
	defer w.release()
	if w.timer != nil {
		w.timer.Release()
		w.timer = nil
	}
	r := &run{ctx: context.Background(), dev: dev, settings: smallest(), watch: w, times: map[key][]float64{}}
	if err := r.overhead(); err != nil {
		t.Fatal(err)
	}
	if m := r.report.Measurements[1]; m.Method != Differences && m.Method != HostClock {
		t.Errorf("%s was timed by %s without a timer", m.Name, m.Method)
	}
}

func TestRunStopped(t *testing.T) {
	dev := enginetest.Open(t)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Run(ctx, dev, smallest(), func(part string, _, _ int) {
		if part == "base: training" {
			cancel()
		}
	})
	if err != context.Canceled {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestSettingsCheck(t *testing.T) {
	for _, s := range []Settings{Standard(), Quick(), smallest()} {
		if err := s.Check(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for want, change := range map[string]func(*Settings){
		`variant "median"`:     func(s *Settings) { s.Variants = append(s.Variants, "median") },
		`variant "base"`:       func(s *Settings) { s.Variants = append(s.Variants, "base") },
		"batch of 0":           func(s *Settings) { s.Batch = 0 },
		"batch of -1":          func(s *Settings) { s.Predict = []int{-1} },
		"is chosen twice":      func(s *Settings) { s.Predict = []int{8, 8} },
		"0 seconds":            func(s *Settings) { s.Seconds = 0 },
		"0 rounds":             func(s *Settings) { s.Rounds = 0 },
		"copies of 3 bytes":    func(s *Settings) { s.Copy = 3 },
		"1e+09 seconds":        func(s *Settings) { s.Seconds = 1e9 },
		"want 1 to 65536":      func(s *Settings) { s.Batch = 1 << 20 },
		"want above 0, at mos": func(s *Settings) { s.Seconds = -1 },
	} {
		s := smallest()
		change(&s)
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error with %q", s, err, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{
		1: "1.00 s", 75.25: "75.2 s", 0.9996: "1.00 s", 0.0125: "12.5 ms", 1.5e-6: "1.50 µs", 999.9e-6: "1.00 ms", 2e-9: "2.00 ns", 1234: "1234 s", 1e-12: "0.00100 ns",
	} {
		if got := Duration(seconds); got != want {
			t.Errorf("%v: got %q, want %q", seconds, got, want)
		}
	}
}
