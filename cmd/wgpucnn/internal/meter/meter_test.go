package meter

import (
	"bytes"
	"testing"
	"time"

	"wgpucnn/nn/report"
)

func TestReading(t *testing.T) {
	whole := Reading{Label: "train", Share: 0.5, Details: []string{"epoch 3/6", "2s left", "test loss 1.093 acc 34.3", "20.0 steps/s"}}
	for _, c := range []struct {
		Reading
		columns int
		want    string
	}{
		{whole, 100, "  train ━━━━━━━━━━             50 %   epoch 3/6   2s left   test loss 1.093 acc 34.3   20.0 steps/s"},
		{whole, 79, "  train ━━━━━━━          50 %   epoch 3/6   2s left   test loss 1.093 acc 34.3"},
		{whole, 59, "  train ━━━━━━━━━━╸             50 %   epoch 3/6   2s left"},
		{whole, 20, "  train    50 %"},
		{whole, 10, "  train"},
		{Reading{Label: "download", Share: -1, Details: []string{"12 MB"}}, 79, "  download   12 MB"},
		{Reading{Label: "all", Share: 1}, 79, "  all ━━━━━━━━━━━━━━━━━━━━━━━━  100 %"},
	} {
		before, bar, after := c.layout(c.columns)
		if got := before + bar + after; got != c.want {
			t.Errorf("%d columns: got\n%q, want\n%q", c.columns, got, c.want)
		}
	}
	for columns := range 120 {
		for _, r := range []Reading{whole, {Label: "りんご", Share: 0.3, Details: []string{"森 1", "👩‍👩‍👧 2"}}} {
			before, bar, after := r.layout(columns)
			if got := report.Width(before + bar + after); got > columns {
				t.Errorf("%s, %d columns: got %d", r.Label, columns, got)
			}
		}
	}
}

// Without a terminal a line comes now and then.
func TestMeter(t *testing.T) {
	var out bytes.Buffer
	m := New(&out)
	m.Count("images", 1, 2000)
	m.spoke = time.Now().Add(-plainEvery)
	m.Count("images", 1500, 2000)
	m.Count("images", 1600, 2000)
	m.Hide()
	if got, want := out.String(), "  images: 1,500 of 2,000\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTransfer(t *testing.T) {
	var out bytes.Buffer
	transfer := NewTransfer(&out)
	tell := func(step string, done, total int64) {
		transfer.start, transfer.meter.spoke = time.Now().Add(-10*time.Second), time.Now().Add(-plainEvery)
		transfer.Show(step, done, total)
	}
	transfer.Show("download", 60e6, 169e6) // 60 MB were there before
	tell("download", 70e6, 169e6)
	tell("download", 169e6, 169e6)
	tell("unpack", 1e6, 169e6)
	tell("unpack", 85e6, -1)
	want := "  download: 70 of 169 MB, 1m39s left, 1.0 MB/s\n  download: 169 of 169 MB, 0s left, 10.9 MB/s\n" +
		"  unpack: 1 of 169 MB\n  unpack: 85 MB, 8.4 MB/s\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// A wait of less than a second writes nothing.
func TestWait(t *testing.T) {
	var out bytes.Buffer
	end := Wait(&out, "compile shaders")
	end()
	end()
	if out.Len() > 0 {
		t.Errorf("got %q", &out)
	}
}

func TestDrawBar(t *testing.T) {
	for share, want := range map[float64]string{-1: "    ", 0: "    ", 0.1: "    ", 0.13: "╸   ", 0.5: "━━  ", 0.99: "━━━╸", 1: "━━━━", 2: "━━━━"} {
		if got := drawBar(4, share); got != want {
			t.Errorf("%v: got %q, want %q", share, got, want)
		}
	}
}
