package terminal

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"wgpucnn/nn/report"
)

// Say prints a text. On a terminal it breaks the lines that are too long, and writes signs that the
// terminal shows.
func Say(out io.Writer, format string, args ...any) {
	fmt.Fprint(out, Legible(out, fold(fmt.Sprintf(format, args...), Columns(out))))
}

// named finds a name at the beginning of a line with the blanks after it: "data     ".
var named = regexp.MustCompile(`^ *\S+(?: \S+)? {2,}`)

// fold breaks the lines of a text that have more columns. It breaks none if columns is 0. The rest
// of a line stands below the text that it belongs to.
func fold(text string, columns int) string {
	if columns <= 0 {
		return text
	}
	var folded strings.Builder
	for line := range strings.Lines(text) {
		begin := line[:len(line)-len(strings.TrimLeft(line, " "))]
		if name := named.FindString(line); name != "" && report.Width(name) <= 3*columns/5 {
			begin = name
		}
		begin = report.Fit(begin, 3*columns/5)
		for report.Width(strings.TrimRight(line, "\n")) > columns {
			at := cut(line, len(begin), columns)
			if at < 0 {
				break
			}
			folded.WriteString(strings.TrimRight(line[:at], " ") + "\n")
			begin = strings.Repeat(" ", report.Width(begin))
			line = begin + strings.TrimLeft(line[at:], " ")
		}
		folded.WriteString(line)
	}
	return folded.String()
}

// cut returns where to break a line that is too long, behind its first hang bytes. The best place
// is the last gap of several blanks within columns. The next best is the last blank within
// columns, then the first blank after them. It returns -1 if there is no blank.
func cut(line string, hang, columns int) int {
	fits := max(len(report.Fit(line, columns)), hang)
	if at := strings.LastIndex(line[hang:fits], "  "); at > 0 {
		return hang + at
	}
	if at := strings.LastIndex(line[hang:min(fits+1, len(line))], " "); at > 0 {
		return hang + at
	}
	if at := strings.Index(line[fits:], " "); at >= 0 {
		return fits + at
	}
	return -1
}

// Reflow breaks the paragraphs of a text anew for a width of columns. A paragraph never becomes
// wider than is easy to read. Indented lines, such as examples, are folded alone. Reflow returns
// the text unchanged if columns is 0.
func Reflow(text string, columns int) string {
	if columns <= 0 {
		return text
	}
	const most = 88
	var flowed strings.Builder
	paragraph := ""
	end := func() {
		if paragraph != "" {
			flowed.WriteString(fold(paragraph+"\n", min(columns, most)))
		}
		paragraph = ""
	}
	for line := range strings.Lines(text) {
		if line == "\n" || line[0] == ' ' {
			end()
			flowed.WriteString(fold(line, columns))
			continue
		}
		if paragraph != "" {
			paragraph += " "
		}
		paragraph += strings.TrimRight(line, "\n")
	}
	end()
	return flowed.String()
}
