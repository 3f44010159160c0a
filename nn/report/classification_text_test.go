package report

import (
	"strings"
	"testing"
)

func TestTableOfConfusion(t *testing.T) {
	c := Confusion{[]string{"apple", "forest", "palm_tree"}, [][]int{{9998, 1, 1}, {0, 95, 5}, {3, 7, 90}}}
	want := `
true \ predicted  apple  forest  palm_tree
apple             9,998       1          1
forest                0      95          5
palm_tree             3       7         90
`
	if got := "\n" + c.Table(0); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

// scikit-learn 1.9.1 printed the wanted reports: classification_report(true, predicted,
// labels=range(k), target_names=names, digits=4, zero_division=0.0).
func TestClassificationReport(t *testing.T) {
	for _, c := range []struct {
		confusion Confusion
		want      string
	}{
		{Confusion{[]string{"apple", "forest", "palm_tree"}, [][]int{{98, 1, 1}, {0, 95, 5}, {3, 7, 90}}}, `
              precision    recall  f1-score   support

       apple     0.9703    0.9800    0.9751       100
      forest     0.9223    0.9500    0.9360       100
   palm_tree     0.9375    0.9000    0.9184       100

    accuracy                         0.9433       300
   macro avg     0.9434    0.9433    0.9432       300
weighted avg     0.9434    0.9433    0.9432       300
`},
		{Confusion{[]string{"a", "a rather long class", "b"}, [][]int{{5, 0, 0}, {2, 0, 1}, {0, 0, 0}}}, `
                     precision    recall  f1-score   support

                  a     0.7143    1.0000    0.8333         5
a rather long class     0.0000    0.0000    0.0000         3
                  b     0.0000    0.0000    0.0000         0

           accuracy                         0.6250         8
          macro avg     0.2381    0.3333    0.2778         8
       weighted avg     0.4464    0.6250    0.5208         8
`},
		{Confusion{[]string{"beaver", "dolphin", "ottér", "seal"},
			[][]int{{7, 0, 2, 1}, {1, 13, 0, 0}, {0, 4, 3, 2}, {0, 0, 0, 31}}}, `
              precision    recall  f1-score   support

      beaver     0.8750    0.7000    0.7778        10
     dolphin     0.7647    0.9286    0.8387        14
       ottér     0.6000    0.3333    0.4286         9
        seal     0.9118    1.0000    0.9538        31

    accuracy                         0.8438        64
   macro avg     0.7879    0.7405    0.7497        64
weighted avg     0.8300    0.8438    0.8273        64
`},
		{Confusion{[]string{"only"}, [][]int{{4}}}, `
              precision    recall  f1-score   support

        only     1.0000    1.0000    1.0000         4

    accuracy                         1.0000         4
   macro avg     1.0000    1.0000    1.0000         4
weighted avg     1.0000    1.0000    1.0000         4
`},
	} {
		if got := "\n" + c.confusion.ClassificationReport(0); got != c.want {
			t.Errorf("got%s\nwant%s", got, c.want)
		}
	}
	if got := (Confusion{}).ClassificationReport(0); strings.Contains(got, "NaN") {
		t.Errorf("no classes:\n%s", got)
	}
}

// Class names that are too long for the terminal, with characters of every width, leave the
// figures in their columns.
func TestNarrowClassificationReport(t *testing.T) {
	long := strings.Repeat("rose ", 10)
	c := Confusion{[]string{long, "りんごりんごりんごりんごりんご", "cafe\u0301", "👩‍👩‍👧"}, [][]int{{5, 0, 0, 0}, {0, 5, 0, 0}, {0, 0, 5, 0}, {0, 0, 0, 5}}}
	for _, columns := range []int{38, 48, 60, 70, 80} {
		for line := range strings.Lines(c.ClassificationReport(columns)) {
			line = strings.TrimSuffix(line, "\n")
			if got := Width(line); got > columns || strings.HasSuffix(line, " 5") && got != columns {
				t.Errorf("%d columns: %d in %q", columns, got, line)
			}
		}
	}
	if head, _, _ := strings.Cut(c.ClassificationReport(38), "\n"); !strings.HasSuffix(head, "   f1-score   support") || strings.Contains(head, "recall") {
		t.Errorf("38 columns: head %q", head)
	}
	if !strings.Contains(c.ClassificationReport(0), long) {
		t.Error("names are cut although there is room")
	}
}

// A confusion matrix that is too wide is split into parts, and numbers replace the names of the
// predicted classes.
func TestNarrowTable(t *testing.T) {
	var c Confusion
	for i := range 12 {
		c.Classes = append(c.Classes, []string{"palm_tree", "りんご", "a very long name of a class"}[i%3])
		c.Counts = append(c.Counts, make([]int, 12))
		c.Counts[i][0] = i
		c.Counts[i][i] = 1000 + i
	}
	want := `
true \ predicted      1      2      3      4
 1 palm_tree      1,000      0      0      0
 2 りんご             1  1,001      0      0
 3 a very long …      2      0  1,002      0
 4 palm_tree          3      0      0  1,003
`
	got := c.Table(45)
	if !strings.HasPrefix("\n"+got, want) {
		t.Errorf("got\n%s, want it to begin with%s", got, want)
	}
	if parts := strings.Count(got, "true \\ predicted"); parts != 3 || strings.Count(got, "12 a very long …") != 3 || !strings.Contains(got, "1,011") {
		t.Errorf("%d parts: want 3 of 4 columns each:\n%s", parts, got)
	}
	for _, columns := range []int{24, 45, 60, 80} {
		for line := range strings.Lines(c.Table(columns)) {
			if got := Width(strings.TrimSuffix(line, "\n")); got > columns {
				t.Errorf("%d columns: %d in %q", columns, got, line)
			}
		}
	}
	if got := (Confusion{}).Table(10); got != "true \\ predicted\n" {
		t.Errorf("no classes: %q", got)
	}
}
