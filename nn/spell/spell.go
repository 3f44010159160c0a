// Package spell finds what somebody meant who mistyped a word.
package spell

// most is how many letters of a word may be mistyped.
const most = 2

// Nearest returns the one of words that comes nearest to what was typed, or false where
// none of them is alike: more than two letters, or more than half of its own, are other ones.
// Of several as near, it is the first.
func Nearest(typed string, words []string) (string, bool) {
	nearest, least := "", most+1
	for _, word := range words {
		if d := distance(typed, word); d < least && 2*d <= len(word) {
			nearest, least = word, d
		}
	}
	return nearest, least <= most
}

// distance returns the number of letters to put in, take out or change to turn a
// into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
