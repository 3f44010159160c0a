package report

import "testing"

// Texts for these tests. Each comment tells how many columns the text takes.
const (
	apples = "りんご"        // 6
	cafe   = "cafe\u0301" // 4, the accent is a combining mark
	family = "👩‍👩‍👧"      // 2, five code points
	flag   = "🇩🇪"         // 2, two code points
	virama = "क\u094dष"   // a cluster with a virama
)

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "apple": 5, apples: 6, cafe: 4, family: 2, flag: 2, "한국": 4, "naïve": 5, "ｱ": 1} {
		if got := Width(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

// A text is cut between characters, never inside one.
func TestClip(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"palm_tree", 9, "palm_tree"}, {"palm_tree", 8, "palm_tr…"}, {"palm_tree", 1, "…"},
		{apples, 6, apples}, {apples, 5, "りん…"}, {apples, 4, "り…"}, {cafe, 4, cafe}, {cafe + "s", 4, "caf…"},
		{family + flag, 3, family + "…"}, {family + flag, 2, "…"}, {virama, 9, virama},
	} {
		if got := Clip(c.text, c.columns); got != c.want {
			t.Errorf("%q in %d columns: got %q, want %q", c.text, c.columns, got, c.want)
		}
	}
	for columns := range 20 {
		if text := apples + cafe + family + flag; Width(Fit(text, columns)) > columns {
			t.Errorf("%d columns: got %q", columns, Fit(text, columns))
		}
	}
}

// Columns align in any script.
func TestAlignWidths(t *testing.T) {
	rows := [][]string{{"class", "rows"}, {apples, "1"}, {cafe, "22"}, {family, "333"}}
	want := "class   rows\n" + apples + "     1\n" + cafe + "      22\n" + family + "       333\n"
	if got := align(rows, 1); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	Shorten(rows, 0)
	if rows[1][0] != apples {
		t.Errorf("columns 0: the cell was cut to %q", rows[1][0])
	}
	long := [][]string{{apples + apples + apples + apples, "1,234"}}
	if Shorten(long, 20); long[0][0] != apples+apples+"…" {
		t.Errorf("got %q", long[0][0])
	}
}
