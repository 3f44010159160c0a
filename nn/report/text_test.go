package report

import (
	"slices"
	"testing"
)

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 21699: "21,699",
		123456: "123,456", 1234567: "1,234,567", -999: "-999", -1000: "-1,000"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestMega(t *testing.T) {
	for n, want := range map[int]string{0: "0.00 M", 454659: "0.45 M", 1340163: "1.34 M", 171540864: "171.54 M"} {
		if got := Mega(n); got != want {
			t.Errorf("Mega(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	rows := [][]string{{"", "time"}, {"a kernel of a long name", "1.00 ms"}, {"short", "2 s"}, {"é kernel of a name as long", "3 s"}}
	for columns, want := range map[int]string{
		35: "                               time\na kernel of a long name     1.00 ms\nshort                           2 s\né kernel of a name as long      3 s\n",
		27: "                       time\na kernel of a lon…  1.00 ms\nshort                   2 s\né kernel of a nam…      3 s\n",
		3:  "               time\na kernel …  1.00 ms\nshort           2 s\né kernel …      3 s\n",
	} {
		cut := slices.Clone(rows)
		for i := range cut {
			cut[i] = slices.Clone(rows[i])
		}
		Shorten(cut, columns)
		if got := align(cut, 1); got != want {
			t.Errorf("%d columns: got\n%s\nwant\n%s", columns, got, want)
		}
	}
}

func TestAlign(t *testing.T) {
	got := align([][]string{{"é", "b", "c"}, {"long", "12", "345"}, {"x"}}, 1)
	want := "é      b    c\nlong  12  345\nx\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBinary(t *testing.T) {
	for size, want := range map[uint64]string{
		0: "0 B", 5: "5 B", 1023: "1023 B", 1024: "1 KiB", 1025: "1.0 KiB", 1536: "1.5 KiB", 16384: "16 KiB",
		1<<20 - 1: "1.0 MiB", 1<<20 - 52: "1023.9 KiB", 1<<20 - 51: "1.0 MiB", 1 << 20: "1 MiB", 1<<20 + 1: "1.0 MiB", 128 << 20: "128 MiB",
		1<<30 - 1: "1.0 GiB", 1 << 30: "1 GiB", 1<<30 + 1: "1.0 GiB", 1<<31 - 1: "2.0 GiB", 1 << 31: "2 GiB", 1<<31 + 1<<29: "2.5 GiB", 1 << 40: "1024 GiB",
	} {
		if got := Binary(size); got != want {
			t.Errorf("%d: got %s, want %s", size, got, want)
		}
	}
}
