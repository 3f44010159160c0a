package main

import (
	"os"
	"os/exec"
	"testing"
)

// What a process holds counts what the processes that it started hold.
func TestTake(t *testing.T) {
	alone := take(os.Getpid())
	if alone.memory < 1024 || alone.files < 3 || alone.threads < 2 {
		t.Errorf("this process: %+v", alone)
	}
	c := exec.Command("sleep", "1000")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Kill()
	both, child := take(os.Getpid()), take(c.Process.Pid)
	if child.threads != 1 || child.files < 3 || both.files < alone.files+child.files {
		t.Errorf("alone %+v, with a child %+v, the child %+v", alone, both, child)
	}
	if ended := take(1 << 30); ended != (sample{}) {
		t.Errorf("a process that ended: %+v", ended)
	}
}

// A fifth is told by its median, which a moment's peak does not change.
func TestFifths(t *testing.T) {
	var samples []sample
	for i := range 100 {
		s := sample{1000 + i/20, 10, 5}
		if i%10 == 3 {
			s = sample{9000, 30, 50}
		}
		samples = append(samples, s)
	}
	parts, err := fifths(samples)
	if want := [5]sample{{1000, 10, 5}, {1001, 10, 5}, {1002, 10, 5}, {1003, 10, 5}, {1004, 10, 5}}; err != nil || parts != want {
		t.Errorf("got %v, %v", parts, err)
	}
	if _, err := fifths(samples[:49]); err == nil {
		t.Error("49 samples are enough")
	}
}

func TestGrowth(t *testing.T) {
	first := sample{memory: 100_000, files: 20, threads: 12}
	for _, c := range []struct {
		last sample
		ok   bool
	}{
		{first, true},
		{sample{50_000, 15, 10}, true},
		{sample{113_000, 20, 20}, true},
		{sample{113_125, 20, 12}, false}, // 16 bytes a step
		{sample{100_000, 21, 12}, false},
		{sample{100_000, 20, 21}, false},
	} {
		if err := growth(first, c.last); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.last, err)
		}
	}
}
